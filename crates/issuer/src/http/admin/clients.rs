//! `/admin/v1/clients`: clients are registered, looked at, changed, switched off and on.

use super::caller::Caller;
use super::document::{Document, Sent};
use super::place::Named;
use super::query::{Listing, NoQuery};
use super::shape::Shape;
use super::work::{carry_out, refused, within};
use crate::admin::{Changed, ClientDraft, ClientPatch, ClientView, Effect, UnreadableView};
use crate::client::Client;
use crate::http::problem::Problem;
use crate::issuer::Issuer;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_revocation::Sequence;
use chancery_token::UnixTime;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const GRANT: Shape = Shape::Object(&[
    ("scope", Shape::Text),
    ("audience", Shape::Text),
    ("reason", Shape::Text),
    ("unbounded", Shape::Text),
]);

const REFRESH: Shape = Shape::Object(&[
    ("idle_secs", Shape::Whole),
    ("absolute_secs", Shape::Whole),
    ("most_families", Shape::Whole),
    ("on_replay", Shape::Text),
]);

impl Document for ClientDraft {
    const SHAPE: Shape = Shape::Object(&[
        ("id", Shape::Text),
        ("name", Shape::Text),
        ("purpose", Shape::Text),
        ("owner", Shape::Text),
        ("kind", Shape::Text),
        ("template", Shape::Text),
        ("tenants", Shape::List(&Shape::Text)),
        ("grants", Shape::List(&GRANT)),
        ("bounds", Shape::Anything),
        ("unbounded", Shape::Text),
        ("lifetime_secs", Shape::Whole),
        ("expires_at", Shape::Text),
        ("authentication", Shape::Text),
        ("keys", Shape::List(&Shape::Anything)),
        ("dpop", Shape::Text),
        ("refresh", REFRESH),
        ("may_delegate_to", Shape::List(&Shape::Text)),
    ]);
    const MAY_BE_ABSENT: bool = false;
}

impl Document for ClientPatch {
    const SHAPE: Shape = Shape::Object(&[
        ("name", Shape::Text),
        ("purpose", Shape::Text),
        ("owner", Shape::Text),
        ("tenants", Shape::List(&Shape::Text)),
        ("grants", Shape::List(&GRANT)),
        ("bounds", Shape::Anything),
        ("unbounded", Shape::Text),
        ("lifetime_secs", Shape::Whole),
        ("expires_at", Shape::Text),
        ("authentication", Shape::Text),
        ("dpop", Shape::Text),
        ("refresh", Shape::OrNone(&REFRESH)),
        ("may_delegate_to", Shape::List(&Shape::Text)),
    ]);
    const MAY_BE_ABSENT: bool = false;
}

/// Why a client is switched off.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Why {
    reason: String,
}

impl Document for Why {
    const SHAPE: Shape = Shape::Object(&[("reason", Shape::Text)]);
    const MAY_BE_ABSENT: bool = false;
}

/// A request that says everything with its path.
#[derive(Deserialize)]
pub(super) struct Nothing {}

impl Document for Nothing {
    const SHAPE: Shape = Shape::Object(&[]);
    const MAY_BE_ABSENT: bool = true;
}

/// A client as it is now.
#[derive(Serialize)]
pub(super) struct Shown {
    client: ClientView,
    /// The entry that ended its older tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<Sequence>,
}

impl Shown {
    pub(super) fn new(client: &Client, now: UnixTime) -> Json<Self> {
        Json(Self { client: ClientView::of(client, now), sequence: None })
    }

    pub(super) fn after(effect: Effect<Client>, now: UnixTime) -> Json<Self> {
        let sequence = effect.sequence;
        Json(Self { client: ClientView::of(&effect.into_inner(), now), sequence })
    }
}

/// A client as it is now, and whether it was so before.
#[derive(Serialize)]
pub(super) struct Switched {
    client: ClientView,
    changed: bool,
    /// The entry that ended its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<Sequence>,
}

