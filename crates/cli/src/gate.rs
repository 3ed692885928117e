//! `chancery gate`

mod config;
mod counts;
mod doors;
mod in_service;
mod reload;
mod routes;
mod setup;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::local::config_failure;
use crate::logging;
use crate::terminal::Terminal;
use chancery_issuer::serve::{Drained, Limits, serve_router};
use config::{Config, RevocationConfig};
use in_service::{InService, Loaded};
use reload::RoutesFile;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// The file that is read when nobody names one.
const CONFIG_FILE: &str = "gate.toml";
/// The head of a question holds all headers of the request that it is about. nginx takes 32 KiB of them by default, and
/// cookies fill that.
const HEAD_BYTES: usize = 64 * 1024;
/// Verdicts take microseconds; what is not answered by then waits for an issuer that is away.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  chancery gate                                    by ./gate.toml
  chancery gate --config /etc/chancery/gate.toml --check
  chancery gate --listen 127.0.0.1:0               on a free port

The smallest gate.toml:
  issuer = \"https://auth.example.com\"
  audience = \"https://api.example.com\"
  routes = \"routes.json\"
  state = \"/var/lib/chancery/gate\"
  [revocation]
  max_staleness = 60

It answers nginx at /auth/nginx, Caddy at /auth/caddy, Traefik at
/auth/traefik, Envoy below /auth/envoy; and /healthz, /readyz, /metrics. The
routes are read again when their file changes, and at once on SIGHUP; a file
that is wrong is told in the log, and the old routes stay.
SIGTERM and SIGINT end it once every request is answered.

Exit codes: 0 ended as asked, 2 the command line cannot be used, 3 the
configuration or the routes are broken, 6 the address cannot be listened on.";

/// Judge requests for a proxy (nginx, Caddy, Traefik, Envoy), in front of any service
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GateVerb {
    /// The configuration; ./gate.toml if left out
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Listen here, whatever the configuration says; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Check the configuration and the routes, and exit; asks nobody, changes nothing
    #[arg(long)]
    check: bool,
    /// Print what --check found as one JSON object instead of text
    #[arg(long, requires = "check")]
    json: bool,
}

impl GateVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let mut config = self.read()?;
        if let Some(address) = self.listen {
            config.listen = address;
        }
        if self.check {
            return check(&config, self.json, terminal);
        }
        logging::start(config.log);
        let runtime = crate::runtime::for_a_companion()?;
        let exit = runtime.block_on(serve(config, terminal));
        // A disk that does not answer does not keep the process from ending.
        runtime.shutdown_background();
        exit
    }

    fn read(&self) -> Result<Config, Failure> {
        let file = self.config.as_deref().unwrap_or(Path::new(CONFIG_FILE));
        if self.config.is_none() && !file.exists() {
            let message = format!("there is no {CONFIG_FILE} here");
            return Err(Failure::new(Exit::Config, "gate_config_missing", message).fix(
                "Name one with --config FILE, or write it: `chancery gate --help` shows the smallest.",
            ));
        }
        Config::read(file).map_err(|why| config_failure(&why))
    }
}

fn check(config: &Config, as_json: bool, terminal: &mut Terminal) -> Result<Exit, Failure> {
    setup::check_state(&config.state)?;
    setup::follow_settings(config)?;
    let verifier = setup::verifier(config)?;
    let (_, loaded) = RoutesFile::open(&config.routes, &verifier).map_err(|why| Failure::from(&why))?;
    let (routes, open) = (loaded.routes(), open_to_everybody(&loaded));
    let Config { audience, issuer, listen, .. } = config;
    if as_json {
        terminal.json(&json!({
            "audience": audience,
            "issuer": issuer,
            "listen": listen,
            "routes": routes,
            "public": open,
            "revocation": revocation(config),
        }));
    } else {
        let many = if routes == 1 { "1 route".to_owned() } else { format!("{routes} routes") };
        terminal.say(format!(
            "All is well: {many} of {audience}, {open} of them open to everybody, can be guarded at {listen}."
        ));
    }
    Ok(Exit::Ok)
}

/// The routes that ask for no token; that of the metadata, which the gate adds, is not one of the file.
fn open_to_everybody(loaded: &Loaded) -> usize {
    let open = loaded.gate.table().rows().iter().filter(|row| row.access.public_reason().is_some()).count();
    open.saturating_sub(usize::from(loaded.gate.metadata_path().is_some()))
}

const fn revocation(config: &Config) -> &'static str {
    use chancery_verifier::Freshness::{MaxStaleness, Strict};
    match config.revocation {
        RevocationConfig::Follow { freshness: MaxStaleness(_), .. } => "max_staleness",
        RevocationConfig::Follow { freshness: Strict { .. }, .. } => "strict",
        RevocationConfig::Ignore { .. } => "ignored",
    }
}

async fn serve(config: Config, terminal: &mut Terminal) -> Result<Exit, Failure> {
    // Before anything else, so that the first signal is not the end of a start that is half done.
    let shutdown = crate::serve::shutdown()?;
    let hangup = signal(SignalKind::hangup()).map_err(|why| crate::serve::no_signals(&why))?;
    let settings = setup::follow_settings(&config)?;
    let verifier = setup::verifier(&config)?;
    let (file, loaded) = RoutesFile::open(&config.routes, &verifier).map_err(|why| Failure::from(&why))?;
    setup::make_state(&config.state)?;
    let listening = TcpListener::bind(config.listen).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    let (listener, address) = listening.map_err(|why| {
        let message = format!("{} cannot be listened on: {why}", config.listen);
        Failure::new(Exit::Listen, "cannot_listen", message)
            .fix("Is another gate running there? --listen ADDRESS takes another address.")
    })?;
    let follower = setup::follower(&verifier, settings)?;
    let routes = loaded.routes();
    let service = Arc::new(InService::new(verifier, follower, loaded));
    let Config { audience, issuer, .. } = config;
    tracing::info!(target: "chancery::gate", audience, issuer, %address, routes, "listening");
    terminal.say(format!("The gate of {audience} listens at http://{address}"));
    let limits = Limits { head_bytes: HEAD_BYTES, ..Limits::from(DRAIN_WITHIN) };
    // Apart from the task that takes connections: a large table takes seconds to check.
    let reloading = tokio::spawn(file.follow(Arc::clone(&service), hangup));
    let drained = serve_router(listener, doors::router(service), shutdown, limits).await;
    reloading.abort();
    match drained {
        Drained::Completely => tracing::info!(target: "chancery::gate", "ended; every request was answered"),
        Drained::Cut { connections } => {
            tracing::warn!(target: "chancery::gate", connections, "ended; connections were cut after the drain timeout");
        }
    }
    Ok(Exit::Ok)
}
