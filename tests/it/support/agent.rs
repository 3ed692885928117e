//! A running agent.

use super::chancery::Chancery;
use super::wait::until;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The longest wait for a start that takes a tenth of a second.
const READY: Duration = Duration::from_secs(30);

/// `chancery agent serve` or `chancery agent proxy` as a process. Killed, by its own process id, when it is dropped.
pub(crate) struct Agent {
    child: Child,
    /// What it says when it listens.
    pub(crate) greeting: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Agent {
    /// Starts `chancery agent` with these words, and waits until it listens.
    pub(crate) fn start(chancery: &Chancery, words: &[&str]) -> Self {
        Self::of(chancery.command(&[&["agent"], words].concat()))
    }

    /// Likewise, by a command of the test's own.
    pub(crate) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (greeting, greeted) = channel();
        let reader = std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                for line in lines.map_while(Result::ok) {
                    log.lock().unwrap().extend([&*line, "\n"]);
                    if line.starts_with("The agent ") || line.starts_with("The proxy ") {
                        // Nobody waits any more after the first.
                        let _ = greeting.send(line);
                    }
                }
            }
        });
        let greeting = greeted.recv_timeout(READY).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the agent does not listen: {:?}\n{}", child.wait(), log.lock().unwrap())
        });
        Self { child, greeting, log, reader: Some(reader) }
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
        self.child.id()
    }

    /// What the system says of its memory, by the name of the line.
    pub(crate) fn kib(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let told =
            status.lines().find_map(|told| told.strip_prefix(line)?.strip_prefix(':')?.strip_suffix(" kB"));
        told.unwrap_or_else(|| panic!("no {line}: {status}")).trim().parse().unwrap()
    }

    /// Everything it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Sends it a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for its end; answers the exit code, its standard output, and its log.
    pub(crate) fn ended(mut self) -> (i32, String, String) {
        let status = until("the end of the agent", || self.child.try_wait().unwrap());
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

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
