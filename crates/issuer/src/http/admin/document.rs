//! Reads what an administrator sends: JSON, bounded in bytes and in time, and known to the last member.

use super::caller::Caller;
use super::json;
use super::shape::Shape;
use super::stray;
use crate::admin::Authority;
use crate::http::body::{self, BodyFault};
use crate::http::problem::{Because, Problem};
use crate::issuer::Issuer;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Largest document that is read: a client with 64 grants, each with its reason, has less.
const MAX_BYTES: usize = 64 * 1024;

/// A kind of document.
pub(super) trait Document: DeserializeOwned {
    /// What it may hold.
    const SHAPE: Shape;
    /// Whether no body at all means an empty one.
    const MAY_BE_ABSENT: bool;
    /// The one place for a credential: it is handed in to be ended, and kept nowhere.
    const CREDENTIAL: Option<&'static str> = None;
}

/// A document, and who sent it. Their record is read when all of the document is there: whoever is switched off
/// while it still comes in changes nothing any more, however slowly it comes.
pub(super) struct Sent<T>(pub(super) Authority, pub(super) T);

impl<T: Document> FromRequest<Arc<Issuer>> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, issuer: &Arc<Issuer>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let within = issuer.request_timeout();
        let read = tokio::time::timeout(within, body::read(body, MAX_BYTES)).await;
        let text = read.unwrap_or(Err(BodyFault::TimedOut)).map_err(broken)?;
        let Caller(by) = Caller::from_request_parts(&mut parts, issuer).await?;
        if text.is_empty() && T::MAY_BE_ABSENT {
            return parse(b"{}").map(|document| Self(by, document));
        }
        if !is_json(&parts.headers) {
            return Err(Problem::of(
                Because::ContentType,
                "the content type is not application/json; send JSON, and say so",
            ));
        }
        parse(&text).map(|document| Self(by, document))
    }
}

fn broken(fault: BodyFault) -> Problem {
    let status = match fault {
        BodyFault::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        BodyFault::BrokenOff => StatusCode::BAD_REQUEST,
        BodyFault::TimedOut => StatusCode::REQUEST_TIMEOUT,
        BodyFault::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
    };
    Problem::new(status, fault.reason(), fault.to_string())
}

/// RFC 8259 section 11, and what RFC 7396 section 4 calls a patch. JSON is UTF-8, so no parameter says anything.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else { return false };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    ["application/json", "application/merge-patch+json"].iter().any(|it| essence.eq_ignore_ascii_case(it))
}

fn parse<T: Document>(text: &[u8]) -> Result<T, Problem> {
    let (value, mut faults) = json::read(text).map_err(|at| {
        let detail = format!("this is not JSON from line {}, column {} on", at.line, at.column);
        Problem::of(Because::NotJson, detail)
    })?;
    faults.extend(T::SHAPE.faults(&value));
    faults.extend(stray::faults(&value).into_iter().filter(|fault| Some(&*fault.pointer) != T::CREDENTIAL));
    let refused = |faults| {
        let detail = "the document holds what it may not; each fault has its place";
        Problem::of(Because::DocumentRefused, detail).with_errors(faults)
    };
    if faults.is_empty() {
        serde_json::from_value(value).map_err(|_| refused(Vec::new()))
    } else {
        Err(refused(faults))
    }
}
