//! When a client ends, as people write it.

use super::fault::{Faults, Slip};
use crate::config::parse_duration;
use chancery_token::UnixTime;

const POINTER: &str = "/expires_at";

/// Reads a span from `now`, a date (its first second, in UTC) or an RFC 3339 time. An end that has passed is none.
pub(super) fn read(text: &str, now: UnixTime, faults: &mut Faults) -> Option<UnixTime> {
    let span = parse_duration(text).ok().map(|span| now.plus(span)).filter(|end| *end <= UnixTime::MAX);
    let end = span
        .or_else(|| UnixTime::from_rfc3339(text))
        .or_else(|| UnixTime::from_rfc3339(&format!("{text}T00:00:00Z")));
    match end {
        None => faults.add(POINTER, &Slip::End { text: text.to_owned() }),
        Some(end) if end <= now => faults.add(POINTER, &Slip::EndPassed { end: end.to_string() }),
        Some(_) => {}
    }
    end.filter(|end| *end > now)
}
