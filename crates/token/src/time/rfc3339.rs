//! RFC 3339, the part of it that PASETO uses.

use super::UnixTime;

/// Reads a date-time; also says whether a fraction of a second was left off.
pub(super) fn read(text: &str) -> Option<(UnixTime, bool)> {
    let bytes = text.as_bytes();
    let (date_time, mut rest) = bytes.split_at_checked(19)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = date_time
    else {
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
    let mut fraction = false;
    if let Some(after) = rest.strip_prefix(b".") {
        let (digits, end) = after.split_at(after.iter().take_while(|b| b.is_ascii_digit()).count());
        if !(1..=9).contains(&digits.len()) {
            return None;
        }
        fraction = digits.iter().any(|digit| *digit != b'0');
        rest = end;
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
    let time = u64::try_from(seconds).ok().map(UnixTime).filter(|time| *time <= UnixTime::MAX)?;
    Some((time, fraction))
}

/// `YYYY-MM-DDTHH:MM:SSZ`, with years up to 9999.
pub(crate) struct Rfc3339([u8; 20]);

impl Rfc3339 {
    pub(super) fn of(time: UnixTime) -> Self {
        let seconds = time.min(UnixTime::MAX).0;
        let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = date_from_days(days);
        let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        let pairs =
            [(0, year / 100), (2, year % 100), (5, month), (8, day), (11, hour), (14, minute), (17, second)];
        let mut text = *b"0000-00-00T00:00:00Z";
        for (at, number) in pairs {
            if let Some(pair) = text.get_mut(at..at + 2) {
                pair.copy_from_slice(&[digit(number / 10), digit(number)]);
            }
        }
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        // Nothing but digits and the five marks of the template.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn digit(number: u64) -> u8 {
    u8::try_from(number % 10).map_or(b'0', |digit| b'0' + digit)
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
        assert_eq!(UnixTime::from_rfc3339_up("2026-11-22T12:00:00.000Z"), noon);
        assert_eq!(UnixTime::from_rfc3339_up("2026-11-22T11:59:59.001Z"), noon);
        assert_eq!(UnixTime::from_rfc3339_up("9999-12-31T23:59:59.5Z"), None);
    }

    #[test]
    fn anything_else_is_not_a_date() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T12:00:00",
            "2026-11-22t12:00:00Z",
            "2026-11-22T12:00:00z",
            "2026-11-22 12:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-32T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00+1:00",
            "2026-01-01T00:00:00+24:00",
            "1969-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-00:01",
            "2026-01-01T00:00:00Zx",
            "+026-01-01T00:00:00Z",
            "２026-01-01T00:00Z",
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
