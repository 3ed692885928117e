//! How many tokens each client revoked one by one of late.
//!
//! Every one of them is carried to every verifier. Who revokes that many means all of them, and one entry says so.

use chancery_token::{ClientId, UnixTime};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// As many tokens a client revokes one by one within the longest life of a token: a four-hundredth of what the log
/// has room for ([`chancery_revocation::MAX_IDS`]).
pub const MOST_SINGLE: u32 = 10_000;

/// Counts by the minute, so that a client takes some room for each minute, and not for each token.
const GRAIN: u64 = 60;

/// As many entries by its own name a client appends at once, when it has revoked [`MOST_SINGLE`]. The store keeps the last
/// one for months, and each of them until the tokens of its time are over.
pub const MOST_BY_NAME: u32 = 60;

/// After so many seconds it may append one more.
const BY_NAME_EVERY: u64 = 60;

/// What was revoked one by one, by client.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    clients: HashMap<ClientId, VecDeque<Minute>>,
    /// When each will have all of [`MOST_BY_NAME`] again, in seconds since 1970.
    by_name: HashMap<ClientId, u64>,
    /// When those who revoked nothing of late were last forgotten.
    swept: u64,
}

#[derive(Clone, Copy, Debug)]
struct Minute {
    number: u64,
    revoked: u32,
}

/// Whether a client may revoke one more by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// It may.
    Left,
    /// It revoked [`MOST_SINGLE`] already.
    Spent,
}

/// A client ended all that it has so often that it has to wait. What it presented is not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the client has revoked thousands of its tokens, and all of them over and over: wait for {} seconds, or have it \
     disabled if somebody else uses it", .wait.as_secs()
)]
pub struct RevokedTooOften {
    /// For how long.
    pub wait: Duration,
}

impl RevokedTooOften {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        "revoked_too_often"
    }
}

impl Tally {
    /// Counts one entry by the name of `client` at `now`, if it may append one.
    ///
    /// # Errors
    /// It has to wait, no longer than a minute.
    pub fn take_by_name(&mut self, client: &ClientId, now: UnixTime) -> Result<(), RevokedTooOften> {
        let now = now.as_secs();
        self.by_name.retain(|_, full_at| *full_at > now);
        let latest = now + BY_NAME_EVERY * u64::from(MOST_BY_NAME);
        // A clock that was set back keeps nobody waiting for longer.
        let full_at = self.by_name.get(client).copied().unwrap_or(now).min(latest);
        let next = full_at + BY_NAME_EVERY;
        if next > latest {
            return Err(RevokedTooOften { wait: Duration::from_secs(next - latest) });
        }
        self.by_name.insert(client.clone(), next);
        Ok(())
    }

    /// Whether `client` may revoke one more by itself at `now`, with [`MOST_SINGLE`] of them within `window`.
    pub fn quota(&self, client: &ClientId, now: UnixTime, window: Duration) -> Quota {
        let first = first_minute(now, window);
        let minutes = self.clients.get(client).into_iter().flatten();
        let counted = minutes.filter(|minute| minute.number >= first).map(|minute| minute.revoked);
        if counted.fold(0, u32::saturating_add) < MOST_SINGLE { Quota::Left } else { Quota::Spent }
    }

    /// Notes that `client` revoked one by itself at `now`.
    pub fn note(&mut self, client: &ClientId, now: UnixTime, window: Duration) {
        let (number, first) = (now.as_secs() / GRAIN, first_minute(now, window));
        if self.swept < number {
            self.swept = number;
            self.clients.retain(|_, minutes| minutes.back().is_some_and(|last| last.number >= first));
        }
        let minutes = self.clients.entry(client.clone()).or_default();
        while minutes.front().is_some_and(|minute| minute.number < first) {
            minutes.pop_front();
        }
        match minutes.back_mut() {
            // A clock that was set back counts on where it was.
            Some(last) if last.number >= number => last.revoked = last.revoked.saturating_add(1),
            _ => minutes.push_back(Minute { number, revoked: 1 }),
        }
    }
}

/// The first minute that still counts, the one that is only in part within the window included.
fn first_minute(now: UnixTime, window: Duration) -> u64 {
    now.minus(window).as_secs() / GRAIN
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn bot() -> ClientId {
        "bot".parse().unwrap()
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(1_795_305_600 + seconds)
    }

    fn noted(tally: &mut Tally, times: u32, now: UnixTime) {
        for _ in 0..times {
            tally.note(&bot(), now, HOUR);
        }
    }

    #[test]
    fn ten_thousand_fit_and_no_more_until_the_first_of_them_are_a_lifetime_old() {
        let mut tally = Tally::default();
        noted(&mut tally, 4_000, at(0));
        noted(&mut tally, 5_999, at(1800));
        assert_eq!(tally.quota(&bot(), at(1801), HOUR), Quota::Left);
        noted(&mut tally, 1, at(1801));
        assert_eq!(tally.quota(&bot(), at(1801), HOUR), Quota::Spent);
        assert_eq!(
            tally.quota(&"other".parse().unwrap(), at(1801), HOUR),
            Quota::Left,
            "each client has its own"
        );
        assert_eq!(tally.quota(&bot(), at(3599), HOUR), Quota::Spent);
        assert_eq!(
            tally.quota(&bot(), at(3660), HOUR),
            Quota::Left,
            "the first four thousand do not count any more"
        );
    }

    #[test]
    fn it_forgets_who_revoked_nothing_of_late_and_takes_no_room_for_each_token() {
        let mut tally = Tally::default();
        for n in 0..1000 {
            tally.note(&format!("client-{n}").parse().unwrap(), at(0), HOUR);
        }
        for minute in 0..200 {
            noted(&mut tally, 50, at(7200 + 60 * minute));
        }
        assert_eq!(tally.clients.len(), 1);
        assert!(tally.clients[&bot()].len() <= 62);
    }

    #[test]
    fn whoever_ends_everything_again_and_again_waits_for_a_minute_each_time() {
        let mut tally = Tally::default();
        let mut take = |client: &str, seconds| tally.take_by_name(&client.parse().unwrap(), at(seconds));
        for _ in 0..MOST_BY_NAME {
            assert_eq!(take("bot", 0), Ok(()));
        }
        let wait = |seconds| Err(RevokedTooOften { wait: Duration::from_secs(seconds) });
        assert_eq!((take("bot", 0), take("bot", 59)), (wait(60), wait(1)));
        assert_eq!((take("bot", 60), take("bot", 60)), (Ok(()), wait(60)));
        assert_eq!(take("other", 60), Ok(()), "each client has its own");
        for _ in 0..2 {
            assert_eq!(take("bot", 120 + 3540), Ok(()), "what was not taken is there later");
        }
        assert_eq!(tally.by_name.len(), 1, "who took nothing of late is forgotten");
        for _ in 0..MOST_BY_NAME {
            let _ = tally.take_by_name(&bot(), at(7200));
        }
        assert_eq!(
            tally.take_by_name(&bot(), at(0)),
            wait(60),
            "a clock that is set back makes it no longer"
        );
    }

    #[test]
    fn a_clock_that_is_set_back_gives_no_room() {
        let mut tally = Tally::default();
        noted(&mut tally, 9_999, at(600));
        noted(&mut tally, 1, at(0));
        assert_eq!(tally.quota(&bot(), at(0), HOUR), Quota::Spent);
        assert_eq!(tally.quota(&bot(), at(600), HOUR), Quota::Spent);
    }
}
