//! A clock that somebody else moves.

use chancery_verifier::clock::Clock;
use chancery_verifier::token::UnixTime;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Shows what it was set to last, on both clocks.
#[derive(Debug)]
pub(crate) struct DrivenClock {
    start: UnixTime,
    now: AtomicU64,
}

impl DrivenClock {
    pub(crate) fn at(start: UnixTime) -> Self {
        Self { start, now: AtomicU64::new(start.as_secs()) }
    }

    pub(crate) fn set(&self, now: UnixTime) {
        self.now.store(now.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for DrivenClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.now.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        self.now().since(self.start)
    }
}
