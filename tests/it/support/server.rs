//! A running issuer.

use super::chancery::Chancery;
use super::wait::until;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The longest wait for a start that takes a tenth of a second.
const READY: Duration = Duration::from_secs(30);

/// `chancery serve` on a port of its own. Killed, by its own process id, when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens, whatever its issuer URL is.
    pub(crate) url: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it and waits until it listens. It logs JSON, and its URL follows from its port unless one is set.
    pub(crate) fn start(chancery: &Chancery) -> Self {
        Self::start_at(chancery, "127.0.0.1:0")
    }

    /// Likewise, at an address that is known, as one that was stopped there.
    pub(crate) fn start_at(chancery: &Chancery, listen: &str) -> Self {
        let chancery = chancery.clone().set("LOG__FORMAT", "json");
        let mut command = chancery.command(&["serve", "--listen", listen]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (address, listening) = channel();
        let reader = std::thread::spawn({
            let (log, lines) = (Arc::clone(&log), BufReader::new(child.stderr.take().unwrap()).lines());
            move || {
                for line in lines.map_while(Result::ok) {
                    let event: Value = serde_json::from_str(&line).unwrap_or_default();
                    log.lock().unwrap().extend([&*line, "\n"]);
                    if event["message"] == "listening" {
                        // Nobody waits any more after the first.
                        let _ = address.send(event["address"].as_str().unwrap().to_owned());
                    }
                }
            }
        });
        let address = wait_for(&listening, &mut child, &log);
        Self { child, url: format!("http://{address}"), log, reader: Some(reader) }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Everything it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Asks it to end.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for its end; answers the exit code, all of its standard output, and its log.
    pub(crate) fn ended(mut self) -> (i32, String, String) {
        let status = until("the end of the server", || self.child.try_wait().unwrap());
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.reader.take().unwrap().join().unwrap();
        (status.code().unwrap_or(-1), out, self.log())
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for(listening: &Receiver<String>, child: &mut Child, log: &Mutex<String>) -> String {
    listening.recv_timeout(READY).unwrap_or_else(|_| {
        let _ = child.kill();
        panic!("the server does not listen: {:?}\n{}", child.wait(), log.lock().unwrap())
    })
}
