//! A form that was posted to an OAuth endpoint: read as strictly at each of them.

use super::admission::Admitted;
use super::body::read_form;
use super::error::Refusal;
use crate::issuer::Issuer;
use axum::extract::Request;
use axum::http::HeaderMap;
use bytes::Bytes;

/// A body that is there, and a place to work on it in.
pub(super) struct Posted {
    pub(super) headers: HeaderMap,
    /// What [`super::form::TokenForm::parse`] reads.
    pub(super) body: Bytes,
    /// Given back when dropped.
    pub(super) place: Admitted,
}

/// Waits for the body. Secrets stand in it and nowhere else (RFC 6749 section 2.3.1).
pub(super) async fn posted(issuer: &Issuer, request: Request) -> Result<Posted, Refusal> {
    let (parts, body) = request.into_parts();
    if parts.uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(Refusal::Query);
    }
    let body = read_form(&parts.headers, body, issuer.request_timeout(), issuer.body_bytes())
        .await
        .map_err(Refusal::Body)?;
    // Only now: a body that trickles in is no work, and must not keep a place from those who sent theirs.
    let place = issuer.admission().enter().ok_or(Refusal::Overloaded)?;
    Ok(Posted { headers: parts.headers, body, place })
}
