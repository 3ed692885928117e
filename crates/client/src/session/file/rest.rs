//! What the process that had the lock last leaves to the next one: that the issuer is not to be asked for a while. It stands
//! in the lock file, for who asks has that, and is worth nothing to anybody else.

use super::fingerprint::Fingerprint;
use crate::error::{Refusal, RequestError};
use chancery_token::UnixTime;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

/// Longest text that is read: what an issuer says is cut, and an address has less.
const MAX_BYTES: u64 = 16 * 1024;
/// No wish is longer, with what is put on it by chance.
const LONGEST: Duration = Duration::from_mins(75);
/// Where nobody said when to come back, this long at first, each time twice as long.
const FIRST_UNSAID: Duration = Duration::from_secs(1);
/// A person who has mended the network, or what was refused, need not wait long.
const LONGEST_UNSAID: Duration = Duration::from_secs(10);

/// Until when nobody asks, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub(crate) struct Rest {
    /// Whoever reads it before that has a clock that went back, and nobody knows how long it is still to hold.
    since: UnixTime,
    until: UnixTime,
    /// How often in a row somebody has asked in vain.
    failures: u32,
    /// The file of the session then: whoever puts another one there has put right what was refused.
    beside: Option<Fingerprint>,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    BadAnswer { endpoint: String, why: String },
    Refused { status: u16, error: String, reason: Option<String>, description: Option<String> },
    Unavailable { status: u16 },
    Unreachable { endpoint: String, why: String },
}

impl Rest {
    /// After this error, and beside this file. `pause` is that of the process that got it, and holds for all where the issuer
    /// wished it. `left` is what is left of the token that is there, if one lives; `before`, how often others had asked in vain.
    pub(crate) fn after(
        error: &RequestError,
        beside: Option<Fingerprint>,
        now: UnixTime,
        pause: Duration,
        left: Option<Duration>,
        before: u32,
    ) -> Option<Self> {
        let unsaid = FIRST_UNSAID.saturating_mul(1 << before.min(8)).min(LONGEST_UNSAID);
        let unsaid = left.map_or(unsaid, |left| unsaid.min(left / 2));
        let pause = if error.retry_after().is_some() { pause } else { unsaid };
        let until = now.plus(pause.max(FIRST_UNSAID));
        Some(Self { since: now, until, failures: before.saturating_add(1), beside, why: Why::of(error)? })
    }

    /// How often in a row somebody has asked in vain.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// What is told instead of asking, beside this file, and how long there is still to wait; `None` when that is over.
    pub(crate) fn holds(
        self,
        beside: Option<Fingerprint>,
        now: UnixTime,
    ) -> Option<(RequestError, Duration)> {
        let left = self.until.since(now);
        let is_now = self.since <= now && !left.is_zero() && left <= LONGEST;
        let is_here = self.beside == beside || !matches!(self.why, Why::Refused { .. });
        (is_now && is_here).then(|| (self.why.error(left), left))
    }
}

impl Why {
    /// `None` where nobody was asked for a token.
    fn of(error: &RequestError) -> Option<Self> {
        Some(match error.clone() {
            RequestError::BadAnswer { endpoint, why } => Self::BadAnswer { endpoint, why },
            RequestError::OtherIssuer { .. } => return None,
            RequestError::Refused { status, refusal: Refusal { error, reason, description } } => {
                Self::Refused { status, error, reason, description }
            }
            RequestError::Unavailable { status, .. } => Self::Unavailable { status },
            RequestError::Unreachable { endpoint, why } => Self::Unreachable { endpoint, why },
        })
    }

    fn error(self, left: Duration) -> RequestError {
        match self {
            Self::BadAnswer { endpoint, why } => RequestError::BadAnswer { endpoint, why },
            Self::Refused { status, error, reason, description } => {
                RequestError::Refused { status, refusal: Refusal { error, reason, description } }
            }
            Self::Unavailable { status } => RequestError::Unavailable { status, retry_after: Some(left) },
            Self::Unreachable { endpoint, why } => RequestError::Unreachable { endpoint, why },
        }
    }
}

/// Reads what was left. Whatever cannot be read is nothing.
pub(super) fn read(mut lock: &File) -> Option<Rest> {
    let mut text = Vec::new();
    lock.seek(SeekFrom::Start(0)).ok()?;
    lock.take(MAX_BYTES).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Leaves this, in the place of what was left before.
pub(super) fn write(mut lock: &File, rest: Option<&Rest>) -> io::Result<()> {
    let about = lock.metadata()?;
    if about.nlink() != 1 {
        // It has another name, too: what it holds may be somebody else's.
        return Ok(());
    }
    if about.len() > 0 {
        lock.set_len(0)?;
    }
    if let Some(rest) = rest {
        lock.seek(SeekFrom::Start(0))?;
        lock.write_all(&serde_json::to_vec(rest)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn unreachable() -> RequestError {
        RequestError::Unreachable { endpoint: "https://a.example".to_owned(), why: "refused".to_owned() }
    }

    #[test]
    fn what_the_issuer_wishes_holds_for_all_and_to_the_second() {
        let error = RequestError::Unavailable { status: 429, retry_after: Some(secs(60)) };
        let rest = Rest::after(&error, None, NOW, Duration::from_millis(61_900), Some(secs(5)), 3).unwrap();
        let holds = |after| rest.clone().holds(None, NOW.plus(secs(after)));
        let told = RequestError::Unavailable { status: 429, retry_after: Some(secs(41)) };
        assert_eq!(holds(20), Some((told, secs(41))));
        assert!(holds(60).is_some() && holds(61).is_none());
    }

    #[test]
    fn what_nobody_wished_holds_for_longer_each_time_and_for_seconds_in_the_end() {
        let span = |before, left: Option<u64>| {
            let rest = Rest::after(&unreachable(), None, NOW, secs(60), left.map(secs), before).unwrap();
            assert_eq!(rest.failures(), before + 1);
            rest.holds(None, NOW).unwrap().1.as_secs()
        };
        assert_eq!([0, 1, 2, 3, 4, 5, 100].map(|before| span(before, None)), [1, 2, 4, 8, 10, 10, 10]);
        // A token that ends soon is renewed sooner.
        assert_eq!([Some(12), Some(1), Some(900)].map(|left| span(9, left)), [6, 1, 10]);
    }

    #[test]
    fn whoever_waits_is_told_what_was_said_to_who_asked() {
        let (endpoint, why) = ("e".to_owned(), "w".to_owned());
        let refusal = Refusal { error: "invalid_client".to_owned(), reason: None, description: None };
        for error in [
            unreachable(),
            RequestError::BadAnswer { endpoint, why },
            RequestError::Refused { status: 401, refusal },
            RequestError::Unavailable { status: 503, retry_after: Some(secs(7)) },
        ] {
            let rest = Rest::after(&error, None, NOW, secs(7), None, 9).unwrap();
            let read: Rest = serde_json::from_slice(&serde_json::to_vec(&rest).unwrap()).unwrap();
            assert_eq!(read.holds(None, NOW).unwrap().0, error);
        }
    }

    #[test]
    fn a_clock_that_went_back_makes_no_rest_longer() {
        let rest = Rest::after(&unreachable(), None, NOW, secs(5), None, 5).unwrap();
        for back in [Duration::from_hours(3), Duration::from_mins(30), secs(1)] {
            assert_eq!(rest.clone().holds(None, NOW.minus(back)), None, "{back:?}");
        }
    }
}
