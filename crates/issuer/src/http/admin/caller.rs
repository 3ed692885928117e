//! Who asks. A token says what its client was; the record says what it is, and is read for every request.

use super::Acting;
use super::challenge::challenge;
use super::refusal::told;
use super::work::within;
use crate::admin::{AdminRefusal, Authority};
use crate::audit;
use crate::http::problem::{Because, Lacking, Problem};
use crate::issuer::Issuer;
use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_revocation::{Standing, TokenMarks};
use chancery_token::Scope;
use chancery_verifier::Verified;
use chancery_verifier::guard::NoToken;
use std::sync::Arc;

/// An administrator whose token the guard let through, and whose record holds now what the route demands.
#[derive(Debug)]
pub(super) struct Caller(pub(super) Authority);

impl FromRequestParts<Arc<Issuer>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self, Problem> {
        let token = Verified::from_request_parts(parts, issuer).await.map_err(unguarded)?;
        if let Some(acting) = parts.extensions.get::<Acting>() {
            acting.is(token.client_id());
        }
        let read = async {
            // As far as the store knows the log, and not only as far as it was followed: what was revoked at another
            // issuer a moment ago counts here too. Without the store the client cannot be read either; and where the
            // log is lost, what is known of it counts.
            let _ = issuer.revocation_log().look(issuer.moment()).await;
            Ok(issuer.store().client(token.client_id()).await?)
        };
        let client = within(issuer, read).await?;
        let Some(client) = client else {
            return Err(bad_token(issuer, Because::UnknownClient.reason(), "its client is gone"));
        };
        let authority = Authority::Administrator { client: Arc::new(client), tenant: token.tenant().clone() };
        let entered = entered(issuer, &authority, &token);
        match entered {
            Ok(()) => Ok(Self(authority)),
            Err(problem) => {
                let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
                audit::admin_acted(&authority, "enter", route, problem.reason());
                Err(problem)
            }
        }
    }
}

/// Whether nothing ended the token.
fn stands(issuer: &Issuer, token: &Verified) -> Result<(), Problem> {
    let marks = TokenMarks::of(token.claims(), token.kid());
    match issuer.revocation_log().current().published().judge(&marks) {
        // Ahead of us: another issuer knows more. Whatever it knows, it issued this token after.
        Standing::Good | Standing::AheadOfUs { .. } => Ok(()),
        Standing::Revoked(_) => Err(bad_token(issuer, "revoked", "it was revoked")),
        Standing::BelowFloor { .. } => {
            Err(bad_token(issuer, "issued_below_floor", "it is from too long ago"))
        }
    }
}

/// Whether the client may act, its token stands, and its record holds what the route demands: in this order, so that
/// whoever is told the last of it has nothing else to mend.
fn entered(issuer: &Issuer, authority: &Authority, token: &Verified) -> Result<(), Problem> {
    let demanded = token.demanded();
    let mut missing = Vec::new();
    for scope in demanded {
        match issuer.desk().entitled(authority, scope) {
            Ok(()) => {}
            Err(AdminRefusal::ScopeNotHeld { scope }) => missing.push(scope),
            Err(refusal @ (AdminRefusal::Unusable(_) | AdminRefusal::TenantNotServed { .. })) => {
                return Err(off_duty(issuer, &refusal));
            }
            Err(other) => return Err(told(other)),
        }
    }
    stands(issuer, token)?;
    if missing.is_empty() { Ok(()) } else { Err(not_held(issuer, demanded, missing)) }
}

/// The token is good, and its client is not any more.
pub(super) fn off_duty(issuer: &Issuer, refusal: &AdminRefusal) -> Problem {
    bad_token(issuer, refusal.reason(), "its client may not act any more")
}

/// As the guard says it of a token that it does not accept (RFC 6750 section 3.1).
fn bad_token(issuer: &Issuer, reason: &'static str, why: &str) -> Problem {
    let detail = format!("the token is not accepted: {why}");
    let challenge = challenge(issuer, "invalid_token", &detail, &[]);
    Problem::new(StatusCode::UNAUTHORIZED, reason, detail).with_challenge(challenge)
}

/// The token carries the scope, and its client does not hold it any more: a new token would not carry it.
fn not_held(issuer: &Issuer, required: &[Scope], missing: Vec<Scope>) -> Problem {
    let detail = "the client does not hold every scope that this needs any more";
    let challenge = challenge(issuer, "insufficient_scope", detail, required);
    let page = issuer.scopes_page();
    let documentation = missing.first().map_or_else(|| page.to_owned(), |scope| format!("{page}#{scope}"));
    let lacking = Lacking { required: required.to_vec(), missing, documentation };
    Problem::of(Because::InsufficientScope, detail).with_challenge(challenge).lacking(lacking)
}

fn unguarded(no_token: NoToken) -> Problem {
    let detail = "the service is put together wrongly; its log says how";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, no_token.reason(), detail)
}
