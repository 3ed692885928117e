//! How long the follower waits between questions about the log. Random values come in as numbers.

use std::time::Duration;

/// A question is held this long by the issuer, unless news come. Idle load balancers and NAT give up after a minute, the
/// strictest after 30 s.
const LONGEST_HOLD: Duration = Duration::from_secs(25);
const SHORTEST_HOLD: Duration = Duration::from_secs(1);
/// Retries spread over this at first, and over [`LAST_RETRY`] in the end: revocations wait for nobody.
const FIRST_RETRY: Duration = Duration::from_millis(200);
const LAST_RETRY: Duration = Duration::from_secs(10);
/// A draw of zero must not turn a refusing issuer into a busy loop.
const LEAST_RETRY: Duration = Duration::from_millis(100);
/// An issuer that asks for more patience than this is asked again anyway: news matter.
const MOST_PATIENCE: Duration = Duration::from_mins(1);
/// An answer without news that comes at once, from a cache that does not hold questions, is not asked for at every turn.
pub(super) const BREATH: Duration = Duration::from_secs(1);

/// What is this much older than the last heartbeat can be was not confirmed by the issuer meanwhile.
const LATE: Duration = Duration::from_secs(5);

/// How long the issuer is asked to hold a question, when news may be `youngest` old: heartbeats come twice as often, a
/// second for rounding and the way not counted. An issuer that has not seen the end of its log for a while has nothing
/// to tell when it sees it again but that; whoever holds news of this `age` hears it by the next question.
pub(super) fn hold(youngest: Duration, age: Option<Duration>) -> Duration {
    let half = youngest.saturating_sub(Duration::from_secs(1)) / 2;
    let usual = Duration::from_secs(half.clamp(SHORTEST_HOLD, LONGEST_HOLD).as_secs());
    if age.is_some_and(|age| age > usual + LATE) { SHORTEST_HOLD } else { usual }
}

/// Full jitter under a bound that doubles with every failure in a row, and no sooner than the issuer asks for.
pub(super) fn retry_after(failures: u32, asked: Option<Duration>, draw: u64) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let jittered = up_to(doubled.min(LAST_RETRY), draw).max(LEAST_RETRY);
    match asked.map(|asked| asked.min(MOST_PATIENCE)) {
        // All who were told the same do not come back together.
        Some(asked) => asked + up_to(asked / 2, draw),
        None => jittered,
    }
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
        fn retries_stay_between_a_tenth_of_a_second_and_ten(failures in 1_u32.., draw: u64) {
            let after = retry_after(failures, None, draw);
            prop_assert!((LEAST_RETRY..=LAST_RETRY).contains(&after), "{after:?}");
        }

        #[test]
        fn whoever_asks_for_patience_gets_it_within_reason(seconds in 0_u64..10_000, draw: u64) {
            let asked = Duration::from_secs(seconds).min(MOST_PATIENCE);
            let after = retry_after(1, Some(Duration::from_secs(seconds)), draw);
            prop_assert!(after >= asked && after <= asked * 3 / 2, "{after:?}");
        }
    }

    #[test]
    fn the_bound_of_a_retry_doubles() {
        let longest = |failures| (0..10_001).map(|draw| retry_after(failures, None, draw)).max().unwrap();
        let bounds: Vec<u128> = (1..9).map(|failures| longest(failures).as_millis()).collect();
        assert_eq!(bounds, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    }

    #[test]
    fn heartbeats_come_often_enough_for_the_shortest_age_that_is_asked_for() {
        let holds =
            [3, 5, 10, 30, 51, 60, 3600].map(|youngest| hold(Duration::from_secs(youngest), None).as_secs());
        assert_eq!(holds, [1, 2, 4, 14, 25, 25, 25]);
    }

    #[test]
    fn whoever_holds_old_news_asks_every_second() {
        let after = |age| hold(Duration::from_mins(1), Some(Duration::from_secs(age))).as_secs();
        assert_eq!([0, 25, 30, 31, 59, 4000].map(after), [25, 25, 25, 1, 1, 1]);
        assert_eq!(hold(Duration::from_secs(10), Some(Duration::from_secs(10))), SHORTEST_HOLD);
    }
}
