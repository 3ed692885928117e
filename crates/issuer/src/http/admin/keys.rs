//! `/admin/v1/keys`: the signing keys are looked at and rotated.

use super::caller::Caller;
use super::document::{Document, Sent};
use super::query::NoQuery;
use super::refusal::not_rotated;
use super::shape::Shape;
use super::work::carry_out;
use crate::admin::{KeyDesk, KeyView, RotationView};
use crate::http::problem::{Because, Problem};
use crate::issuer::Issuer;
use axum::Json;
use axum::extract::State;
use chancery_token::Format;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is to rotate: both formats unless one is named.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    format: Option<String>,
    plan: bool,
}

impl Document for Wanted {
    const SHAPE: Shape = Shape::Object(&[("format", Shape::Text), ("plan", Shape::Flag)]);
    const MAY_BE_ABSENT: bool = true;
}

#[derive(Serialize)]
pub(super) struct Keys {
    keys: Vec<KeyView>,
}

#[derive(Serialize)]
pub(super) struct Rotations {
    planned: bool,
    rotations: Vec<RotationView>,
}

/// Handles `GET /admin/v1/keys`.
pub(super) async fn list(State(issuer): State<Arc<Issuer>>, _: Caller, _: NoQuery) -> Json<Keys> {
    Json(Keys { keys: issuer.keyring().records().iter().map(KeyView::of).collect() })
}

/// Handles `POST /admin/v1/keys/rotate`.
pub(super) async fn rotate(
    State(issuer): State<Arc<Issuer>>,
    _: NoQuery,
    Sent(by, wanted): Sent<Wanted>,
) -> Result<Json<Rotations>, Problem> {
    let formats = match wanted.format.as_deref() {
        None => vec![Format::Jwt, Format::Paseto],
        Some(name) => vec![name.parse().map_err(|_| {
            let detail = "format is jwt or paseto; leave it out for both";
            Problem::of(Because::KeyFormat, detail)
        })?],
    };
    let planned = wanted.plan;
    let work = Arc::clone(&issuer);
    let done = carry_out(&issuer, None, async move {
        let desk = KeyDesk {
            keyring: work.keyring(),
            store: &**work.store(),
            now: work.now(),
            entropy: work.entropy(),
        };
        let done = if planned { desk.plan(&by, &formats) } else { desk.rotate(&by, &formats).await };
        done.map_err(not_rotated)
    });
    let rotations = done.await?.iter().map(RotationView::of).collect();
    Ok(Json(Rotations { planned, rotations }))
}
