//! `/admin/v1/clients/{id}/secrets`: a second secret is added, then the first one is dropped.

use super::caller::Caller;
use super::clients::{Nothing, Shown};
use super::document::Sent;
use super::place::{Named, NamedSecret};
use super::query::{Dropping, NoQuery};
use super::work::{carry_out, refused};
use crate::admin::ClientView;
use crate::http::problem::Problem;
use crate::issuer::Issuer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Added {
    client: ClientView,
    secret_id: String,
    client_secret: String,
}

/// Handles `POST /admin/v1/clients/{id}/secrets`.
pub(super) async fn create(
    State(issuer): State<Arc<Issuer>>,
    Named(id): Named,
    _: NoQuery,
    Sent(by, Nothing {}): Sent<Nothing>,
) -> Result<Response, Problem> {
    let work = Arc::clone(&issuer);
    let new = carry_out(&issuer, Some(id.clone()), async move {
        work.desk().add_secret(&by, &id).await.map_err(|refusal| refused(&work, refusal))
    });
    let new = new.await?;
    let answer = Added {
        client: ClientView::of(&new.client, issuer.now()),
        secret_id: new.id,
        client_secret: new.secret.reveal().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Handles `DELETE /admin/v1/clients/{id}/secrets/{secret_id}`.
pub(super) async fn delete(
    State(issuer): State<Arc<Issuer>>,
    Caller(by): Caller,
    NamedSecret(id, secret): NamedSecret,
    Dropping(exposure): Dropping,
) -> Result<Json<Shown>, Problem> {
    let work = Arc::clone(&issuer);
    let changed = carry_out(&issuer, Some(id.clone()), async move {
        let dropped = work.desk().drop_secret(&by, &id, &secret, exposure).await;
        dropped.map_err(|refusal| refused(&work, refusal))
    });
    Ok(Shown::after(changed.await?, issuer.now()))
}