impl Switched {
    fn after(effect: &Effect<Client>, now: UnixTime) -> Json<Self> {
        let (client, changed) = match &effect.client {
            Changed::Before(client) => (client, false),
            Changed::Now(client) => (client, true),
        };
        Json(Self { client: ClientView::of(client, now), changed, sequence: effect.sequence })
    }
}

#[derive(Serialize)]
struct Registered {
    client: ClientView,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    clients: Vec<ClientView>,
    /// Those whose records cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<UnreadableView>,
    /// The last id, where more follow.
    next: Option<String>,
}

/// Handles `POST /admin/v1/clients`.
pub(super) async fn create(
    State(issuer): State<Arc<Issuer>>,
    _: NoQuery,
    Sent(by, draft): Sent<ClientDraft>,
) -> Result<Response, Problem> {
    let work = Arc::clone(&issuer);
    let new = carry_out(&issuer, None, async move {
        work.desk().create_client(&by, draft).await.map_err(|refusal| refused(&work, refusal))
    });
    let new = new.await?;
    let location = format!("{}/clients/{}", super::base(&issuer), new.client.id);
    let client = ClientView::of(&new.client, issuer.now());
    let client_secret = new.secret.map(|secret| secret.reveal().to_owned());
    let answer = Registered { client, client_secret };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(answer)).into_response())
}

/// Handles `GET /admin/v1/clients`.
pub(super) async fn list(
    State(issuer): State<Arc<Issuer>>,
    Caller(by): Caller,
    Listing { filter, limit, after }: Listing,
) -> Result<Response, Problem> {
    let desk = issuer.desk();
    let listed = within(&issuer, desk.clients(&by, &filter, after.as_deref(), limit)).await?;
    let clients = listed.clients.iter().map(|client| ClientView::of(client, desk.now)).collect();
    let unreadable = listed.unreadable.iter().map(UnreadableView::of).collect();
    Ok(Json(Listed { clients, unreadable, next: listed.next }).into_response())
}

/// Handles `GET /admin/v1/clients/{id}`.
pub(super) async fn show(
    State(issuer): State<Arc<Issuer>>,
    Caller(by): Caller,
    Named(id): Named,
    _: NoQuery,
) -> Result<Json<Shown>, Problem> {
    let desk = issuer.desk();
    let client = within(&issuer, desk.client(&by, &id)).await?;
    Ok(Shown::new(&client, desk.now))
}

/// Handles `PATCH /admin/v1/clients/{id}`.
pub(super) async fn update(
    State(issuer): State<Arc<Issuer>>,
    Named(id): Named,
    _: NoQuery,
    Sent(by, patch): Sent<ClientPatch>,
) -> Result<Json<Shown>, Problem> {
    let work = Arc::clone(&issuer);
    let changed = carry_out(&issuer, Some(id.clone()), async move {
        work.desk().update_client(&by, &id, patch).await.map_err(|refusal| refused(&work, refusal))
    });
    Ok(Shown::after(changed.await?, issuer.now()))
}

/// Handles `POST /admin/v1/clients/{id}/disable`.
pub(super) async fn disable(
    State(issuer): State<Arc<Issuer>>,
    Named(id): Named,
    _: NoQuery,
    Sent(by, why): Sent<Why>,
) -> Result<Json<Switched>, Problem> {
    let work = Arc::clone(&issuer);
    let changed = carry_out(&issuer, Some(id.clone()), async move {
        work.desk().disable_client(&by, &id, &why.reason).await.map_err(|refusal| refused(&work, refusal))
    });
    Ok(Switched::after(&changed.await?, issuer.now()))
}

/// Handles `POST /admin/v1/clients/{id}/enable`.
pub(super) async fn enable(
    State(issuer): State<Arc<Issuer>>,
    Named(id): Named,
    _: NoQuery,
    Sent(by, Nothing {}): Sent<Nothing>,
) -> Result<Json<Switched>, Problem> {
    let work = Arc::clone(&issuer);
    let changed = carry_out(&issuer, Some(id.clone()), async move {
        work.desk().enable_client(&by, &id).await.map_err(|refusal| refused(&work, refusal))
    });
    Ok(Switched::after(&changed.await?, issuer.now()))
}
