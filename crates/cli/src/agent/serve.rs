//! `chancery agent serve`

use super::home::{Home, Which};
use super::socket::{Desk, Place, Socket};
use super::token_file::last_renewal;
use super::{descriptors, log};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::runtime;
use crate::terminal::Terminal;
use chancery_client::token_url;
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  chancery agent serve
  chancery agent serve --name summarizer --socket /run/summarizer/agent.sock
  curl --unix-socket /run/summarizer/agent.sock http://agent/token

One process of a machine renews the session, and every program of the same user
asks it: GET /token, POST /proof, POST /forget, GET /status, in JSON;
docs/PROTOCOL.md describes them. The session is renewed also while nobody asks.

The socket is its owner's alone (0600), in a folder that nobody else can write
to, made if it is missing. One like /tmp will do, with a warning: others can put
a socket of theirs there while the agent is away. A second agent at the socket
is refused; one that a killed agent left is replaced. SIGTERM and SIGINT end it.

Where the issuer is away, it starts and serves all the same: see GET /status.

Exit codes: 0 ended as asked, 2 there is no session or its file cannot be used,
6 the socket cannot be listened on.";

/// Give tokens to the programs of this machine, on a socket
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    #[command(flatten)]
    which: Which,
    /// Listen here; NAME.sock in the folder of the sessions if left out
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

impl Serve {
    pub(super) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        log::start(log::Said::Events)?;
        let home = self.which.home()?;
        let socket = match &self.socket {
            Some(path) => std::path::absolute(path).map_err(|why| {
                Failure::unusable("socket_path", format!("--socket {}: {why}", path.display()))
            })?,
            None => home.socket(),
        };
        descriptors::raise();
        let runtime = runtime::for_an_agent()?;
        let exit = runtime.block_on(async {
            let shutdown = crate::serve::shutdown()?;
            let session = home.open()?;
            // Whoever is told that it listens can ask it.
            let place = Place::take(socket)?;
            let socket = Socket::bind(place.path())?;
            greet(&home, &place, self.form, terminal);
            tokio::select! {
                () = socket.serve(Desk::of(session.clone()), shutdown) => {}
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

fn greet(home: &Home, place: &Place, form: Form, terminal: &mut Terminal) {
    let socket = place.path().display();
    if place.is_shared() {
        let folder = place.path().parent().unwrap_or(place.path()).display();
        terminal.note(format!(
            "warning: others may write to {folder}: while the agent is away, they can take the name of its socket"
        ));
    }
    terminal.note(format!("The agent serves session '{}' at {socket}", home.name()));
    if form.json {
        let url = token_url(place.path());
        terminal.json(&json!({ "name": home.name(), "socket": socket.to_string(), "url": url }));
    }
}
