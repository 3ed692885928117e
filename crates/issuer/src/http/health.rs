//! Whether the process lives, and whether it should get requests.

use crate::issuer::Issuer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Handles `GET /healthz`: an answer is the answer. A store that is down is no reason to kill the process, which
/// goes on issuing to the clients it knows.
pub(super) async fn alive() -> Response {
    (super::NO_STORE, super::JSON, r#"{"status":"alive"}"#).into_response()
}

#[derive(serde::Serialize)]
struct Readiness {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'static str>,
}

/// Handles `GET /readyz`: 503 while something is missing, with its name.
pub(super) async fn ready(State(issuer): State<Arc<Issuer>>) -> Response {
    let mut missing = Vec::new();
    if !issuer.store_answers().await {
        missing.push("store");
    }
    if !issuer.published_keys().are_ready(issuer.keyring(), issuer.now()) {
        missing.push("keys");
    }
    let (status, code) = if missing.is_empty() {
        ("ready", StatusCode::OK)
    } else {
        ("degraded", StatusCode::SERVICE_UNAVAILABLE)
    };
    let body = serde_json::to_vec(&Readiness { status, missing }).unwrap_or_default();
    (code, super::NO_STORE, super::JSON, body).into_response()
}
