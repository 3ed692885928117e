//! `/admin/v1/catalog`: what may be granted, with everything that the catalog says about it.

use super::caller::Caller;
use super::query::NoQuery;
use crate::issuer::Issuer;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

/// Handles `GET /admin/v1/catalog`.
pub(super) async fn show(
    State(issuer): State<Arc<Issuer>>,
    _: Caller,
    _: NoQuery,
) -> Json<serde_json::Value> {
    Json(serde_json::json!(issuer.catalog().view(issuer.now())))
}
