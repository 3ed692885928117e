//! Time, for the parts that wait or answer requests. The verifier's core takes `now` as an argument instead.

use chancery_token::UnixTime;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where time comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The wall clock. May jump.
    fn now(&self) -> UnixTime;

    /// Time since an arbitrary start. Never goes back.
    fn monotonic(&self) -> Duration;
}

/// The clock of the machine.
#[derive(Clone, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts here.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's monotonic clock")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's wall clock")]
    fn now(&self) -> UnixTime {
        // A clock before 1970 is broken. At the end of time every token is expired; at the epoch none would be.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(UnixTime::MAX, |since| UnixTime::from_secs(since.as_secs()))
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that stands until it is moved: for tests, and for judging at a chosen instant.
///
/// ```
/// use chancery_token::UnixTime;
/// use chancery_verifier::clock::{Clock, FixedClock};
/// use std::time::Duration;
///
/// let clock = FixedClock::new(UnixTime::from_secs(1_795_305_600));
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now().as_secs(), 1_795_305_690);
/// assert_eq!(clock.monotonic(), Duration::from_secs(90));
/// ```
#[derive(Debug)]
pub struct FixedClock {
    wall_millis: AtomicU64,
    monotonic_millis: AtomicU64,
}

impl FixedClock {
    /// A clock that shows `now`.
    pub fn new(now: UnixTime) -> Self {
        Self { wall_millis: AtomicU64::new(millis(now)), monotonic_millis: AtomicU64::new(0) }
    }

    /// Lets `span` pass on both clocks, to the millisecond.
    pub fn advance(&self, span: Duration) {
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.wall_millis.fetch_add(span, Ordering::SeqCst);
        self.monotonic_millis.fetch_add(span, Ordering::SeqCst);
    }

    /// Lets the wall clock jump, as an operator or a bad time server makes it.
    pub fn jump(&self, now: UnixTime) {
        self.wall_millis.store(millis(now), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.wall_millis.load(Ordering::SeqCst) / 1000)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic_millis.load(Ordering::SeqCst))
    }
}

fn millis(time: UnixTime) -> u64 {
    time.as_secs().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_seconds_add_up_on_both_clocks() {
        let clock = FixedClock::new(UnixTime::from_secs(10));
        for _ in 0..4 {
            clock.advance(Duration::from_millis(500));
        }
        assert_eq!(clock.now(), UnixTime::from_secs(12));
        assert_eq!(clock.monotonic(), Duration::from_secs(2));
    }

    #[test]
    fn a_jump_of_the_wall_clock_leaves_the_monotonic_one_alone() {
        let clock = FixedClock::new(UnixTime::from_secs(100));
        clock.advance(Duration::from_secs(5));
        clock.jump(UnixTime::from_secs(1));
        assert_eq!((clock.now(), clock.monotonic()), (UnixTime::from_secs(1), Duration::from_secs(5)));
    }
}
