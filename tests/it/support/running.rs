//! A command of ours that runs until somebody ends it.

use super::wait::until;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Its process, and what it has logged. Killed, by its own process id, when it is dropped.
pub(super) struct Running {
    pub(super) child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts it. Each line that it logs is looked at as it comes.
    pub(super) fn start(mut command: Command, mut look: impl FnMut(&str) + Send + 'static) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let reader = std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                for line in lines.map_while(Result::ok) {
                    log.lock().unwrap().extend([&*line, "\n"]);
                    look(&line);
                }
            }
        });
        Self { child, log, reader: Some(reader) }
    }

    /// Says why there is nothing to go on with.
    #[track_caller]
    pub(super) fn never_listened(&mut self) -> ! {
        // It may have ended already.
        let _ = self.child.kill();
        panic!("it does not listen: {:?}\n{}", self.child.wait(), self.log())
    }

    /// Everything it has logged so far.
    pub(super) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Sends it a signal by its name.
    pub(super) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for its end; answers the exit code, the rest of its standard output, and its log.
    pub(super) fn ended(mut self) -> (i32, String, String) {
        let status = until("the end of the process", || self.child.try_wait().unwrap());
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.reader.take().unwrap().join().unwrap();
        (status.code().unwrap_or(-1), out, self.log())
    }

    /// Ends it as a power cut does.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
