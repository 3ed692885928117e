//! `GET /metrics`, in the OpenMetrics text format.

use crate::issuer::Issuer;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Handles a scrape.
pub(super) async fn get(State(issuer): State<Arc<Issuer>>) -> Response {
    let text = issuer.metrics().text(&issuer.keyring().records(), issuer.revocation_log(), issuer.moment());
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (super::NO_STORE, [(header::CONTENT_TYPE, content_type)], text).into_response()
}
