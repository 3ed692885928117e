//! Papers as a program: a service that takes tokens which are bound to a key.

use chancery_examples::documint::serve_until;
use chancery_examples::program::{self, Failure};
use chancery_examples::summarizer::AUDIENCE;
use chancery_examples::summarizer::papers::{Shelves, routes, service};
use chancery_token::Environment;
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom};
use chancery_verifier::guard::Dpop;
use chancery_verifier::{Freshness, Revocation, Verifier};
use clap::Parser as _;
use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::filter::LevelFilter;

const HELP: &str = "\
Examples:
  papers --issuer http://127.0.0.1:8420
  papers --issuer http://127.0.0.1:8420 --nonces --max-staleness 60
  papers --routes > routes.json                    then: chancery catalog check-routes routes.json

Serves at once, and refuses every token with 503 until it has the issuer's keys
and has heard what was revoked. SIGTERM and SIGINT end it.

Exit codes: 0 ended as asked, 2 the command line cannot be used, 6 the address
cannot be listened on.";

/// Keeps documents for whoever proves the key of a token: a worked example of a service for agents
#[derive(Debug, clap::Parser)]
#[command(name = "papers", after_help = HELP)]
struct Arguments {
    /// Whose tokens are accepted; https, or http on this machine
    #[arg(long, value_name = "URL", required_unless_present = "routes")]
    issuer: Option<String>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8421")]
    listen: SocketAddr,
    /// The address that callers use, where that is another one: proofs name it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// live or test: tokens of the other are refused
    #[arg(long, value_name = "ENV", default_value = "test")]
    environment: Environment,
    /// Refuse every token when the news of what was revoked are older
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    max_staleness: u64,
    /// Give nonces out and ask for them, so that nobody makes proofs ahead of time
    #[arg(long)]
    nonces: bool,
    /// A folder that keeps keys and news, for a start while the issuer is away
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Print every route with its scopes as JSON, and end
    #[arg(long)]
    routes: bool,
}

fn main() -> ExitCode {
    program::ended(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Some(issuer) = arguments.issuer.clone().filter(|_| !arguments.routes) else {
        let table = routes(Shelves::with_examples()).table();
        return program::say(&serde_json::to_string_pretty(&table).map_err(Failure::unusable)?);
    };
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    lines.with_max_level(LevelFilter::INFO).init();
    tokio::runtime::Runtime::new().map_err(Failure::unusable)?.block_on(serve(issuer, arguments))
}

async fn serve(issuer: String, arguments: Arguments) -> Result<(), Failure> {
    // Before anything is begun, so that the first signal ends it well.
    let shutdown = program::shutdown().map_err(Failure::unusable)?;
    let most = Duration::from_secs(arguments.max_staleness);
    let policy = Revocation::Follow(Freshness::MaxStaleness(most));
    let verifier = Verifier::new(issuer, AUDIENCE, policy).map_err(Failure::unusable)?;
    let verifier = verifier.environment(arguments.environment);
    let disk = arguments.state.map_or(DiskState::Nowhere, DiskState::Directory);
    // Fetches in the background for as long as it is held.
    let _follower = Follower::start(&verifier, FollowSettings::new(KeysFrom::Discovery, disk))
        .map_err(Failure::unusable)?;
    let (listener, address) = program::listen(arguments.listen).await?;
    let public_url = arguments.public_url.unwrap_or_else(|| format!("http://{address}"));
    let mut dpop = Dpop::at(&public_url).map_err(Failure::unusable)?;
    if arguments.nonces {
        // One process serves, so the key is its own.
        let mut key = [0; 32];
        SystemEntropy.fill(&mut key);
        dpop = dpop.nonces(&key);
    }
    let service = service(Shelves::with_examples(), verifier, dpop).map_err(Failure::unusable)?;
    program::say(&format!("Papers listens at http://{address}"))?;
    serve_until(listener, service, shutdown).await.map_err(Failure::unusable)
}
