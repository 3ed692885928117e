use super::account;
use super::archive::Archive;
use super::invoice::Invoice;
use super::refusal::Refusal;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use chancery_verifier::guard::{Guarded, InvalidRoutes, Router, get, public};
use chancery_verifier::{Verified, Verifier, scope};

/// The whole service, behind `verifier`.
///
/// # Errors
/// None for these routes; a service whose routes change wants to know.
pub fn service(archive: Archive, verifier: Verifier) -> Result<Guarded, InvalidRoutes> {
    routes(archive).guard(verifier)
}

/// Every route with what it asks of its callers. A route without access does not compile.
pub fn routes(archive: Archive) -> Router {
    let invoices = Router::new()
        .route("/invoices", get(scope!("invoices:read"), list).post(scope!("invoices:create"), create))
        .route(
            "/invoices/{number}",
            get(scope!("invoices:read"), show).delete(scope!("invoices:delete"), remove),
        )
        .route("/invoices/{number}/export", get(scope!("invoices:export"), export));
    Router::new()
        .route("/healthz", get(public("liveness probe"), health))
        .route("/account", get(scope!("account:administer"), account::show))
        .merge(invoices.with_state(archive))
}

async fn health() -> &'static str {
    "ok"
}

/// Lists what the token may see, and nothing of the rest.
async fn list(State(archive): State<Archive>, token: Verified) -> Json<Vec<Invoice>> {
    Json(archive.all().into_iter().filter(|invoice| token.allows(invoice).is_ok()).collect())
}

async fn show(
    State(archive): State<Archive>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<Json<Invoice>, Refusal> {
    let invoice = archive.find(&number).ok_or(Refusal::NotFound)?;
    token.allows(&invoice)?;
    Ok(Json(invoice))
}

/// What a caller says about a new invoice. The tenant is not among it: that is the token's.
#[derive(serde::Deserialize)]
struct Draft {
    number: String,
    project: String,
    total_cents: u64,
}

async fn create(
    State(archive): State<Archive>,
    token: Verified,
    Json(draft): Json<Draft>,
) -> Result<(StatusCode, Json<Invoice>), Refusal> {
    let Draft { number, project, total_cents } = draft;
    let invoice = Invoice { number, project, total_cents, tenant: token.tenant().to_string() };
    token.allows(&invoice)?;
    if archive.add(invoice.clone()) {
        Ok((StatusCode::CREATED, Json(invoice)))
    } else {
        Err(Refusal::NumberTaken)
    }
}

async fn remove(
    State(archive): State<Archive>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<StatusCode, Refusal> {
    let invoice = archive.find(&number).ok_or(Refusal::NotFound)?;
    token.allows(&invoice)?;
    archive.remove(&number);
    Ok(StatusCode::NO_CONTENT)
}

async fn export(
    State(archive): State<Archive>,
    token: Verified,
    Path(number): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let Invoice { number, tenant, total_cents, .. } =
        archive.find(&number).ok_or(Refusal::NotFound).and_then(|found| {
            token.allows(&found)?;
            Ok(found)
        })?;
    let text = format!("Invoice {number} of {tenant}: {}.{:02}\n", total_cents / 100, total_cents % 100);
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text))
}
