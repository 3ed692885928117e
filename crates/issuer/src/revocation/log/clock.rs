//! Whether the wall clock of this machine can be believed: the one that never goes back says how much time has passed.
//!
//! A wall clock that leaps ahead would make documents that verifiers refuse as from the future, and would move the floor,
//! which never comes back: tokens that live would be refused.

use crate::revocation::{ClockJumped, SKEW};
use chancery_revocation::{Log, Moment};
use chancery_token::UnixTime;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Issuers note every half minute what is current. Where none has for a day, either none ran, or the clock is wrong.
const A_DAY: Duration = Duration::from_hours(24);

/// A clock that leapt and then went with time for so long is believed: the machine slept, or was paused. A server of time
/// that was wrong for a moment has long been corrected.
const PATIENCE: Duration = Duration::from_mins(1);

/// The wall clock, watched. A clock that is wrong at the start is believed: nothing here is there to tell.
#[derive(Debug, Default)]
pub(super) struct ClockWatch(Mutex<Clock>);

#[derive(Clone, Copy, Debug, Default)]
enum Clock {
    /// Nobody looked yet.
    #[default]
    Unread,
    /// It goes with time, from the instant at which it was furthest ahead: a clock that was set back may be put right
    /// again.
    Believed { furthest: Moment },
    /// It leapt ahead, and has not come back.
    Ahead { of: Moment, jumped: ClockJumped, landed: Moment },
}

impl ClockWatch {
    /// What `now` says of the clock. Steps below [`SKEW`] are followed; one that is larger is not, until the clock is back.
    pub(super) fn watch(&self, now: Moment) -> Result<(), ClockJumped> {
        let mut clock = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *clock = clock.seen(now);
        clock.is_believed()
    }

    /// The same, where nothing is learnt from it.
    pub(super) fn believes(&self, now: Moment) -> Result<(), ClockJumped> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen(now).is_believed()
    }
}

impl Clock {
    fn seen(self, now: Moment) -> Self {
        let (furthest, known) = match self {
            Self::Unread => return Self::Believed { furthest: now },
            Self::Believed { furthest } => (furthest, None),
            Self::Ahead { of, jumped, landed } => (of, Some((jumped, landed))),
        };
        let expected = furthest.wall.plus(now.monotonic.saturating_sub(furthest.monotonic));
        let ahead = now.wall.since(expected);
        if ahead > SKEW {
            // What was said first stays, so that it is said once.
            let (jumped, landed) = known.unwrap_or((ClockJumped { by: ahead }, now));
            let since = now.monotonic.saturating_sub(landed.monotonic);
            let goes_with_time =
                now.wall.since(landed.wall.plus(since)).max(landed.wall.plus(since).since(now.wall)) <= SKEW;
            return match (goes_with_time, since >= PATIENCE) {
                (true, true) => Self::Believed { furthest: now },
                (true, false) => Self::Ahead { of: furthest, jumped, landed },
                (false, _) => Self::Ahead { of: furthest, jumped, landed: now },
            };
        }
        let was_set_back = expected.since(now.wall) > SKEW;
        Self::Believed { furthest: if was_set_back { furthest } else { now } }
    }

    const fn is_believed(self) -> Result<(), ClockJumped> {
        match self {
            Self::Unread | Self::Believed { .. } => Ok(()),
            Self::Ahead { jumped, .. } => Err(jumped),
        }
    }
}

/// How the clock stands with what was noted in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Near,
    FarBehind,
    FarAhead,
}

impl Beside {
    fn of(now: UnixTime, noted_at: UnixTime) -> Self {
        if noted_at.since(now) > A_DAY {
            Self::FarBehind
        } else if now.since(noted_at) > A_DAY {
            Self::FarAhead
        } else {
            Self::Near
        }
    }
}

