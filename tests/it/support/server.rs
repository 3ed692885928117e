//! A running issuer.

use super::chancery::Chancery;
use super::running::Running;
use serde_json::Value;
use std::sync::mpsc::channel;
use std::time::Duration;

/// The longest wait for a start that takes a tenth of a second.
const READY: Duration = Duration::from_secs(30);

/// `chancery serve` on a port of its own.
pub(crate) struct Server {
    running: Running,
    /// Where it listens, whatever its issuer URL is.
    pub(crate) url: String,
}

impl Server {
    /// Starts it and waits until it listens. It logs JSON, and its URL follows from its port unless one is set.
    pub(crate) fn start(chancery: &Chancery) -> Self {
        Self::start_at(chancery, "127.0.0.1:0")
    }

    /// Likewise, at an address that is known, as one that was stopped there.
    pub(crate) fn start_at(chancery: &Chancery, listen: &str) -> Self {
        let chancery = chancery.clone().set("LOG__FORMAT", "json");
        let (address, listening) = channel();
        let mut running = Running::start(chancery.command(&["serve", "--listen", listen]), move |line| {
            let event: Value = serde_json::from_str(line).unwrap_or_default();
            if event["message"] == "listening" {
                // Nobody waits any more after the first.
                let _ = address.send(event["address"].as_str().unwrap().to_owned());
            }
        });
        let address = listening.recv_timeout(READY).unwrap_or_else(|_| running.never_listened());
        Self { running, url: format!("http://{address}") }
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
