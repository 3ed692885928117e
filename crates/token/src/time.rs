//! Instants as tokens carry them: whole seconds.

use std::fmt;
use std::time::Duration;

/// Whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted
/// (RFC 7519 section 2, `NumericDate`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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
        let bytes = text.as_bytes();
        let (date_time, mut rest) = bytes.split_at_checked(19)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = date_time else {
            return None;
        };
        let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
        let (month, day) = (two(*m1, *m2)?, two(*d1, *d2)?);
        let (hour, minute, second) = (two(*h1, *h2)?, two(*n1, *n2)?, two(*s1, *s2)?);
        if hour > 23 || minute > 59 || second > 59 || !(1..=12).contains(&month) {
            return None;
        }
        if day < 1 || day > days_in_month(year, month) {
            return None;
        }
        if let Some(fraction) = rest.strip_prefix(b".") {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 || digits > 9 {
                return None;
            }
            rest = fraction.get(digits..)?;
        }
        let offset = match rest {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (h, m) = (two(*h1, *h2)?, two(*m1, *m2)?);
                if h > 23 || m > 59 {
                    return None;
                }
                let seconds = h * 3600 + m * 60;
                if *sign == b'+' { seconds } else { -seconds }
            }
            _ => return None,
        };
        let seconds = days_from_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        u64::try_from(seconds).ok().map(Self).filter(|t| *t <= Self::MAX)
    }

    /// Writes `YYYY-MM-DDTHH:MM:SSZ`; instants after [`UnixTime::MAX`] are written as that one.
    pub fn to_rfc3339(self) -> String {
        self.to_string()
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = (*self).min(Self::MAX).0;
        let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = date_from_days(days);
        let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that the leap
/// day is the last of its year.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_epoch`] for days on or after the epoch.
fn date_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_instants_are_written_and_read() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_640_995_200, "2022-01-01T00:00:00Z"),
            (1_795_305_600, "2026-11-22T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(UnixTime(seconds).to_rfc3339(), text);
            assert_eq!(UnixTime::from_rfc3339(text), Some(UnixTime(seconds)));
        }
    }

    #[test]
    fn an_offset_moves_the_instant_and_a_fraction_is_dropped() {
        let noon = UnixTime::from_rfc3339("2026-11-22T12:00:00Z");
        assert_eq!(UnixTime::from_rfc3339("2026-11-22T14:30:00+02:30"), noon);
        assert_eq!(UnixTime::from_rfc3339("2026-11-22T11:00:00-01:00"), noon);
        assert_eq!(UnixTime::from_rfc3339("2026-11-22T12:00:00.999Z"), noon);
    }

    #[test]
    fn anything_else_is_not_a_date() {
        for text in [
            "", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22t12:00:00Z", "2026-11-22T12:00:00z",
            "2026-11-22 12:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-01-32T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-00:01", "2026-01-01T00:00:00Zx", "+026-01-01T00:00:00Z", "２026-01-01T00:00Z",
        ] {
            assert_eq!(UnixTime::from_rfc3339(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn writing_and_reading_agree(seconds in 0u64..=253_402_300_799) {
            let time = UnixTime(seconds);
            prop_assert_eq!(UnixTime::from_rfc3339(&time.to_rfc3339()), Some(time));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = UnixTime::from_rfc3339(&text);
        }
    }
}
