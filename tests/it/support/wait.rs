//! Waiting for something to become true.

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
