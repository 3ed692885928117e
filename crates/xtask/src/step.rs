//! One child process that must succeed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::failure::Failure;
use crate::{layout, leftovers};

/// Longest time a child gets when nothing shorter is asked for: the whole of CI is meant to take less.
const LONGEST: Duration = Duration::from_hours(1);

/// A child process in the making: no standard input, started at the root of the checkout.
pub(crate) struct Step {
    command: Command,
    shown: String,
    limit: Duration,
}

impl Step {
    /// The same cargo that built this program, so that a chosen toolchain stays chosen.
    pub(crate) fn cargo(words: &[&str]) -> Self {
        let mut step = Self::program("cargo").words(words);
        let mut command = Command::new(env!("CARGO"));
        command.args(step.command.get_args()).current_dir(layout::root()).stdin(Stdio::null());
        // `cargo run` lets these through to us; a child that builds must not inherit another package's identity.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            command.env_remove(name);
        }
        step.command = command;
        step.env(leftovers::MARK, leftovers::mark())
    }

    pub(crate) fn program(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(layout::root()).stdin(Stdio::null());
        let shown = layout::shown(Path::new(program.as_ref()));
        Self { command, shown, limit: LONGEST }.env(leftovers::MARK, leftovers::mark())
    }

    pub(crate) fn words<W: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        for word in words {
            self.shown.push(' ');
            self.shown.push_str(&layout::shown(Path::new(word.as_ref())));
            self.command.arg(word);
        }
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Past this the child is ended and has failed.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sends both outputs of the child to a file.
    pub(crate) fn log_to(mut self, log: &Path) -> Result<Self, Failure> {
        let file = File::create(log).map_err(|e| Failure::io(&layout::shown(log), &e))?;
        let twin = file.try_clone().map_err(|e| Failure::io(&layout::shown(log), &e))?;
        self.command.stdout(file).stderr(twin);
        Ok(self)
    }

    /// Runs the child with our outputs and waits for it.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        println!("$ {}", self.shown);
        let child = self.start()?;
        let status = self.outlive(child)?;
        self.judge(status)
    }

    /// Runs the child, hands each line of its standard output to `see`, and waits for it. Its errors go to ours.
    pub(crate) fn lines(mut self, mut see: impl FnMut(&str)) -> Result<(), Failure> {
        println!("$ {}", self.shown);
        self.command.stdout(Stdio::piped());
        let mut child = self.start()?;
        let output = child.stdout.take();
        let (done, limit) = self.watch(&child);
        if let Some(output) = output {
            for line in BufReader::new(output).lines() {
                let line = line.map_err(|e| Failure::io(&self.shown, &e))?;
                see(&line);
            }
        }
        let status = child.wait().map_err(|e| Failure::io(&self.shown, &e))?;
        drop(done);
        limit.join().map_err(|_| self.late())?;
        self.judge(status)
    }

    /// Whether the child can be started and exits with 0; its outputs are dropped.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = self.start() else { return false };
        self.outlive(child).is_ok_and(|status| status.success())
    }

    /// The child's standard output, trimmed; `None` when it did not succeed.
    pub(crate) fn answer(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Hands the command over to somebody who keeps it running.
    pub(crate) fn into_command(self) -> (Command, String) {
        (self.command, self.shown)
    }

    fn start(&mut self) -> Result<Child, Failure> {
        self.command.spawn().map_err(|e| Failure::io(&format!("cannot start `{}`", self.shown), &e))
    }

    fn outlive(&self, mut child: Child) -> Result<ExitStatus, Failure> {
        let (done, limit) = self.watch(&child);
        let status = child.wait().map_err(|e| Failure::io(&self.shown, &e))?;
        drop(done);
        limit.join().map_err(|_| self.late())?;
        Ok(status)
    }

    /// Ends the child when its time is up, unless the sender is dropped before.
    fn watch(&self, child: &Child) -> (mpsc::Sender<()>, std::thread::JoinHandle<()>) {
        let (done, waiting) = mpsc::channel::<()>();
        let (pid, limit, late) = (child.id(), self.limit, self.late().to_string());
        let thread = std::thread::spawn(move || {
            if waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                eprintln!("xtask: {late}");
                leftovers::end(pid);
            }
        });
        (done, thread)
    }

    fn late(&self) -> Failure {
        Failure::broken(format!("`{}` took longer than {} s and was ended", self.shown, self.limit.as_secs()))
    }

    fn judge(&self, status: ExitStatus) -> Result<(), Failure> {
        if status.success() {
            return Ok(());
        }
        Err(Failure::broken(format!("`{}` ended with {status}", self.shown)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Step {
        Step::program("sh").words(["-c", script])
    }

    #[test]
    fn a_child_that_fails_is_named_with_its_exit_code() {
        let failure = shell("exit 7").run().unwrap_err().to_string();
        assert!(failure.contains("exit 7") && failure.contains("exit status: 7"), "{failure}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = Step::program("no-such-program-here").run().unwrap_err().to_string();
        assert!(failure.contains("cannot start `no-such-program-here`"), "{failure}");
    }

    #[test]
    fn a_child_that_outlives_its_limit_is_ended() {
        let failure = shell("exec tail -f /dev/null").within(Duration::from_millis(50)).run().unwrap_err();
        assert!(failure.to_string().contains("signal"), "{failure}");
    }

    #[test]
    fn lines_arrive_in_order_and_the_verdict_after_them() {
        let mut seen = Vec::new();
        let ended = shell("echo one; echo two; exit 3").lines(|line| seen.push(line.to_owned()));
        assert_eq!(seen, ["one", "two"]);
        assert!(ended.is_err());
    }

    #[test]
    fn a_child_has_no_standard_input() {
        assert!(shell("! read line").succeeds());
    }
}