/// Says so when `now` is far from the last instant that an issuer noted in `log`. It may be right all the same: nobody
/// ran for long, or the clock was wrong before.
pub(super) fn compare_with_marks(log: &Log, now: UnixTime) {
    let Some((noted_at, _)) = log.marks().last() else { return };
    match Beside::of(now, noted_at) {
        Beside::Near => {}
        Beside::FarBehind => tracing::warn!(
            target: "chancery::revocation", reason = "clock_behind_store", %now, %noted_at,
            "this machine's clock is far behind what an issuer noted in the store: one of the two was wrong; if it is \
             this one, set it right, and start again"
        ),
        Beside::FarAhead => tracing::warn!(
            target: "chancery::revocation", reason = "clock_ahead_of_store", %now, %noted_at,
            "this machine's clock is far ahead of what an issuer last noted in the store: no issuer ran since, or the \
             clock is wrong; if so, set it right, and start again"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: u64, monotonic: u64) -> Moment {
        Moment { wall: UnixTime::from_secs(wall), monotonic: Duration::from_secs(monotonic) }
    }

    const HOUR: u64 = 3600;
    const START: u64 = 1_795_305_600;

    #[test]
    fn a_clock_that_drifts_slowly_is_followed_however_far() {
        let watch = ClockWatch::default();
        for day in 0..1000 {
            assert_eq!(watch.watch(at(START + day * 24 * HOUR + day * 60, day * 24 * HOUR)), Ok(()), "{day}");
        }
        for day in 1000..3000 {
            let drifted = START + day * 24 * HOUR + 1000 * 60 - (day - 1000) * 60;
            assert_eq!(watch.watch(at(drifted, day * 24 * HOUR)), Ok(()), "{day}");
        }
        // And what it is now is what is watched, not what it was at its furthest.
        let monotonic = 3000 * 24 * HOUR;
        assert!(watch.watch(at(START + monotonic - 1000 * 60 + SKEW.as_secs() + 61, monotonic)).is_err());
    }

    #[test]
    fn what_is_asked_is_not_learnt() {
        let watch = ClockWatch::default();
        watch.watch(at(START, 0)).unwrap();
        for step in 1..10 {
            let asked = watch.believes(at(START + step * 300, 0));
            assert_eq!(asked.is_ok(), step * 300 <= SKEW.as_secs(), "{step}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_may_come_back_and_go_no_further() {
        let watch = ClockWatch::default();
        watch.watch(at(START, 0)).unwrap();
        for minute in 1..60 {
            watch.watch(at(START - 3 * HOUR + minute * 60, minute * 60)).unwrap();
        }
        assert!(watch.watch(at(START + 4 * HOUR, HOUR)).is_err());
        watch.watch(at(START + HOUR + 1, HOUR)).unwrap();
        assert!(watch.watch(at(START + 2 * HOUR, HOUR)).is_err());
    }

    #[test]
    fn a_clock_that_is_days_from_what_was_noted_is_told() {
        let (noted, day) = (UnixTime::from_secs(START), A_DAY);
        for (now, expected) in [
            (noted, Beside::Near),
            (noted.plus(day), Beside::Near),
            (noted.minus(day), Beside::Near),
            (noted.plus(2 * day), Beside::FarAhead),
            (noted.minus(2 * day), Beside::FarBehind),
            (UnixTime::from_secs(0), Beside::FarBehind),
            (UnixTime::MAX, Beside::FarAhead),
        ] {
            assert_eq!(Beside::of(now, noted), expected, "{now}");
        }
    }

    #[test]
    fn a_clock_that_leapt_and_then_goes_with_time_for_a_minute_is_believed() {
        let watch = ClockWatch::default();
        watch.watch(at(START, 0)).unwrap();
        let woke = START + 8 * HOUR;
        for second in 1..=60 {
            assert!(watch.watch(at(woke + second, second)).is_err(), "{second}");
        }
        assert_eq!(watch.watch(at(woke + 61, 61)), Ok(()));
        // One that goes on leaping is not.
        for minute in 2..100 {
            assert!(watch.watch(at(woke + minute * HOUR, minute * 60)).is_err(), "{minute}");
        }
    }

    #[test]
    fn a_leap_is_told_with_its_size_once() {
        let watch = ClockWatch::default();
        watch.watch(at(START, 0)).unwrap();
        let jumped = ClockJumped { by: Duration::from_hours(3) };
        assert_eq!(watch.watch(at(START + 3 * HOUR, 0)), Err(jumped));
        assert_eq!(watch.watch(at(START + 5 * HOUR, 2)), Err(jumped));
        assert_eq!(watch.watch(at(START + 60, 60)), Ok(()));
    }
}
