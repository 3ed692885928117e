//! `chancery agent proxy`

mod body;
mod fault;
mod forward;
mod headers;
mod key;
mod target;

use super::home::Which;
use super::token_file::last_renewal;
use super::{descriptors, log};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::runtime;
use crate::terminal::Terminal;
use chancery_issuer::serve::{Limits, serve_router};
use forward::Forward;
use key::Key;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use target::Target;
use tokio::net::TcpListener;

/// Programs send cookies and long tokens of their own.
const HEAD_BYTES: usize = 64 * 1024;
/// Connections at once. Other users of this machine can open some, too; each takes two descriptors at most.
const CONNECTIONS: usize = 448;
/// Answers that stream may take long; who ends the proxy does not want to wait for them.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  chancery agent proxy --to https://api.example.com/v1
  chancery agent proxy --to https://api.example.com --listen 127.0.0.1:8430 \\
      --key-out proxy.key
  printf 'Authorization: Bearer %s' \"$(cat proxy.key)\" |
      curl -H @- http://127.0.0.1:8430/invoices

For programs that read a header once, at their start: they send the key of
--key-out to this address, and the proxy puts a fresh token (and its proof) in
the place of the key. The key is worth nothing elsewhere, and stays the same
over restarts. /x is asked of the path of --to with /x behind it, and of no
other server; a 401 is answered with another token once, where the body has 64
KiB at most. Bodies stream both ways. There are no WebSockets.

Exit codes: 0 ended as asked, 2 the command line cannot be used, there is no
session or its file cannot be used, 6 the address cannot be listened on.";

/// Put a fresh token into the requests of a program that knows only a fixed one
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Proxy {
    #[command(flatten)]
    which: Which,
    /// Where the requests go; https, or http on this machine
    #[arg(long, value_name = "URL")]
    to: String,
    /// Listen here, on this machine; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Listen for other machines, too: the key then goes over the network in the clear
    #[arg(long)]
    listen_dangerously: bool,
    /// The file with the key (0600), made if it is missing; NAME.proxy.key in the folder of the sessions if left out
    #[arg(long, value_name = "FILE")]
    key_out: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

impl Proxy {
    pub(super) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        log::start(log::Said::Events)?;
        let home = self.which.home()?;
        let target = Target::new(&self.to)?;
        if !self.listen.ip().is_loopback() && !self.listen_dangerously {
            let message = format!("{} can be reached from other machines", self.listen);
            return Err(Failure::unusable("listen_beyond_this_machine", message)
                .fix("Listen on 127.0.0.1; --listen-dangerously does it all the same."));
        }
        descriptors::raise();
        // A service that keeps one thread busy, with heads of answers that never end, stops nobody else.
        let runtime = runtime::for_a_companion()?;
        let exit = runtime.block_on(async {
            let shutdown = crate::serve::shutdown()?;
            let session = home.open()?;
            let key_file = match &self.key_out {
                Some(path) => std::path::absolute(path).map_err(|why| {
                    Failure::unusable("proxy_key_unusable", format!("--key-out {}: {why}", path.display()))
                })?,
                None => home.proxy_key(),
            };
            let key = Key::kept_in(&key_file)?;
            let listening = TcpListener::bind(self.listen).await.and_then(|listener| {
                let address = listener.local_addr()?;
                Ok((listener, address))
            });
            let (listener, address) = listening.map_err(|why| {
                let message = format!("{} cannot be listened on: {why}", self.listen);
                Failure::new(Exit::Listen, "cannot_listen", message)
                    .fix("--listen ADDRESS takes another address.")
            })?;
            let (name, to) = (home.name(), target.to_string());
            let forward = Forward::new(session.clone(), target, key)?;
            terminal.note(format!(
                "The proxy of session '{name}' to {to} listens at http://{address}; its key is in {}",
                key_file.display()
            ));
            if self.form.json {
                let url = format!("http://{address}");
                terminal.json(&json!({ "name": name, "to": to, "url": url, "key_file": key_file.display().to_string() }));
            }
            let limits = Limits { connections: CONNECTIONS, head_bytes: HEAD_BYTES, ..Limits::from(DRAIN_WITHIN) };
            tokio::select! {
                _ = serve_router(listener, forward.router(), shutdown, limits) => {}
                never = session.keep_fresh() => match never {},
            }
            last_renewal(&session).await;
            tracing::info!(target: "chancery::agent", "ended");
            Ok(Exit::Ok)
        });
        runtime.shutdown_background();
        exit
    }
}
