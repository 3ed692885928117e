//! One process of the fleet (`faults/fleet.rs`): it calls a service when it is told to, by a clock that it is told.
//!
//! ```text
//! fleet_worker NOW agent SOCKET URL      asks the agent at SOCKET
//! fleet_worker NOW session FILE URL      opens the session in FILE
//! fleet_worker NOW careless FILE URL     likewise, and throws it away when a renewal fails: what no client may do
//! ```
//! Each line of its input is a command. `now SECONDS` moves the clock, which stands otherwise; `call` calls URL once, and
//! is answered with a line of JSON: `call.rs`. It ends with its input.

mod call;
mod clock;

use call::{Kind, Worker};
use chancery_verifier::token::UnixTime;
use clock::DrivenClock;
use std::error::Error;
use std::io::{self, BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

type Failure = Box<dyn Error>;

#[expect(clippy::print_stderr, reason = "whoever started it reads why it ended")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("fleet_worker {}: {why}", words.join(" "));
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), Failure> {
    let [now, kind, place, url] = words else { return Err("it takes NOW, KIND, PLACE and URL".into()) };
    let clock = Arc::new(DrivenClock::at(time(now)?));
    let kind = match kind.as_str() {
        "agent" => Kind::Agent,
        "session" => Kind::Session,
        "careless" => Kind::Careless,
        other => return Err(format!("there is no kind {other}").into()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let worker = Worker::new(kind, Path::new(place), url, Arc::clone(&clock))?;
        obey(&worker, &clock, lines()).await
    })
}

async fn obey(
    worker: &Worker,
    clock: &DrivenClock,
    mut lines: UnboundedReceiver<String>,
) -> Result<(), Failure> {
    while let Some(line) = lines.recv().await {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("now", seconds) => clock.set(time(seconds)?),
            ("call", "") => {
                let mut answer = serde_json::to_vec(&worker.call().await)?;
                answer.push(b'\n');
                let mut out = io::stdout().lock();
                out.write_all(&answer)?;
                out.flush()?;
            }
            _ => return Err(format!("there is no command '{line}'").into()),
        }
    }
    Ok(())
}

/// What comes in, while renewals in the background go on.
fn lines() -> UnboundedReceiver<String> {
    let (tell, told) = unbounded_channel();
    thread::spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        lines.map_while(|line| tell.send(line).ok()).for_each(drop);
    });
    told
}

fn time(seconds: &str) -> Result<UnixTime, Failure> {
    Ok(UnixTime::from_secs(seconds.parse()?))
}
