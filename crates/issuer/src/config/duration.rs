//! Spans of time as people write them: `30s`, `15m`, `1h`, `7d`.

use std::time::Duration;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// Not a whole number and one of the four units, or more than a thousand years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a duration is a whole number and a unit: 30s, 15m, 1h or 7d")]
pub struct InvalidDuration;

/// Reads a span.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let unit = text.chars().next_back().ok_or(InvalidDuration)?;
    let seconds = UNITS.iter().find(|(name, _)| *name == unit).ok_or(InvalidDuration)?.1;
    let digits = text.strip_suffix(unit).ok_or(InvalidDuration)?;
    // Eleven digits of days would still fit; a number that long is a mistake all the same.
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidDuration);
    }
    let number: u64 = digits.parse().map_err(|_| InvalidDuration)?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// Writes a span with the largest unit that keeps it whole; parts of a second are dropped.
pub fn write_duration(span: Duration) -> String {
    let seconds = span.as_secs();
    let fits = |unit: &&(char, u64)| seconds >= unit.1 && seconds.is_multiple_of(unit.1);
    UNITS
        .iter()
        .find(fits)
        .map_or_else(|| format!("{seconds}s"), |(name, unit)| format!("{}{name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        for (text, seconds) in
            [("0s", 0), ("30s", 30), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("90s", 90)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)));
            assert_eq!(write_duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(write_duration(Duration::from_mins(1)), "1m");
        assert_eq!(write_duration(Duration::from_millis(1500)), "1s");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "s",
            "15",
            "15 m",
            "-1s",
            "+1s",
            "1.5h",
            "1h30m",
            "15M",
            "1w",
            "9999999999s",
            "1ms",
            "١s",
            "é",
        ] {
            assert_eq!(parse_duration(text), Err(InvalidDuration), "{text}");
        }
    }
}
