//! Whether the process lives, and whether it should get requests.

use crate::issuer::Issuer;
use crate::revocation::LogState;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;

/// Handles `GET /healthz`: an answer is the answer. A store that is down is no reason to kill the process, which
/// goes on issuing to the clients it knows.
pub(super) async fn alive() -> Response {
    (super::NO_STORE, super::JSON, r#"{"status":"alive"}"#).into_response()
}

/// Who asks whether we are ready waits a second at most, unless told otherwise (the default `timeoutSeconds` of a
/// probe of Kubernetes). A store that takes half of that does not answer, whatever a request may take.
const STORE_ANSWERS_WITHIN: Duration = Duration::from_millis(500);

/// How much of what an issuer does can be done.
#[derive(Clone, Copy, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Readiness {
    /// Everything.
    Ready,
    /// Keys are served, and known clients get tokens. Without the store nobody else gets one (rule R-8.7); without the
    /// revocation log nothing is revoked, and once its end was not seen for too long nobody gets one: whoever verifies
    /// needs keys and documents all the same.
    Degraded,
    /// Nothing: there is no key to sign with or to publish.
    NotReady,
}

#[derive(serde::Serialize)]
struct Answer {
    status: Readiness,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'static str>,
}

/// Handles `GET /readyz`: what is missing, by name. Only an issuer that can issue nothing asks for no requests: of
/// all that share a store, none would be left when it goes away, and with them the keys.
pub(super) async fn ready(State(issuer): State<Arc<Issuer>>) -> Response {
    let has_keys = issuer.published_keys().are_ready(issuer.keyring(), issuer.now());
    let has_store = issuer.store_answers(STORE_ANSWERS_WITHIN).await;
    let has_log = issuer.revocation_log().state(issuer.moment()) == LogState::Following;
    let (code, status) = readiness(has_keys, has_store && has_log);
    let missing = [("keys", has_keys), ("store", has_store), ("revocation_log", has_log)];
    let missing = missing.into_iter().filter(|(_, is_there)| !is_there).map(|(name, _)| name).collect();
    let body = serde_json::to_vec(&Answer { status, missing }).unwrap_or_default();
    let mut response = (code, super::NO_STORE, super::JSON, body).into_response();
    if code == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, super::error::RETRY_AFTER);
    }
    response
}

const fn readiness(has_keys: bool, has_all_else: bool) -> (StatusCode, Readiness) {
    match (has_keys, has_all_else) {
        (true, true) => (StatusCode::OK, Readiness::Ready),
        (true, false) => (StatusCode::OK, Readiness::Degraded),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, Readiness::NotReady),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_8_7_only_an_issuer_without_keys_is_not_ready() {
        for (has_keys, has_store, status, word) in [
            (true, true, 200, "\"ready\""),
            (true, false, 200, "\"degraded\""),
            (false, true, 503, "\"not_ready\""),
            (false, false, 503, "\"not_ready\""),
        ] {
            let (code, readiness) = readiness(has_keys, has_store);
            assert_eq!((code.as_u16(), &*serde_json::to_string(&readiness).unwrap()), (status, word));
        }
    }
}
