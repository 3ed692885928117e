//! A running gate.

use super::chancery::Chancery;
use super::wait::until;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// `chancery gate` as a process. Killed, by its own process id, when it is dropped.
pub(crate) struct Gate {
    child: Child,
    /// Where it listens.
    pub(crate) url: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Gate {
    /// Starts it by `gate.toml` in the folder of the command, on a free port, and waits until it listens.
    pub(crate) fn start(chancery: &Chancery) -> Self {
        Self::start_at(chancery, "127.0.0.1:0")
    }

    /// Likewise, at an address that is known.
    pub(crate) fn start_at(chancery: &Chancery, listen: &str) -> Self {
        let mut command = chancery.command(&["gate", "--listen", listen]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let reader = std::thread::spawn({
            let log = Arc::clone(&log);
            move || lines.map_while(Result::ok).for_each(|line| log.lock().unwrap().extend([&*line, "\n"]))
        });
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some((_, url)) = line.trim_end().split_once(" listens at ") else {
            panic!("the gate does not listen: {:?}\n{}", child.wait(), log.lock().unwrap())
        };
        Self { url: url.to_owned(), child, log, reader: Some(reader) }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
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

    /// Waits for its end; answers the exit code, the rest of its standard output, and its log.
    pub(crate) fn ended(mut self) -> (i32, String, String) {
        let status = until("the end of the gate", || self.child.try_wait().unwrap());
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

impl Drop for Gate {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
