//! A server that runs beside us and is ended with its owner.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::failure::Failure;
use crate::step::Step;
use crate::stopwatch::Stopwatch;
use crate::{layout, leftovers};

/// How often a condition is looked at.
const PULSE: Duration = Duration::from_millis(20);

/// What a server gets to finish what it has begun before it is ended.
const DRAIN: Duration = Duration::from_secs(10);

/// A running server. Dropping it asks it to stop, and ends it when it does not.
pub(crate) struct Background {
    child: Child,
    shown: String,
    log: PathBuf,
}

impl Background {
    /// Starts the step, its standard output and errors in a file.
    pub(crate) fn start(step: Step, log: &Path) -> Result<Self, Failure> {
        let (mut command, shown) = step.into_command();
        println!("$ {shown} > {} &", layout::shown(log));
        let file = File::create(log).map_err(|e| Failure::io(&layout::shown(log), &e))?;
        let twin = file.try_clone().map_err(|e| Failure::io(&layout::shown(log), &e))?;
        let child = command
            .stdout(file)
            .stderr(twin)
            .spawn()
            .map_err(|e| Failure::io(&format!("cannot start `{shown}`"), &e))?;
        Ok(Self { child, shown, log: log.to_path_buf() })
    }

    /// Waits until the server is ready. If it ends before, or is too slow, what it said is the evidence.
    pub(crate) fn wait_until(&mut self, limit: Duration, ready: impl Fn() -> bool) -> Result<(), Failure> {
        let watch = Stopwatch::start();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.evidence(&format!("ended before it was ready, with {status}")));
            }
            if ready() {
                return Ok(());
            }
            if watch.elapsed() > limit {
                return Err(self.evidence(&format!("was not ready after {} s", limit.as_secs())));
            }
            std::thread::sleep(PULSE);
        }
    }

    fn evidence(&self, what: &str) -> Failure {
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        Failure::broken(format!("`{}` {what}; it said:\n{said}", self.shown))
    }

    /// Asks the server to stop, and tells whether it did in time.
    fn drain(&mut self) -> bool {
        let term = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        let watch = Stopwatch::start();
        while term && watch.elapsed() < DRAIN {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return true;
            }
            std::thread::sleep(PULSE);
        }
        false
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if !self.drain() {
            leftovers::end(self.child.id());
        }
        if let Err(error) = self.child.wait() {
            eprintln!("xtask: `{}`: {error}", self.shown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: &str) -> Background {
        let folder = layout::target("xtask/background");
        layout::make(&folder).unwrap();
        Background::start(Step::program("sh").words(["-c", script]), &folder.join(name)).unwrap()
    }

    fn runs(pid: u32) -> bool {
        Step::program("kill").words(["-0", &pid.to_string()]).succeeds()
    }

    #[test]
    fn a_server_is_ready_when_the_condition_holds_and_is_gone_with_its_owner() {
        let mut server = shell("ready", "echo ready; exec tail -f /dev/null");
        let log = server.log.clone();
        server
            .wait_until(Duration::from_secs(10), || std::fs::read_to_string(&log).unwrap() == "ready\n")
            .unwrap();
        let pid = server.child.id();
        assert!(runs(pid));
        drop(server);
        assert!(!runs(pid));
    }

    #[test]
    fn a_server_that_ends_at_once_says_why() {
        let mut server = shell("ends", "echo no such file >&2; exit 3");
        let failure = server.wait_until(Duration::from_secs(10), || false).unwrap_err().to_string();
        assert!(failure.contains("exit status: 3") && failure.contains("no such file"), "{failure}");
    }

    #[test]
    fn a_server_that_is_too_slow_is_named() {
        let mut server = shell("slow", "exec tail -f /dev/null");
        let failure = server.wait_until(Duration::ZERO, || false).unwrap_err().to_string();
        assert!(failure.contains("was not ready"), "{failure}");
    }
}
