use super::account::{Account, Plan};
use super::archive::Archive;
use super::customer::Customer;
use super::draft::Draft;
use super::invoice::Invoice;
use super::refusal::Refusal;
use super::template::Template;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::IntoResponse;
use chancery_verifier::guard::{Guarded, InvalidRoutes, Router, get, public};
use chancery_verifier::{Verified, Verifier, scope};
use serde::Deserialize;

/// An invoice of forty full lines has about 6 KiB.
const MAX_BODY: usize = 16 * 1024;

/// The whole service, behind `verifier`.
///
/// # Errors
/// None for these routes; a service whose routes change wants to know.
pub fn service(archive: Archive, verifier: Verifier) -> Result<Guarded, InvalidRoutes> {
    Ok(routes(archive).guard(verifier)?.layer(DefaultBodyLimit::max(MAX_BODY)))
}

/// Every route with what it asks of its callers. A route without access does not compile.
pub fn routes(archive: Archive) -> Router {
    let records = Router::new()
        .route("/invoices", get(scope!("invoices:read"), list).post(scope!("invoices:create"), create))
        .route(
            "/invoices/{number}",
            get(scope!("invoices:read"), show).delete(scope!("invoices:delete"), remove),
        )
        .route("/invoices/{number}/export", get(scope!("invoices:export"), export))
        .route("/customers", get(scope!("customers:read"), customers))
        .route("/customers/{number}", get(scope!("customers:read"), customer))
        .route("/templates", get(scope!("templates:read"), templates))
        .route(
            "/templates/{name}",
            get(scope!("templates:read"), template).put(scope!("templates:update"), change_template),
        )
        .route(
            "/account",
            get(scope!("account:administer"), account).patch(scope!("account:administer"), change_plan),
        );
    Router::new().route("/healthz", get(public("liveness probe"), health)).merge(records.with_state(archive))
}

async fn health() -> &'static str {
    "ok"
}

async fn list(State(archive): State<Archive>, token: Verified) -> Json<Vec<Invoice>> {
    Json(archive.invoices(&token))
}

async fn show(
    State(archive): State<Archive>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<Json<Invoice>, Refusal> {
    archive.invoice(&token, &number).map(Json)
}

async fn create(
    State(archive): State<Archive>,
    token: Verified,
    draft: Result<Json<Draft>, JsonRejection>,
) -> Result<impl IntoResponse, Refusal> {
    let Json(draft) = draft?;
    let invoice = archive.create_invoice(&token, draft)?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/invoices/{}", invoice.number))], Json(invoice)))
}

async fn remove(
    State(archive): State<Archive>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<StatusCode, Refusal> {
    archive.remove_invoice(&token, &number).map(|()| StatusCode::NO_CONTENT)
}

async fn export(
    State(archive): State<Archive>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    archive.export_invoice(&token, &number).map(|page| ([(CONTENT_TYPE, "application/pdf")], page))
}

async fn customers(State(archive): State<Archive>, token: Verified) -> Json<Vec<Customer>> {
    Json(archive.customers(&token))
}

async fn customer(
    State(archive): State<Archive>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<Json<Customer>, Refusal> {
    archive.customer(&token, &number).map(Json)
}

async fn templates(State(archive): State<Archive>, token: Verified) -> Json<Vec<Template>> {
    Json(archive.templates(&token))
}

async fn template(
    State(archive): State<Archive>,
    token: Verified,
    Path(name): Path<String>,
) -> Result<Json<Template>, Refusal> {
    archive.template(&token, &name).map(Json)
}

/// What a template prints.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    heading: String,
    footer: String,
}

async fn change_template(
    State(archive): State<Archive>,
    token: Verified,
    Path(name): Path<String>,
    wording: Result<Json<Wording>, JsonRejection>,
) -> Result<Json<Template>, Refusal> {
    let Json(Wording { heading, footer }) = wording?;
    archive.change_template(&token, &name, heading, footer).map(Json)
}

async fn account(State(archive): State<Archive>, token: Verified) -> Result<Json<Account>, Refusal> {
    archive.account(&token).map(Json)
}

/// What may be changed about an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    plan: Plan,
}

async fn change_plan(
    State(archive): State<Archive>,
    token: Verified,
    change: Result<Json<Change>, JsonRejection>,
) -> Result<Json<Account>, Refusal> {
    let Json(Change { plan }) = change?;
    archive.change_plan(&token, plan).map(Json)
}
