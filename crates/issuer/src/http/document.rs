//! Answers that anybody may have and keep for a while: validators and cache lifetimes (RFC 9110 section 8.8,
//! RFC 9111).

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chancery_token::encoding::base64url;
use std::time::Duration;

/// One representation of a public document, made once and sent often.
#[derive(Clone, Debug)]
pub(super) struct Document {
    body: Bytes,
    content_type: HeaderValue,
    etag: HeaderValue,
    cache_control: HeaderValue,
}

impl Document {
    pub(super) fn new(body: impl Into<Bytes>, content_type: &'static str, max_age: Duration) -> Self {
        let body = body.into();
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        // Two representations with the same bytes need different validators (RFC 9110 section 8.8.3).
        context.update(content_type.as_bytes());
        context.update(&body);
        let hash = context.finish();
        let short = base64url(hash.as_ref().get(..16).unwrap_or_default());
        Self {
            body,
            content_type: HeaderValue::from_static(content_type),
            etag: text(&format!("\"{short}\"")),
            cache_control: text(&format!("public, max-age={}", max_age.as_secs())),
        }
    }

    /// Answers a GET or HEAD; 304 when the caller has these bytes already.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let shared = [(header::ETAG, self.etag.clone()), (header::CACHE_CONTROL, self.cache_control.clone())];
        if is_held(request, &self.etag) {
            return (StatusCode::NOT_MODIFIED, shared).into_response();
        }
        (shared, [(header::CONTENT_TYPE, self.content_type.clone())], self.body.clone()).into_response()
    }
}

/// Whether the caller has what `etag` names. RFC 9110 section 13.1.2: `If-None-Match` compares weakly, and `*` matches
/// whatever is there.
pub(super) fn is_held(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let held = |tag: &str| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
    };
    let values = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(held)
}

/// Adds a header to an answer.
pub(super) fn with(mut response: Response, name: HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

/// Whether the caller names this media type in `Accept` (RFC 9110 section 12.5.1), not only by a wildcard.
pub(super) fn accepts(request: &HeaderMap, media_type: &str) -> bool {
    let values = request.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let named = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(media_type));
        named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    };
    values.flat_map(|value| value.split(',')).any(named)
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("no-store"))
}
