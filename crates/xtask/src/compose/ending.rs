//! Being asked to end.

use std::sync::mpsc::{self, Receiver};

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;

/// Hears of Ctrl-C, of a terminal that is closed, and of `kill`. From its making on none of them ends this process, so
/// that what it has started is ended first.
pub(super) struct Ending {
    asked: Receiver<()>,
}

impl Ending {
    pub(super) fn listen() -> Result<Self, Failure> {
        let fault = |e| Failure::io("listening for signals", &e);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(fault)?;
        let (ask, asked) = mpsc::channel();
        let within = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt()).map_err(fault)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(fault)?;
        let mut hangup = signal(SignalKind::hangup()).map_err(fault)?;
        drop(within);
        std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
            });
            // Nobody listens if we are ending anyway.
            ask.send(()).is_ok()
        });
        Ok(Self { asked })
    }

    /// Waits until somebody asks, or has asked before.
    pub(super) fn wait(self) -> Result<(), Failure> {
        self.asked.recv().map_err(|_| Failure::broken("nobody listens for signals any more"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Step;

    #[test]
    fn a_signal_ends_the_waiting_and_not_the_process() {
        let ending = Ending::listen().unwrap();
        Step::program("kill").words(["-HUP", &std::process::id().to_string()]).run().unwrap();
        ending.wait().unwrap();
    }
}
