//! How long an answer says that it stays fresh (RFC 9111).

use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};
use std::time::Duration;

/// What is left of `max-age` after the time that caches on the way held the answer (RFC 9111 section 4.2). Zero
/// when it may not be reused unasked, `None` when nothing is said. `s-maxage` is for shared caches and not read.
pub(super) fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    let directives = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    let mut max_age: Option<u64> = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = match name.trim().to_ascii_lowercase().as_str() {
            "no-cache" | "no-store" => 0,
            // What cannot be read counts as stale, and of several the least (section 4.2.1).
            "max-age" => delta_seconds(value.trim().trim_matches('"')).unwrap_or(0),
            _ => continue,
        };
        max_age = Some(max_age.map_or(seconds, |least| least.min(seconds)));
    }
    let age = headers.get(AGE).and_then(|age| delta_seconds(age.to_str().ok()?.trim())).unwrap_or(0);
    max_age.map(|seconds| Duration::from_secs(seconds.saturating_sub(age)))
}

/// RFC 9111 section 1.2.2: digits; what is too large to hold is a very long time.
fn delta_seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn of(headers: &[(HeaderName, &'static str)]) -> Option<u64> {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        lifetime(&headers).map(|span| span.as_secs())
    }

    #[test]
    fn cache_control_is_read_as_rfc_9111_has_it() {
        for (value, expected) in [
            ("public, max-age=300", Some(300)),
            ("MAX-AGE=300", Some(300)),
            ("max-age=\"300\"", Some(300)),
            ("max-age = 300", Some(300)),
            ("max-age=300, max-age=60", Some(60)),
            ("max-age=300, no-cache", Some(0)),
            ("no-store", Some(0)),
            ("max-age=soon", Some(0)),
            ("max-age=-1", Some(0)),
            ("max-age", Some(0)),
            ("max-age=99999999999999999999", Some(u64::MAX)),
            ("public, s-maxage=300", None),
            ("", None),
        ] {
            assert_eq!(of(&[(CACHE_CONTROL, value)]), expected, "{value}");
        }
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn time_spent_in_caches_is_taken_off() {
        assert_eq!(of(&[(CACHE_CONTROL, "max-age=300"), (AGE, "100")]), Some(200));
        assert_eq!(of(&[(CACHE_CONTROL, "max-age=300"), (AGE, "400")]), Some(0));
        assert_eq!(of(&[(CACHE_CONTROL, "max-age=300"), (AGE, "old")]), Some(300));
        assert_eq!(of(&[(AGE, "100")]), None);
    }

    #[test]
    fn header_lines_add_up() {
        let mut headers = HeaderMap::new();
        headers.append(CACHE_CONTROL, HeaderValue::from_static("public"));
        headers.append(CACHE_CONTROL, HeaderValue::from_static("max-age=120"));
        assert_eq!(lifetime(&headers), Some(Duration::from_mins(2)));
    }
}
