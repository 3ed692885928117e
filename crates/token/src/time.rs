//! Instants as tokens carry them: whole seconds.

mod rfc3339;

use std::fmt;
use std::time::Duration;

/// Whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted
/// (RFC 7519 section 2, `NumericDate`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// 9999-12-31T23:59:59Z: the last instant that RFC 3339 can write, and so the last a token may carry.
    pub const MAX: Self = Self(253_402_300_799);

    /// `seconds` since the epoch.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// This instant moved into the future; stops at the last representable second.
    pub const fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.as_secs()))
    }

    /// This instant moved into the past; stops at the epoch.
    pub const fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span.as_secs()))
    }

    /// How long ago `earlier` was, zero when it is not in the past.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }

    /// Reads an RFC 3339 date-time with an upper-case `T` and a `Z` or a numeric offset, as PASETO asks
    /// (its specification, "Payload Processing"). A fraction of a second is read and dropped.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        rfc3339::read(text).map(|(time, _)| time)
    }

    /// As [`UnixTime::from_rfc3339`], but a fraction makes it the next whole second.
    pub(crate) fn from_rfc3339_up(text: &str) -> Option<Self> {
        let (time, fraction) = rfc3339::read(text)?;
        Some(Self(time.0 + u64::from(fraction))).filter(|time| *time <= Self::MAX)
    }

    /// Writes `YYYY-MM-DDTHH:MM:SSZ`; instants after [`UnixTime::MAX`] are written as that one.
    pub fn to_rfc3339(self) -> String {
        self.rfc3339().as_str().to_owned()
    }

    pub(crate) fn rfc3339(self) -> rfc3339::Rfc3339 {
        rfc3339::Rfc3339::of(self)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.rfc3339().as_str())
    }
}
