//! A document with its headers: compressed for whoever takes that, and kept by caches where it may be.

use crate::http::document::is_held;
use crate::revocation::{SNAPSHOT_LIFETIME, Signed};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

const JWT: HeaderValue = HeaderValue::from_static("application/jwt");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");
/// The two forms of a document are two answers to one question (RFC 9110 section 12.5.5).
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");

/// How long a cache may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cached {
    /// As long as it serves here.
    Snapshot,
    /// A second: the next heartbeat is made after it.
    Delta,
    /// Not at all: it was waited for, or somebody is counted by it.
    No,
}

impl Cached {
    fn control(self) -> HeaderValue {
        match self {
            Self::Snapshot => {
                HeaderValue::try_from(format!("public, max-age={}", SNAPSHOT_LIFETIME.as_secs()))
                    .unwrap_or(HeaderValue::from_static("no-store"))
            }
            Self::Delta => HeaderValue::from_static("public, max-age=1"),
            Self::No => HeaderValue::from_static("no-store"),
        }
    }
}

pub(super) async fn represent(document: &Arc<Signed>, request: &HeaderMap, cached: Cached) -> Response {
    let gzipped = if takes_gzip(request) { document.gzipped().await } else { None };
    // A validator of its own for each form (RFC 9110 section 8.8.3.3).
    let name = document.name();
    let etag = if gzipped.is_some() { format!("\"{name}.gz\"") } else { format!("\"{name}\"") };
    let etag = HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\""));
    let mut response = if cached != Cached::No && is_held(request, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = gzipped.unwrap_or(document.text()).clone().into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, JWT);
        if gzipped.is_some() {
            response.headers_mut().insert(header::CONTENT_ENCODING, GZIP);
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, cached.control());
    headers.insert(header::VARY, VARY);
    if cached != Cached::No {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// Whether `Accept-Encoding` names gzip, and not as what is not wanted (RFC 9110 section 12.5.3).
fn takes_gzip(request: &HeaderMap) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let names_gzip = |coding: &str| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip"));
        is_gzip && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    };
    values.flat_map(|value| value.split(',')).any(names_gzip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_whoever_names_it() {
        for (accepted, gzip) in [
            ("gzip", true),
            ("GZip", true),
            ("x-gzip", true),
            ("deflate, gzip;q=0.5", true),
            ("br,gzip", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("identity", false),
            ("*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(takes_gzip(&headers), gzip, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
