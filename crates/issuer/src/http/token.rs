//! `POST /oauth2/token` (RFC 6749 section 3.2).

use super::client_authentication::authenticate;
use super::error::Refusal;
use super::form::TokenForm;
use super::observe::{Outcome, Watch};
use super::posted::{Posted, posted};
use crate::audit;
use crate::grant::client_credentials::{self, Request as TokenRequest};
use crate::grant::{CLIENT_CREDENTIALS, Granted};
use crate::issuer::{Issued, Issuer};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use chancery_token::ClientId;
use std::sync::Arc;

/// Handles a token request.
pub(super) async fn post(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let watch = Watch::begin(&issuer, &request);
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
    watch.end(&issuer, &outcome, &mut response);
    response
}

/// Answers every other method.
pub(super) async fn other_method(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let watch = Watch::begin(&issuer, &request);
    let mut outcome = Outcome::default();
    refuse(&issuer, &Refusal::Method, &mut outcome);
    let mut response = Refusal::Method.answer(issuer.scopes_page());
    watch.end(&issuer, &outcome, &mut response);
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
    let Posted { headers, body, place: _place } = posted(issuer, request).await?;
    let form = TokenForm::parse(&body).map_err(Refusal::Form)?;
    match form.grant_type.as_deref() {
        None => return Err(Refusal::NoGrantType),
        Some(CLIENT_CREDENTIALS) => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
    }
    // The sequence is read before anything that is decided upon: whatever is revoked from here on cuts this token off
    // as well.
    let log = issuer.revocation_log();
    let rvs = log.applied();
    let client = authenticate(issuer, &headers, &form).await?;
    *authenticated = Some(client.id.clone());
    let request = TokenRequest {
        scope: form.scope.as_deref(),
        resource: form.resource.as_deref(),
        tenant: form.tenant.as_deref(),
    };
    let (jti, moment) = (issuer.draw_token_id(), issuer.moment());
    let now = moment.wall;
    log.may_issue(moment).map_err(Refusal::Blind)?;
    let settings = issuer.settings();
    let granted = client_credentials::decide(&request, &client, issuer.catalog(), settings, now, jti, rvs);
    let Granted { claims, product } = granted.map_err(Refusal::Grant)?;
    issuer.sign(client, claims, product.format(), now).map_err(Refusal::TooLarge)
}

/// Headers of an answer, with those that every answer gets on its way out.
const HEADERS: usize = 7;

/// The successful answer (RFC 6749 section 5.1).
///
/// Written by hand: a token and a set of scopes hold nothing that JSON would escape (RFC 7515 section 2, RFC 6749
/// section 3.3), and looking for it took longer than everything else here.
fn answer(issued: &Issued) -> Response {
    let claims = &issued.claims;
    let (expires_in, expires_at) = (claims.exp.since(claims.iat).as_secs(), claims.exp.as_secs());
    let mut json = Vec::with_capacity(issued.token.len() + claims.scope.as_str().len() + 128);
    json.extend_from_slice(b"{\"access_token\":\"");
    json.extend_from_slice(issued.token.as_bytes());
    json.extend_from_slice(b"\",\"token_type\":\"Bearer\",\"expires_in\":");
    // A vector takes whatever is written, and numbers can be.
    let _ = serde_json::to_writer(&mut json, &expires_in);
    json.extend_from_slice(b",\"expires_at\":");
    let _ = serde_json::to_writer(&mut json, &expires_at);
    json.extend_from_slice(b",\"scope\":\"");
    json.extend_from_slice(claims.scope.as_str().as_bytes());
    json.extend_from_slice(b"\"}");
    let mut response = Response::new(Body::from(json));
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    for (name, value) in super::NO_STORE.into_iter().chain(super::JSON) {
        headers.insert(name, value);
    }
    response
}
