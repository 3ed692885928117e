//! A running gate.

use super::chancery::Chancery;
use super::running::Running;
use std::io::{BufRead as _, BufReader};

/// `chancery gate` as a process.
pub(crate) struct Gate {
    running: Running,
    /// Where it listens.
    pub(crate) url: String,
}

impl Gate {
    /// Starts it by `gate.toml` in the folder of the command, on a free port, and waits until it listens.
    pub(crate) fn start(chancery: &Chancery) -> Self {
        Self::start_at(chancery, "127.0.0.1:0")
    }

    /// Likewise, at an address that is known.
    pub(crate) fn start_at(chancery: &Chancery, listen: &str) -> Self {
        let mut running = Running::start(chancery.command(&["gate", "--listen", listen]), |_| {});
        let mut line = String::new();
        BufReader::new(running.child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some((_, url)) = line.trim_end().split_once(" listens at ") else { running.never_listened() };
        Self { url: url.to_owned(), running }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
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
