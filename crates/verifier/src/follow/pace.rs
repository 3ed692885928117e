//! How long the follower waits between fetches. Random values come in as numbers.

use std::time::Duration;

/// How long a key set counts as fresh when its answer does not say: the default of a widely used client
/// (panva/jose, `cacheMaxAge`), and short enough for rule.
pub const DEFAULT_LIFETIME: Duration = Duration::from_mins(10);
/// However short the answer's own lifetime: an issuer that says `no-store` is not asked at every turn
/// (hashicorp/vault#9201).
pub const MIN_LIFETIME: Duration = Duration::from_mins(1);
/// However long the answer's own lifetime: within the hour a removed key is gone (rule ), which is also the
/// longest life of a token that a verifier accepts by default.
pub const MAX_LIFETIME: Duration = Duration::from_hours(1);

/// Rule: the first retry comes within a second, later ones take up to a minute.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_mins(1);
/// A draw of zero must not turn a refusing issuer into a busy loop.
const LEAST_RETRY: Duration = Duration::from_millis(100);
/// A wrong setup does not mend by asking; this often its mending is noticed without a restart.
const SETUP_RETRY: Duration = Duration::from_mins(5);

/// Holds an answer's lifetime within the limits.
pub(super) fn lifetime(answered: Option<Duration>, max_stale: Duration) -> Duration {
    answered.unwrap_or(DEFAULT_LIFETIME).min(MAX_LIFETIME).min(max_stale).max(MIN_LIFETIME)
}

/// Rule: at three quarters of the lifetime, give or take a tenth, so that verifiers that started together
/// do not ask together.
pub(super) fn refresh_after(lifetime: Duration, draw: u64) -> Duration {
    let middle = lifetime * 3 / 4;
    let tenth = middle / 10;
    middle.saturating_sub(tenth) + up_to(tenth * 2, draw)
}

/// Full jitter under a bound that doubles with every failure in a row.
pub(super) fn retry_after(failures: u32, draw: u64) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(16));
    up_to(doubled.min(LAST_RETRY), draw).max(LEAST_RETRY)
}

/// When to look again whether a setup was mended.
pub(super) fn setup_retry_after(draw: u64) -> Duration {
    SETUP_RETRY / 2 + up_to(SETUP_RETRY / 2, draw)
}

/// Spreads a draw over `0..=most`, in milliseconds.
fn up_to(most: Duration, draw: u64) -> Duration {
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX - 1);
    Duration::from_millis(draw % (most + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn r_1_5_a_refresh_comes_at_three_quarters_give_or_take_a_tenth(seconds in 60_u64..=3600, draw: u64) {
            let lifetime = Duration::from_secs(seconds);
            let after = refresh_after(lifetime, draw);
            prop_assert!(after.as_millis() * 1000 >= lifetime.as_millis() * 675, "{after:?}");
            prop_assert!(after.as_millis() * 1000 <= lifetime.as_millis() * 825, "{after:?}");
        }

        #[test]
        fn r_1_5_retries_start_within_a_second_and_stay_within_a_minute(failures in 1_u32.., draw: u64) {
            let after = retry_after(failures, draw);
            prop_assert!(after >= LEAST_RETRY && after <= LAST_RETRY);
            prop_assert!(retry_after(1, draw) <= FIRST_RETRY);
        }

        #[test]
        fn a_wrong_setup_is_looked_at_again_within_five_minutes(draw: u64) {
            prop_assert!((SETUP_RETRY / 2..=SETUP_RETRY).contains(&setup_retry_after(draw)));
        }
    }

    #[test]
    fn r_1_5_the_bound_of_a_retry_doubles() {
        let longest = |failures| (0..60_001).map(|draw| retry_after(failures, draw)).max().unwrap();
        let bounds: Vec<u64> = (1..9).map(|failures| longest(failures).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_lifetime_is_held_between_a_minute_and_an_hour() {
        let half_a_day = Duration::from_hours(12);
        for (answered, expected) in [(None, 600), (Some(0), 60), (Some(300), 300), (Some(86_400), 3600)] {
            let answered = answered.map(Duration::from_secs);
            assert_eq!(lifetime(answered, half_a_day).as_secs(), expected);
        }
        assert_eq!(lifetime(None, Duration::from_mins(2)).as_secs(), 120);
    }
}
