//! A command of somebody else's, run to its end.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::serve::no_signals;
use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::future::pending;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use tokio::signal::unix::{Signal as Arriving, SignalKind, signal};
use tokio::sync::mpsc::{self, Receiver};

/// What is handed on to the command.
const FORWARDED: [Signal; 7] =
    [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::USR1, Signal::USR2, Signal::WINCH];
/// What a terminal sends by itself to everybody in front of it when somebody types it.
const TYPED: [Signal; 2] = [Signal::INT, Signal::QUIT];
/// What ends a program that says nothing else. `USR1` and `USR2` would, too, and are words of the command's own.
const ENDING: [Signal; 4] = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM];

/// What shells answer for a command that is not there, and for one that cannot be run (POSIX.1-2024, Shell 2.8.2).
const NOT_FOUND: u8 = 127;
const NOT_RUNNABLE: u8 = 126;
/// What shells add to the number of a signal.
const BY_SIGNAL: i32 = 128;

/// Signals that have been caught, and wait for a command that they can be given to.
#[derive(Debug)]
pub(super) struct Signals {
    arriving: Receiver<Signal>,
    ended: Arriving,
    /// Those that were left to the terminal once.
    left: Vec<Signal>,
}

/// A command that runs.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Signals {
    /// From here on they no longer end this process. One that is ignored, as `nohup` has it, stays so for the command.
    pub(super) fn catch() -> Result<Self, Failure> {
        let ended = signal(SignalKind::child()).map_err(|why| no_signals(&why))?;
        let (sender, arriving) = mpsc::channel(FORWARDED.len());
        let ignored = ignored();
        for each in FORWARDED.into_iter().filter(|each| !ignored.contains(each)) {
            let caught = signal(SignalKind::from_raw(each.as_raw()));
            let mut caught = caught.map_err(|why| no_signals(&why))?;
            let sender = sender.clone();
            tokio::spawn(
                async move { while caught.recv().await.is_some() && sender.send(each).await.is_ok() {} },
            );
        }
        Ok(Self { arriving, ended, left: Vec::new() })
    }

    /// Waits until somebody asks this process to end, where there is no command that it could be handed on to: how it
    /// ends then.
    pub(super) async fn asked_to_end(&mut self) -> Exit {
        loop {
            let arrived = next(&mut self.arriving).await;
            if ENDING.contains(&arrived) {
                return by_signal(arrived.as_raw());
            }
        }
    }

    /// Whether the command does not hear of it otherwise. What is typed at a terminal reaches it from there; who sends
    /// the same again means it, wherever it comes from.
    fn is_handed_on(&mut self, arrived: Signal) -> bool {
        if !TYPED.contains(&arrived) || self.left.contains(&arrived) || !is_before_a_terminal() {
            return true;
        }
        self.left.push(arrived);
        false
    }
}

impl Running {
    /// Starts `words` with more in its environment.
    pub(super) fn start<'v>(
        words: &[OsString],
        variables: impl IntoIterator<Item = (&'v str, &'v OsStr)>,
    ) -> Result<Self, Failure> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| not_started(OsStr::new(""), &io::ErrorKind::NotFound.into()))?;
        let child = Command::new(program).args(arguments).envs(variables).spawn();
        child.map(Self).map_err(|why| not_started(program, &why))
    }

    /// Waits for its end, and gives it the signals that come meanwhile.
    pub(super) async fn ended(mut self, signals: &mut Signals) -> Exit {
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return exit(status),
                Ok(None) => {}
                // Somebody else waited for it; how it ended is lost.
                Err(_) => return Exit::Command(u8::MAX),
            }
            tokio::select! {
                _ = signals.ended.recv() => {}
                arrived = next(&mut signals.arriving) => {
                    if signals.is_handed_on(arrived) {
                        self.hand_on(arrived);
                    }
                }
            }
        }
    }

    /// It was not waited for yet, so that its id is nobody else's.
    fn hand_on(&self, arrived: Signal) {
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // One that has just ended needs no signal.
            let _ = kill_process(pid, arrived);
        }
    }
}

async fn next(arriving: &mut Receiver<Signal>) -> Signal {
    match arriving.recv().await {
        Some(arrived) => arrived,
        // All of them are ignored.
        None => pending().await,
    }
}

/// Whether the terminal sends its signals to the command as well: it runs in the same group as this process.
fn is_before_a_terminal() -> bool {
    File::open("/dev/tty").and_then(|terminal| Ok(tcgetpgrp(terminal)?)).is_ok_and(|group| group == getpgrp())
}

/// The signals that this process was started to ignore; as far as the system tells.
fn ignored() -> Vec<Signal> {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let is_in = |each: &Signal| u32::try_from(each.as_raw() - 1).is_ok_and(|bit| mask >> bit & 1 == 1);
    FORWARDED.into_iter().filter(is_in).collect()
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Command(u8::try_from(code).unwrap_or(u8::MAX)),
        (None, Some(signal)) => by_signal(signal),
        (None, None) => Exit::Command(u8::MAX),
    }
}

fn by_signal(number: i32) -> Exit {
    Exit::Command(u8::try_from(BY_SIGNAL + number).unwrap_or(u8::MAX))
}

fn not_started(program: &OsStr, why: &io::Error) -> Failure {
    let shown = program.display();
    if why.kind() == io::ErrorKind::NotFound {
        let message = format!("there is no program {shown}");
        return Failure::new(Exit::Command(NOT_FOUND), "command_not_found", message);
    }
    Failure::new(Exit::Command(NOT_RUNNABLE), "command_not_runnable", format!("{shown} cannot be run: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_as_in_a_shell() {
        assert_eq!(exit(ExitStatus::from_raw(3 << 8)), Exit::Command(3));
        assert_eq!(exit(ExitStatus::from_raw(15)), Exit::Command(143));
    }
}
