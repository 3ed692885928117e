//! DocuMint as a program: a guarded service that follows an issuer's keys.

use chancery_client::Secret;
use chancery_examples::documint::{self, AUDIENCE, Archive};
use chancery_token::{ClientId, Environment};
use chancery_verifier::follow::{
    Credentials, DiskState, FollowSettings, Follower, Introduction, KeysFrom, VerifierName,
};
use chancery_verifier::{Freshness, Revocation, Verifier};
use clap::Parser as _;
use std::fmt::Display;
use std::future::Future;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
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

/// How it ends; the numbers are those of the `chancery` command.
enum Failure {
    Unusable(String),
    Listen(String),
}

fn main() -> ExitCode {
    let outcome = run(Arguments::parse());
    let (code, why) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Unusable(why)) => (2, why),
        Err(Failure::Listen(why)) => (6, why),
    };
    // There is nowhere left to say that it could not be said.
    let _ = writeln!(io::stderr(), "error: {why}");
    ExitCode::from(code)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Some(issuer) = arguments.issuer.clone().filter(|_| !arguments.routes) else {
        let table = documint::routes(Archive::new()).table();
        return say(&serde_json::to_string_pretty(&table).map_err(unusable)?);
    };
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    lines.with_max_level(LevelFilter::INFO).init();
    let runtime = tokio::runtime::Runtime::new().map_err(unusable)?;
    runtime.block_on(serve(issuer, arguments))
}

async fn serve(issuer: String, arguments: Arguments) -> Result<(), Failure> {
    let introduction = introduction(&arguments)?;
    // Before anything is begun, so that the first signal ends it well.
    let shutdown = shutdown().map_err(unusable)?;
    let revocation = arguments.max_staleness.map_or(WITHOUT_REVOCATION, |most| {
        Revocation::Follow(Freshness::MaxStaleness(Duration::from_secs(most)))
    });
    let verifier = Verifier::new(issuer, arguments.audience, revocation)
        .map_err(unusable)?
        .environment(arguments.environment)
        .leeway(Duration::from_secs(arguments.leeway));
    let disk = arguments.state.map_or(DiskState::Nowhere, DiskState::Directory);
    let mut settings = FollowSettings::new(KeysFrom::Discovery, disk);
    if let Some(introduction) = introduction {
        settings = settings.introduce(introduction);
    }
    // Fetches in the background for as long as it is held.
    let _follower = Follower::start(&verifier, settings).map_err(unusable)?;
    let service = documint::service(Archive::with_examples(), verifier).map_err(unusable)?;
    let listening = TcpListener::bind(arguments.listen).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    let (listener, address) = listening
        .map_err(|why| Failure::Listen(format!("{} cannot be listened on: {why}", arguments.listen)))?;
    say(&format!("DocuMint listens at http://{address}"))?;
    documint::serve_until(listener, service, shutdown).await.map_err(unusable)
}

/// With what it says its name to the issuer, if it does.
fn introduction(arguments: &Arguments) -> Result<Option<Introduction>, Failure> {
    let (Some(name), Some(client_id), Some(file)) =
        (&arguments.name, &arguments.client_id, &arguments.secret_file)
    else {
        return Ok(None);
    };
    let name = VerifierName::parse(name).map_err(|why| unusable(format!("--name: {why}")))?;
    let secret = Secret::read_file(file).map_err(unusable)?;
    let credentials = Credentials::new(client_id.clone(), secret.expose());
    Ok(Some(Introduction::new(name).credentials(credentials)))
}

/// Is done when somebody asks the process to end.
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn unusable(why: impl Display) -> Failure {
    Failure::Unusable(why.to_string())
}

/// A reader that went away (`documint --routes | head -1`) is no fault.
fn say(line: &str) -> Result<(), Failure> {
    match writeln!(io::stdout(), "{line}") {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(unusable(why)),
        Ok(()) | Err(_) => Ok(()),
    }
}
