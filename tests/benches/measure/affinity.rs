//! Which processor a program runs on.

use crate::run::run;
use std::path::Path;
use std::process::Command;

/// Where servers are measured.
const SERVER: &str = "0";
/// Where whoever asks them runs meanwhile.
pub(crate) const CLIENT: &str = "1";

/// Whether servers and clients get a processor each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// The server alone on one, its client on another.
    Apart,
    /// Wherever the machine puts them.
    Free,
}

impl Placement {
    /// `program`, to be started there.
    pub(crate) fn of_server(self, program: &Path) -> Command {
        match self {
            Self::Free => Command::new(program),
            Self::Apart => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", SERVER]).arg(program);
                command
            }
        }
    }
}

/// Keeps this thread on a processor of its own until it is dropped.
#[derive(Debug)]
pub(crate) struct Aside(String);

impl Aside {
    /// Moves the thread that calls, which must be the main one: `taskset` knows threads by number, and the number
    /// of that one is the number of the process.
    pub(crate) fn step() -> Result<Self, String> {
        let allowed = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let allowed = allowed.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let before = allowed.ok_or("this machine does not say which processors there are")?.trim().to_owned();
        place(CLIENT)?;
        Ok(Self(before))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Where that fails the rest runs on one processor, and its figures say so.
        let _ = place(&self.0);
    }
}

fn place(processors: &str) -> Result<(), String> {
    let own = std::process::id().to_string();
    run(Command::new("taskset").args(["--pid", "--cpu-list", processors, &own]))
}
