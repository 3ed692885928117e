//! `/admin/v1/keys`: the signing keys are looked at and rotated.

use super::caller::Caller;
use super::document::{Document, Sent};
use super::query::NoQuery;
use super::refusal::{not_rotated, told};
use super::shape::Shape;
use super::work::carry_out;
use crate::admin::{AdminRefusal, Authority, KeyView, RotationView};
use crate::audit;
use crate::client::OPERATOR_TENANT;
use crate::http::problem::{Because, Problem};
use crate::issuer::Issuer;
use crate::keyring::Rotation;
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
        let done = rotations(&work, &by, &formats, planned).await;
        if !planned {
            let subject = formats.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(" ");
            audit::admin_acted(
                &by,
                "key.rotate",
                &subject,
                done.as_ref().map_or_else(Problem::reason, |_| "done"),
            );
        }
        done
    });
    let rotations = done.await?.iter().map(RotationView::of).collect();
    Ok(Json(Rotations { planned, rotations }))
}

async fn rotations(
    issuer: &Issuer,
    by: &Authority,
    formats: &[Format],
    planned: bool,
) -> Result<Vec<Rotation>, Problem> {
    // Every tenant's tokens are signed with them.
    if let Authority::Administrator { tenant, .. } = by
        && tenant.as_str() != OPERATOR_TENANT
    {
        let what = "the signing keys belong to every tenant, not to one".to_owned();
        return Err(told(AdminRefusal::BeyondOneself { what }));
    }
    let (keyring, now) = (issuer.keyring(), issuer.now());
    let mut rotations = Vec::new();
    // Planned first, so that of two formats not one alone is rotated when the other cannot be.
    for format in formats {
        rotations.push(keyring.plan_rotation(*format, now).map_err(|why| not_rotated(&why))?);
    }
    if planned {
        return Ok(rotations);
    }
    rotations.clear();
    for format in formats {
        let done = keyring.rotate(&**issuer.store(), *format, now, issuer.entropy()).await;
        rotations.push(done.map_err(|why| not_rotated(&why))?);
    }
    Ok(rotations)
}
