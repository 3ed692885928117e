//! Times as people write and read them.

use chancery_issuer::config::{parse_duration, write_duration};
use chancery_token::UnixTime;
use chancery_verifier::clock::{Clock as _, SystemClock};
use std::time::Duration;

/// What the clock of this machine says.
pub(crate) fn now() -> UnixTime {
    SystemClock::new().now()
}

/// Reads `90s`, `15m`, `1h`, `7d`, or plain seconds.
pub(crate) fn parse_span(text: &str) -> Result<Duration, String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let seconds = text.parse().map_err(|_| "that is longer than time itself".to_owned())?;
        return Ok(Duration::from_secs(seconds));
    }
    parse_duration(text).map_err(|_| "write a duration like 90s, 15m, 1h or 7d, or plain seconds".to_owned())
}

/// Reads Unix seconds, or an RFC 3339 date-time.
pub(crate) fn parse_instant(text: &str) -> Result<UnixTime, String> {
    let seconds = || text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    seconds()
        .map(UnixTime::from_secs)
        .or_else(|| UnixTime::from_rfc3339(text))
        .ok_or_else(|| "write Unix seconds, or a time like 2026-11-22T00:00:00Z".to_owned())
}

/// `in 12m`, `3h ago`, with the two largest units.
pub(crate) fn relative(instant: UnixTime, now: UnixTime) -> String {
    match (instant.since(now), now.since(instant)) {
        (Duration::ZERO, Duration::ZERO) => "now".to_owned(),
        (Duration::ZERO, ago) => format!("{} ago", rough(ago)),
        (ahead, _) => format!("in {}", rough(ahead)),
    }
}

/// `2d3h`: the two largest units, the rest dropped.
pub(crate) fn rough(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let largest = units.iter().position(|(length, _)| *length <= seconds).unwrap_or(units.len() - 1);
    let told = units.iter().skip(largest).take(2).scan(seconds, |rest, (length, name)| {
        let count = *rest / length;
        *rest %= length;
        Some((count, name))
    });
    let parts: Vec<String> =
        told.filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count}{name}")).collect();
    if parts.is_empty() { "0s".to_owned() } else { parts.concat() }
}

/// Exactly, with one unit.
pub(crate) fn exact(span: Duration) -> String {
    write_duration(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_instants_have_the_forms_that_help_names() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("0", 0), ("3600", 3600)]
        {
            assert_eq!(parse_span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "-1", "1.5h", "h", "1w", "99999999999999999999999"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
        let noon = Ok(UnixTime::from_secs(1_795_348_800));
        assert_eq!(parse_instant("1795348800"), noon);
        assert_eq!(parse_instant("2026-11-22T12:00:00Z"), noon);
        assert_eq!(parse_instant("2026-11-22T14:00:00+02:00"), noon);
        for text in ["", "now", "-5", "2026-11-22", "99999999999999999999999"] {
            assert!(parse_instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn distances_are_told_with_two_units() {
        let at = UnixTime::from_secs;
        assert_eq!(relative(at(1000 + 3_700), at(1000)), "in 1h1m");
        assert_eq!(relative(at(1000), at(1059)), "59s ago");
        assert_eq!(relative(at(1000), at(1000)), "now");
        assert_eq!(relative(at(86_400 * 90), at(0)), "in 90d");
        assert_eq!(rough(Duration::from_secs(86_400 + 61)), "1d");
    }
}
