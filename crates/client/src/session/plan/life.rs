//! How long a token lives, by two clocks.

use crate::due::renewed_after;
use chancery_token::UnixTime;
use std::time::Duration;

/// The shortest life of a token that is handed out, unless somebody says otherwise.
const USUAL: Duration = Duration::from_secs(30);
/// So long a token is fresh enough for whoever wants more than it ever lives: an issuer that rotates a refresh token eight
/// times in two minutes at most is then never asked too often.
const FRESH: Duration = Duration::from_secs(30);

/// An instant, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// May jump, and goes on while the machine sleeps.
    pub(crate) wall: UnixTime,
    /// Never goes back, and may stand while the machine sleeps.
    pub(crate) monotonic: Duration,
}

/// The shortest life that a caller wants of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Least {
    /// Nobody said.
    Usual,
    /// As a handle says: where it cannot be had, less is taken.
    Wished(Duration),
    /// As a call says: less is an error.
    Demanded(Duration),
}

impl Least {
    /// Whether what was got for `self` is good enough for `other`.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.span() >= other.span()
    }

    fn span(self) -> Duration {
        match self {
            Self::Usual => USUAL,
            Self::Wished(span) | Self::Demanded(span) => span,
        }
    }

    /// Of a token that lives for `whole` altogether: what must be left of it. Where a token lives hardly as long as is
    /// wanted, or never, a fresh one does, so that not every call makes another: for an eighth of its life, and for half a
    /// minute at least where it has a minute.
    fn of(self, whole: Duration) -> Duration {
        match self {
            Self::Usual => USUAL.min(whole / 4),
            Self::Wished(span) | Self::Demanded(span) => {
                let fresh = (whole / 8).max(FRESH.min(whole / 2));
                span.min(whole.saturating_sub(fresh))
            }
        }
    }

    /// As much again is left when the next token is asked for, so that nobody has to wait for it.
    fn ahead_of(self, whole: Duration) -> Duration {
        let of = self.of(whole);
        of.saturating_add((whole / 10).min(whole.saturating_sub(of) / 2))
    }
}

/// The life of a token. What is left of it goes by the wall clock or by the monotonic one, by whichever it is less: no jump
/// makes a token live longer than it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    obtained_at: UnixTime,
    expires_at: UnixTime,
    /// The end by the monotonic clock.
    ends: Duration,
}

impl Life {
    /// That of a token that was asked for at `obtained_at`, as it is seen at `now`.
    pub(crate) fn new(obtained_at: UnixTime, expires_at: UnixTime, now: Moment) -> Self {
        let left = expires_at.since(now.wall).min(expires_at.since(obtained_at));
        Self { obtained_at, expires_at, ends: now.monotonic.saturating_add(left) }
    }

    pub(crate) fn obtained_at(&self) -> UnixTime {
        self.obtained_at
    }

    /// All of it.
    fn whole(&self) -> Duration {
        self.expires_at.since(self.obtained_at)
    }

    /// What is left of it.
    pub(crate) fn left(&self, now: Moment) -> Duration {
        let by_wall = self.expires_at.since(now.wall).min(self.whole());
        by_wall.min(self.ends.saturating_sub(now.monotonic))
    }

    /// Whether enough is left of it.
    pub(crate) fn suffices(&self, least: Least, now: Moment) -> bool {
        self.left(now) > least.of(self.whole())
    }

    /// Whether so much of it is enough, and will be for a while.
    pub(crate) fn is_ample(&self, left: Duration, least: Least) -> bool {
        left > least.ahead_of(self.whole())
    }

    /// Whether it is time for the next one, for a caller that wants `least`.
    pub(crate) fn is_due(&self, least: Least, now: Moment) -> bool {
        self.is_old(now) || !self.is_ample(self.left(now), least)
    }

    /// Whether it is time for the next one, whoever calls: so much of it is over, or it was got in the future, so that nobody
    /// knows how long it lives.
    pub(crate) fn is_old(&self, now: Moment) -> bool {
        let over = self.whole().saturating_sub(self.left(now));
        now.wall < self.obtained_at || over >= renewed_after(self.whole())
    }

    /// When that will be, if no clock jumps; at the latest now, if it is so.
    pub(crate) fn due_at(&self, now: Moment) -> UnixTime {
        let due_at = self.obtained_at.plus(renewed_after(self.whole()));
        if self.is_old(now) { due_at.min(now.wall) } else { due_at }
    }
}
