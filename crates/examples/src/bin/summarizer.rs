//! The summarizer as a program: numbers of documents come in, summaries go out, all day.

use chancery_client::{ErrorKind, Session, SessionError, World};
use chancery_examples::program::{self, Failure};
use chancery_examples::summarizer::{Crew, Report};
use clap::Parser as _;
use std::io::{self, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, channel};
use tracing_subscriber::filter::LevelFilter;
use url::Url;

const HELP: &str = "\
Examples:
  printf '%s\\n' A-1 A-2 A-3 | summarizer --service http://127.0.0.1:8421 \\
      --session ~/.local/state/chancery/agent/default.json

The session is one that `chancery agent login` began. Each worker gets a child
of it, which can be revoked alone, and which is ended when the program ends.

Exit codes: 0 all was read, 1 the issuer refuses, 2 the command line or the
session cannot be used, 7 nobody answers; try again later.";

/// Sums up documents, with workers that each have a session of their own: a worked example of an agent
#[derive(Debug, clap::Parser)]
#[command(name = "summarizer", after_help = HELP)]
struct Arguments {
    /// Where the documents are
    #[arg(long, value_name = "URL")]
    service: Url,
    /// The file of the session
    #[arg(long, value_name = "FILE")]
    session: PathBuf,
    /// How many read side by side
    #[arg(long, value_name = "NUMBER", default_value = "8")]
    workers: NonZeroUsize,
    /// How many seconds the session of a worker lives at most; then it gets another
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    ttl: u64,
}

fn main() -> ExitCode {
    program::ended(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    lines.with_max_level(LevelFilter::INFO).init();
    tokio::runtime::Runtime::new().map_err(Failure::unusable)?.block_on(work(arguments))
}

async fn work(arguments: Arguments) -> Result<(), Failure> {
    let shutdown = program::shutdown().map_err(Failure::unusable)?;
    let session = Session::open(&arguments.session, World::system()).map_err(|why| failure(&why))?;
    let ttl = Duration::from_secs(arguments.ttl);
    let hired = Crew::of(session, arguments.service, arguments.workers.get(), ttl).await;
    let mut crew = hired.map_err(|why| failure(&why))?;
    let said = |report: &Report| {
        // A reader that went away ends nothing: the program ends with its input.
        let _ = serde_json::to_string(report).map(|line| program::say(&line));
    };
    let outcome = tokio::select! {
        outcome = crew.sum_up(numbers(), said) => outcome.map_err(|why| Failure::Refused(why.to_string())),
        () = shutdown => Ok(()),
    };
    let ended = crew.end().await.map_err(|why| failure(&why));
    outcome.and(ended)
}

/// What standard input says, line by line. Whoever reads waits in a thread of its own.
fn numbers() -> Receiver<String> {
    let (send, numbers) = channel(1);
    thread::spawn(move || {
        let lines = io::stdin().lines().map_while(Result::ok).map(|line| line.trim().to_owned());
        for number in lines.filter(|line| !line.is_empty()) {
            if send.blocking_send(number).is_err() {
                return;
            }
        }
    });
    numbers
}

fn failure(why: &SessionError) -> Failure {
    match why {
        _ if why.kind() == ErrorKind::Transient => Failure::Later(why.to_string()),
        SessionError::Request(_) | SessionError::Revoked { .. } => Failure::Refused(why.to_string()),
        _ => Failure::unusable(why),
    }
}
