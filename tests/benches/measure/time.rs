//! Time, as it passes.

use std::time::Instant;

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The machine's clock: durations are what a bench is about.
#[expect(clippy::disallowed_methods, reason = "a bench measures the time that passes")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
