//! A running agent.

use super::chancery::Chancery;
use super::running::Running;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

/// The longest wait for a start that takes a tenth of a second.
const READY: Duration = Duration::from_secs(30);

/// `chancery agent serve` or `chancery agent proxy` as a process.
pub(crate) struct Agent {
    running: Running,
    /// What it says when it listens.
    pub(crate) greeting: String,
}

impl Agent {
    /// Starts `chancery agent` with these words, and waits until it listens.
    pub(crate) fn start(chancery: &Chancery, words: &[&str]) -> Self {
        Self::of(chancery.command(&[&["agent"], words].concat()))
    }

    /// Likewise, by a command of the test's own.
    pub(crate) fn of(command: Command) -> Self {
        let (greeting, greeted) = channel();
        let mut running = Running::start(command, move |line| {
            if line.starts_with("The agent ") || line.starts_with("The proxy ") {
                // Nobody waits any more after the first.
                let _ = greeting.send(line.to_owned());
            }
        });
        let greeting = greeted.recv_timeout(READY).unwrap_or_else(|_| running.never_listened());
        Self { running, greeting }
    }

    /// The socket that it greeted with.
    pub(crate) fn socket(&self) -> PathBuf {
        PathBuf::from(self.greeting.split_once(" at ").unwrap().1)
    }

    /// The address that it greeted with.
    pub(crate) fn url(&self) -> String {
        let (_, rest) = self.greeting.split_once(" listens at ").unwrap();
        rest.split(';').next().unwrap().to_owned()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.running.child.id()
    }

    /// What the system says of its memory, by the name of the line.
    pub(crate) fn kib(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.running.child.id())).unwrap();
        let told =
            status.lines().find_map(|told| told.strip_prefix(line)?.strip_prefix(':')?.strip_suffix(" kB"));
        told.unwrap_or_else(|| panic!("no {line}: {status}")).trim().parse().unwrap()
    }

    /// Everything it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.running.log()
    }

    /// Sends it a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        self.running.signal(name);
    }

    /// Waits for its end; answers the exit code, the rest of its standard output, and its log.
    pub(crate) fn ended(self) -> (i32, String, String) {
        self.running.ended()
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(self) {
        self.running.kill();
    }
}
