//! How old may be what a verifier knows.

use chancery_token::UnixTime;
use std::time::Duration;

/// An instant on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock. May jump.
    pub wall: UnixTime,
    /// Time since an arbitrary start of this process. Never goes back.
    pub monotonic: Duration,
}

/// What a verifier does with what it knows, by its age. Past the limit it is closed: nobody is let in on old news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// What is known is used until it is older than this.
    MaxStaleness(Duration),
    /// Likewise, and a token whose issuer had applied more of the log than is known here is not judged until that is
    /// known too.
    Strict {
        /// The oldest that is used.
        max_staleness: Duration,
    },
}

impl Freshness {
    /// The oldest that is used.
    pub const fn max_staleness(self) -> Duration {
        match self {
            Self::MaxStaleness(most) | Self::Strict { max_staleness: most } => most,
        }
    }

    /// The same policy for something dangerous: no older than `most` either.
    pub fn at_most(self, most: Duration) -> Self {
        let most = most.min(self.max_staleness());
        match self {
            Self::MaxStaleness(_) => Self::MaxStaleness(most),
            Self::Strict { .. } => Self::Strict { max_staleness: most },
        }
    }
}

/// How far time has got at least, whatever the wall clock says: the latest instant that was ever seen signed, and what
/// has passed here since.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeFloor {
    signed: UnixTime,
    /// On the monotonic clock.
    heard: Duration,
}

impl TimeFloor {
    /// Time has got to `signed`; or further, if it had got further before.
    pub(crate) fn raised(before: Option<Self>, signed: UnixTime, now: Moment) -> Self {
        match before {
            Some(floor) if floor.time(now.monotonic) >= signed => floor,
            _ => Self { signed, heard: now.monotonic },
        }
    }

    fn time(&self, monotonic: Duration) -> UnixTime {
        self.signed.plus(monotonic.saturating_sub(self.heard))
    }

    fn now(&self, now: Moment) -> UnixTime {
        now.wall.max(self.time(now.monotonic))
    }
}

/// When something was confirmed, and when that was heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Confirmation {
    /// By the clock of whoever signed it.
    signed: UnixTime,
    /// By the monotonic clock here.
    heard: Duration,
    /// How old it was then.
    age: Duration,
}

impl Confirmation {
    pub(crate) fn heard(signed: UnixTime, now: Moment, floor: &TimeFloor) -> Self {
        Self { signed, heard: now.monotonic, age: floor.now(now).since(signed) }
    }

    pub(crate) fn signed(&self) -> UnixTime {
        self.signed
    }

    /// How old it is `now`: the larger of what either clock says. A wall clock that is set back makes nothing younger,
    /// for the other one goes on; a machine that slept, whose other clock stood still, has its wall clock.
    pub(crate) fn age(&self, now: Moment, floor: &TimeFloor) -> Duration {
        let since_heard = now.monotonic.saturating_sub(self.heard);
        self.age.saturating_add(since_heard).max(floor.now(now).since(self.signed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: u64, monotonic: u64) -> Moment {
        Moment { wall: UnixTime::from_secs(wall), monotonic: Duration::from_secs(monotonic) }
    }

    fn age(signed: u64, heard: Moment, now: Moment, latest: u64) -> u64 {
        let floor = TimeFloor::raised(None, UnixTime::from_secs(latest), heard);
        Confirmation::heard(UnixTime::from_secs(signed), heard, &floor).age(now, &floor).as_secs()
    }

    #[test]
    fn age_is_what_has_passed_since_it_was_signed() {
        assert_eq!(age(1000, at(1000, 0), at(1000, 0), 1000), 0);
        assert_eq!(age(1000, at(1003, 0), at(1003, 0), 1000), 3);
        assert_eq!(age(1000, at(1003, 5), at(1013, 15), 1000), 13);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_younger() {
        assert_eq!(age(1000, at(1003, 5), at(500, 15), 1000), 13);
        assert_eq!(age(1000, at(1003, 5), at(0, 5), 1000), 3);
    }

    #[test]
    fn a_slow_clock_is_as_late_as_the_latest_that_was_signed() {
        // Heard at what the clock here calls the year 0, next to a document of 1600.
        assert_eq!(age(1000, at(0, 0), at(0, 0), 1600), 600);
        assert_eq!(age(1000, at(0, 0), at(0, 30), 1600), 630);
    }

    #[test]
    fn time_goes_on_from_what_was_signed_though_the_wall_clock_is_slow() {
        let floor = TimeFloor::raised(None, UnixTime::from_secs(1000), at(0, 10));
        let floor = TimeFloor::raised(Some(floor), UnixTime::from_secs(1020), at(0, 40));
        assert_eq!(floor.now(at(0, 40)), UnixTime::from_secs(1030));
        // The same news again, 30 seconds later, is 30 seconds old.
        let again = Confirmation::heard(UnixTime::from_secs(1000), at(0, 40), &floor);
        assert_eq!(again.age(at(0, 40), &floor), Duration::from_secs(30));
        let floor = TimeFloor::raised(Some(floor), UnixTime::from_secs(1050), at(0, 41));
        assert_eq!(floor.now(at(0, 51)), UnixTime::from_secs(1060));
    }

    #[test]
    fn a_machine_that_slept_knows_it_from_its_wall_clock() {
        assert_eq!(age(1000, at(1000, 5), at(9000, 6), 1000), 8000);
    }

    #[test]
    fn a_fast_clock_makes_everything_older() {
        assert_eq!(age(1000, at(4600, 0), at(4600, 0), 1000), 3600);
    }

    #[test]
    fn a_route_can_only_ask_for_more() {
        let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
        assert_eq!(Freshness::MaxStaleness(hour).at_most(minute), Freshness::MaxStaleness(minute));
        assert_eq!(Freshness::MaxStaleness(minute).at_most(hour), Freshness::MaxStaleness(minute));
        let strict = Freshness::Strict { max_staleness: hour };
        assert_eq!(strict.at_most(minute), Freshness::Strict { max_staleness: minute });
    }
}
