use chancery_token::UnixTime;
use std::fmt;

/// Whole minutes since 1970-01-01T00:00:00Z: when an entry has nothing left to end. An instant becomes the minute at
/// or after it, so that an entry is kept too long rather than too short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(u32);

impl Minute {
    /// The last one: after the year 9999, where the times of tokens end.
    pub const MAX: Self = Self(u32::MAX);

    /// `minutes` since 1970.
    pub const fn new(minutes: u32) -> Self {
        Self(minutes)
    }

    /// The minute at or after `time`.
    pub fn at_or_after(time: UnixTime) -> Self {
        u32::try_from(time.as_secs().div_ceil(60)).map_or(Self::MAX, Self)
    }

    /// Minutes since 1970.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The instant at which it begins.
    pub fn start(self) -> UnixTime {
        UnixTime::from_secs(u64::from(self.0) * 60)
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.start().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_becomes_the_minute_at_or_after_it() {
        for (seconds, minute) in [(0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (1_795_305_600, 29_921_760)] {
            assert_eq!(Minute::at_or_after(UnixTime::from_secs(seconds)).get(), minute, "{seconds}");
        }
        assert_eq!(Minute::at_or_after(UnixTime::from_secs(u64::MAX)), Minute::MAX);
        assert!(Minute::at_or_after(UnixTime::MAX) < Minute::MAX);
        assert_eq!(Minute::new(29_921_760).start(), UnixTime::from_secs(1_795_305_600));
    }
}
