//! A process of the fleet, and what it says.

use crate::support::MovedClock;
use chancery_verifier::clock::Clock as _;
use serde::Deserialize;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer than a call takes in which an issuer is asked twice and does not answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// Killed, by its own process id, when it is dropped.
pub(super) struct Worker {
    name: String,
    child: Child,
    commands: ChildStdin,
    said: Receiver<String>,
}

/// Where a process has its tokens from: `fleet_worker/main.rs`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Agent,
    Session,
    Careless,
}

/// What came of a call: `fleet_worker/call.rs`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// How often the process got a token for its session, and how often it began anew.
    pub(super) renewals: Option<[u64; 2]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Served { session: Option<String> },
    Refused { status: u16, reason: Option<String> },
    Unanswered { why: String },
    Waiting { reason: String },
    LoggedOut { reason: String, detail: String },
}

impl Worker {
    /// Starts one that calls `url`.
    pub(super) fn start(kind: Kind, place: &Path, url: &str, clock: &MovedClock) -> Self {
        let word = match kind {
            Kind::Agent => "agent",
            Kind::Session => "session",
            Kind::Careless => "careless",
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_fleet_worker"))
            .args([&clock.now().as_secs().to_string(), word, place.to_str().unwrap(), url])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, said) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            // Nobody listens any more after the end of the test.
            lines.map_while(Result::ok).map_while(|line| tell.send(line).ok()).for_each(drop);
        });
        let commands = child.stdin.take().unwrap();
        Self { name: format!("{word} {}", place.display()), child, commands, said }
    }

    /// Tells it the time, and to call.
    pub(super) fn tell(&mut self, clock: &MovedClock) {
        let told = self.commands.write_all(format!("now {}\ncall\n", clock.now().as_secs()).as_bytes());
        told.unwrap_or_else(|why| panic!("{}: {why}", self.name));
    }

    /// What came of the call.
    pub(super) fn hear(&mut self) -> Said {
        let line = self.said.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|why| panic!("{}: {why}, {:?}", self.name, self.child.try_wait()));
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{}: {why}: {line}", self.name))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
