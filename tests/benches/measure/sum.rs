//! Many short turns are one round.

use std::time::Duration;

/// What one side did in a round.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sum {
    done: u32,
    took: Duration,
}

impl Sum {
    pub(crate) fn add(&mut self, done: u32, took: Duration) {
        self.done += done;
        self.took += took;
    }

    pub(crate) fn per_second(self) -> f64 {
        f64::from(self.done) / self.took.as_secs_f64()
    }
}
