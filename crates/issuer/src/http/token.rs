//! `POST /oauth2/token` (RFC 6749 section 3.2).

use super::body::read_form;
use super::client_authentication::authenticate;
use super::error::Refusal;
use super::form::TokenForm;
use super::observe::Outcome;
use crate::audit;
use crate::grant::client_credentials::{self, Request as TokenRequest};
use crate::grant::{CLIENT_CREDENTIALS, Granted};
use crate::issuer::{Issued, Issuer};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use chancery_token::ClientId;
use std::sync::Arc;

/// Handles a token request.
pub(super) async fn post(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let mut outcome = Outcome::default();
    let mut response = match exchange(&issuer, request, &mut outcome.client).await {
        Ok(issued) => {
            outcome.token = Some(issued.claims.jti);
            issuer.metrics().issued(issued.signer.format(), issued.token.len());
            audit::token_issued(&issued);
            answer(&issued)
        }
        Err(refusal) => {
            refuse(&issuer, &refusal, &mut outcome);
            refusal.answer(issuer.scopes_page())
        }
    };
    response.extensions_mut().insert(outcome);
    response
}

/// Answers every other method.
pub(super) async fn other_method(State(issuer): State<Arc<Issuer>>) -> Response {
    let mut outcome = Outcome::default();
    refuse(&issuer, &Refusal::Method, &mut outcome);
    let mut response = Refusal::Method.answer(issuer.scopes_page());
    response.extensions_mut().insert(outcome);
    response
}

fn refuse(issuer: &Issuer, refusal: &Refusal, outcome: &mut Outcome) {
    outcome.reason = Some(refusal.logged_reason());
    outcome.detail = refusal.logged_detail();
    issuer.metrics().refused(refusal.grant(), refusal.counted_reason(), refusal.is_permanent());
    audit::token_refused(outcome.client.as_ref(), refusal.logged_reason());
}

async fn exchange(
    issuer: &Issuer,
    request: Request,
    authenticated: &mut Option<ClientId>,
) -> Result<Issued, Refusal> {
    let (parts, body) = request.into_parts();
    if parts.uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(Refusal::Query);
    }
    let body = read_form(&parts.headers, body, issuer.request_timeout(), issuer.body_bytes())
        .await
        .map_err(Refusal::Body)?;
    // Only now: a body that trickles in is no work, and must not keep a place from those who sent theirs.
    let _admitted = issuer.admission().enter().ok_or(Refusal::Overloaded)?;
    let form = TokenForm::parse(&body).map_err(Refusal::Form)?;
    match form.grant_type.as_deref() {
        None => return Err(Refusal::NoGrantType),
        Some(CLIENT_CREDENTIALS) => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
    }
    let client = authenticate(issuer, &parts.headers, &form).await?;
    *authenticated = Some(client.id.clone());
    let request = TokenRequest {
        scope: form.scope.as_deref(),
        resource: form.resource.as_deref(),
        tenant: form.tenant.as_deref(),
    };
    // The sequence is read before the decision and stamped after it: whatever is revoked in between cuts this
    // token off as well.
    let (rvs, jti, now) = (issuer.applied_sequence(), issuer.draw_token_id(), issuer.now());
    let settings = issuer.settings();
    let granted = client_credentials::decide(&request, &client, issuer.catalog(), settings, now, jti, rvs);
    let Granted { claims, product } = granted.map_err(Refusal::Grant)?;
    issuer.sign(client, claims, product.format(), now).map_err(Refusal::TooLarge)
}

#[derive(serde::Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    expires_at: u64,
    scope: &'a str,
}

#[expect(
    clippy::expect_used,
    reason = "a vector takes whatever is written, and texts and numbers can be written"
)]
fn answer(issued: &Issued) -> Response {
    let claims = &issued.claims;
    let body = Body {
        access_token: &issued.token,
        token_type: "Bearer",
        expires_in: claims.exp.since(claims.iat).as_secs(),
        expires_at: claims.exp.as_secs(),
        scope: claims.scope.as_str(),
    };
    let mut json = Vec::with_capacity(issued.token.len() + 256);
    serde_json::to_writer(&mut json, &body).expect("an answer can be written to memory");
    (super::NO_STORE, super::JSON, json).into_response()
}
