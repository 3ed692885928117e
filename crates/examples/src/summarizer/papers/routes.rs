use super::bill::{Bill, Plan};
use super::document::{Document, Title};
use super::shelves::Shelves;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use chancery_verifier::guard::{Dpop, Guarded, InvalidRoutes, Router, get, public};
use chancery_verifier::{Forbidden, Verified, Verifier, scope};
use serde::Deserialize;
use tracing::field::display;

/// Nobody sends more than the name of a plan.
const MAX_BODY: usize = 1024;

/// The whole service, behind `verifier`, for callers who prove their keys as `dpop` says.
///
/// # Errors
/// None for these routes; a service whose routes change wants to know.
pub fn service(shelves: Shelves, verifier: Verifier, dpop: Dpop) -> Result<Guarded, InvalidRoutes> {
    Ok(routes(shelves).guard_with_dpop(verifier, dpop)?.layer(DefaultBodyLimit::max(MAX_BODY)))
}

/// Every route with what it asks of its callers.
pub fn routes(shelves: Shelves) -> Router {
    let records = Router::new()
        .route("/documents", get(scope!("documents:read"), list))
        .route("/documents/{number}", get(scope!("documents:read"), read))
        .route("/billing", get(scope!("billing:read"), bill).put(scope!("billing:update"), take_plan));
    Router::new().route("/healthz", get(public("liveness probe"), health)).merge(records.with_state(shelves))
}

async fn health() -> &'static str {
    "ok"
}

async fn list(State(shelves): State<Shelves>, token: Verified) -> Json<Vec<Title>> {
    Json(shelves.titles(&token))
}

async fn read(
    State(shelves): State<Shelves>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<Json<Document>, Forbidden> {
    let document = shelves.document(&token, &number)?;
    // Who has to be stopped, if somebody has: `chancery revoke family BRANCH`, or the whole session that it is a part of.
    let claims = token.claims();
    let (session, branch) = (claims.sid.as_ref().map(display), claims.anc.first().map(display));
    tracing::info!(target: "papers", document = number, client.id = %token.client_id(), session, branch, "read");
    Ok(Json(document))
}

async fn bill(State(shelves): State<Shelves>, token: Verified) -> Result<Json<Bill>, Forbidden> {
    shelves.bill(&token).map(Json)
}

/// What may be changed about a bill.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    plan: Plan,
}

async fn take_plan(
    State(shelves): State<Shelves>,
    token: Verified,
    change: Result<Json<Change>, JsonRejection>,
) -> Response {
    match change {
        Ok(Json(Change { plan })) => shelves.take_plan(&token, plan).map(Json).into_response(),
        Err(why) => why.into_response(),
    }
}
