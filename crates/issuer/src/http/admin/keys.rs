//! `/admin/v1/keys`: the signing keys are looked at and rotated.

use super::caller::Caller;
use super::document::{Document, Sent};
use super::query::NoQuery;
use super::refusal::not_rotated;
use super::shape::Shape;
use super::work::{carry_out, refused};
use crate::admin::{Exposure, KeyDesk, KeyView, NotRotated, RotationView};
use crate::http::problem::{Because, Problem};
use crate::issuer::Issuer;
use crate::keyring::KeyUse;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is to rotate: both formats unless one is named.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    format: Option<String>,
    plan: bool,
    leaked: bool,
}

impl Document for Wanted {
    const SHAPE: Shape =
        Shape::Object(&[("format", Shape::Text), ("plan", Shape::Flag), ("leaked", Shape::Flag)]);
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
    let uses = match wanted.format.as_deref() {
        None => vec![KeyUse::Jwt, KeyUse::Paseto],
        Some(name) => vec![name.parse().map_err(|_| {
            let detail = "format is jwt, paseto or revocation; leave it out for both of tokens";
            Problem::of(Because::KeyFormat, detail)
        })?],
    };
    let planned = wanted.plan;
    let exposure = if wanted.leaked { Exposure::Leaked } else { Exposure::Kept };
    let work = Arc::clone(&issuer);
    let done = carry_out(&issuer, None, async move {
        let desk = KeyDesk {
            keyring: work.keyring(),
            store: &**work.store(),
            log: work.revocation_log(),
            now: work.now(),
            entropy: work.entropy(),
        };
        let done =
            if planned { desk.plan(&by, &uses, exposure) } else { desk.rotate(&by, &uses, exposure).await };
        done.map_err(|why| match why {
            NotRotated::Refused(refusal) => refused(&work, refusal),
            NotRotated::Rotation(why) => not_rotated(&why),
        })
    });
    Ok(Json(Rotations { planned, rotations: done.await? }))
}
