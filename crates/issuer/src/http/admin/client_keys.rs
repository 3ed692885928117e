//! `/admin/v1/clients/{id}/keys`: a second public key is added, then the first one is dropped.

use super::caller::Caller;
use super::clients::Shown;
use super::document::{Document, Sent};
use super::place::{Named, NamedKey};
use super::query::{Dropping, NoQuery};
use super::shape::Shape;
use super::work::{carry_out, refused};
use crate::http::problem::Problem;
use crate::issuer::Issuer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;

/// A public key.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Key {
    key: serde_json::Value,
}

impl Document for Key {
    const SHAPE: Shape = Shape::Object(&[("key", Shape::Anything)]);
    const MAY_BE_ABSENT: bool = false;
}

/// Handles `POST /admin/v1/clients/{id}/keys`.
pub(super) async fn create(
    State(issuer): State<Arc<Issuer>>,
    Named(id): Named,
    _: NoQuery,
    Sent(by, Key { key }): Sent<Key>,
) -> Result<Response, Problem> {
    let work = Arc::clone(&issuer);
    let changed = carry_out(&issuer, Some(id.clone()), async move {
        work.desk().add_client_key(&by, &id, &key).await.map_err(|refusal| refused(&work, refusal))
    });
    Ok((StatusCode::CREATED, Shown::after(changed.await?, issuer.now())).into_response())
}

/// Handles `DELETE /admin/v1/clients/{id}/keys/{kid}`.
pub(super) async fn delete(
    State(issuer): State<Arc<Issuer>>,
    Caller(by): Caller,
    NamedKey(id, kid): NamedKey,
    Dropping(exposure): Dropping,
) -> Result<Json<Shown>, Problem> {
    let work = Arc::clone(&issuer);
    let changed = carry_out(&issuer, Some(id.clone()), async move {
        let dropped = work.desk().drop_client_key(&by, &id, &kid, exposure).await;
        dropped.map_err(|refusal| refused(&work, refusal))
    });
    Ok(Shown::after(changed.await?, issuer.now()))
}
