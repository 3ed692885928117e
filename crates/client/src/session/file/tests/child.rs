//! Other processes: this test binary again, which runs one test that is told where to work.

use super::*;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, thread};

/// Names the file that a child works on.
const FILE: &str = "CHANCERY_TEST_SESSION_FILE";

/// The file that this process was told to work on, if it is a child.
#[expect(
    clippy::disallowed_methods,
    reason = "a child of a test is told its work so: its arguments are the harness's"
)]
pub(super) fn told() -> Option<SessionFile> {
    env::var_os(FILE).map(|path| SessionFile::at(Path::new(&path)))
}

/// The command that runs `test` of this module's siblings as a child; behind `front`, which runs it in its turn.
pub(super) fn command(front: &[&str], test: &str, file: &SessionFile) -> Command {
    let program = env::current_exe().unwrap();
    let name = format!("session::file::tests::{test}");
    let mut command = match front {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    };
    command.args(["--exact", &name, "--nocapture", "--test-threads=1"]).env(FILE, file.path());
    command.stdin(Stdio::null());
    command
}

/// Runs it to its end; what it said if it failed.
pub(super) fn run(mut command: Command) -> Result<(), String> {
    let output = command.output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() && said.contains("1 passed") { Ok(()) } else { Err(said) }
}

/// A child that goes on until it is killed.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(mut command: Command) -> (Self, ChildStdout) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = child.stdout.take().unwrap();
        (Self(child), said)
    }

    /// SIGKILL.
    pub(super) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.0.kill();
        }
    }
}
