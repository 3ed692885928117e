//! Waiting for something to become true.

use chancery_verifier::clock::{Clock as _, SystemClock};
use std::time::Duration;

/// Far longer than anything takes, so that only what never comes runs into it.
const DEADLINE_MILLIS: u32 = 30_000;
const PAUSE_MILLIS: u32 = 5;

/// Asks again and again until `look` finds something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..DEADLINE_MILLIS / PAUSE_MILLIS {
        if let Some(found) = look() {
            return found;
        }
        std::thread::park_timeout(Duration::from_millis(PAUSE_MILLIS.into()));
    }
    panic!("it never came: {what}")
}

/// Asks again and again until `look` finds something, which the protocol promises within `bound`.
pub(crate) fn within<T>(bound: Duration, what: &str, look: impl FnMut() -> Option<T>) -> T {
    found_within(bound, look).unwrap_or_else(|| panic!("it did not come within {bound:?}: {what}"))
}

/// As [`within`], for who has more to say where nothing is found.
pub(crate) fn found_within<T>(bound: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let clock = SystemClock::new();
    loop {
        // Read before the look: one that began in time is in time, however long the machine took for it.
        let waited = clock.monotonic();
        if let Some(found) = look() {
            return Some(found);
        }
        if waited >= bound {
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(PAUSE_MILLIS.into()));
    }
}
