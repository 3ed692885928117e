//! DocuMint as a program: a guarded service that follows an issuer's keys.

use chancery_client::Secret;
use chancery_examples::documint::{self, AUDIENCE, Archive};
use chancery_examples::program::{self, Failure};
use chancery_token::{ClientId, Environment};
use chancery_verifier::follow::{
    Credentials, DiskState, FollowSettings, Follower, Introduction, KeysFrom, VerifierName,
};
use chancery_verifier::{Freshness, Revocation, Verifier};
use clap::Parser as _;
use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::filter::LevelFilter;

/// What a stolen token can spoil until it ends is a sample in memory, and comes back with the next start.
const WITHOUT_REVOCATION: Revocation =
    Revocation::Ignore { reason: "tokens live fifteen minutes at most, and the records are samples" };

const HELP: &str = "\
Examples:
  documint --issuer http://127.0.0.1:8420
  documint --issuer http://127.0.0.1:8420 --max-staleness 600 \\
      --name documint-1 --client-id documint --secret-file documint.secret
  documint --routes > routes.json                  then: chancery catalog check-routes routes.json

Serves at once, and refuses every token with 503 until it has the issuer's keys.
SIGTERM and SIGINT end it once every request is answered.

Exit codes: 0 ended as asked, 2 the command line cannot be used, 6 the address
cannot be listened on.";

/// Makes PDF invoices for whoever has a token: a worked example of a guarded service
#[derive(Debug, clap::Parser)]
#[command(name = "documint", after_help = HELP)]
struct Arguments {
    /// Whose tokens are accepted; https, or http on this machine
    #[arg(long, value_name = "URL", required_unless_present = "routes")]
    issuer: Option<String>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8421")]
    listen: SocketAddr,
    /// live or test: tokens of the other are refused
    #[arg(long, value_name = "ENV", default_value = "test")]
    environment: Environment,
    /// What this service is called in the catalog
    #[arg(long, value_name = "URI", default_value = AUDIENCE)]
    audience: String,
    /// How many seconds clocks may differ, 300 at most
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    leeway: u64,
    /// Follow the issuer's revocation log, and refuse every token when its news are
    /// older; without this, a revoked token works until it ends
    #[arg(long, value_name = "SECONDS")]
    max_staleness: Option<u64>,
    /// A folder that keeps keys and news, for a start while the issuer is away
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// What this process is called when it follows the log, so that the issuer can
    /// say whether it has heard of a revocation
    #[arg(long, value_name = "NAME", requires_all = ["max_staleness", "client_id"])]
    name: Option<String>,
    /// The client that this service is to the issuer
    #[arg(long, value_name = "ID", requires_all = ["name", "secret_file"])]
    client_id: Option<ClientId>,
    /// The file that holds its secret and nothing else
    #[arg(long, value_name = "FILE", requires = "client_id")]
    secret_file: Option<PathBuf>,
    /// Print every route with its scopes as JSON, and end
    #[arg(long)]
    routes: bool,
}

fn main() -> ExitCode {
    program::ended(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Some(issuer) = arguments.issuer.clone().filter(|_| !arguments.routes) else {
        let table = documint::routes(Archive::new()).table();
        return program::say(&serde_json::to_string_pretty(&table).map_err(Failure::unusable)?);
    };
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    lines.with_max_level(LevelFilter::INFO).init();
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::unusable)?;
    runtime.block_on(serve(issuer, arguments))
}

async fn serve(issuer: String, arguments: Arguments) -> Result<(), Failure> {
    let introduction = introduction(&arguments)?;
    // Before anything is begun, so that the first signal ends it well.
    let shutdown = program::shutdown().map_err(Failure::unusable)?;
    let revocation = arguments.max_staleness.map_or(WITHOUT_REVOCATION, |most| {
        Revocation::Follow(Freshness::MaxStaleness(Duration::from_secs(most)))
    });
    let verifier = Verifier::new(issuer, arguments.audience, revocation)
        .map_err(Failure::unusable)?
        .environment(arguments.environment)
        .leeway(Duration::from_secs(arguments.leeway));
    let disk = arguments.state.map_or(DiskState::Nowhere, DiskState::Directory);
    let mut settings = FollowSettings::new(KeysFrom::Discovery, disk);
    if let Some(introduction) = introduction {
        settings = settings.introduce(introduction);
    }
    // Fetches in the background for as long as it is held.
    let _follower = Follower::start(&verifier, settings).map_err(Failure::unusable)?;
    let service = documint::service(Archive::with_examples(), verifier).map_err(Failure::unusable)?;
    let (listener, address) = program::listen(arguments.listen).await?;
    program::say(&format!("DocuMint listens at http://{address}"))?;
    documint::serve_until(listener, service, shutdown).await.map_err(Failure::unusable)
}

/// With what it says its name to the issuer, if it does.
fn introduction(arguments: &Arguments) -> Result<Option<Introduction>, Failure> {
    let (Some(name), Some(client_id), Some(file)) =
        (&arguments.name, &arguments.client_id, &arguments.secret_file)
    else {
        return Ok(None);
    };
    let name = VerifierName::parse(name).map_err(|why| Failure::unusable(format!("--name: {why}")))?;
    let secret = Secret::read_file(file).map_err(Failure::unusable)?;
    let credentials = Credentials::new(client_id.clone(), secret.expose());
    Ok(Some(Introduction::new(name).credentials(credentials)))
}
