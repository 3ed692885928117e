//! `POST /oauth2/introspect` (RFC 7662).

use super::error::Refusal;
use super::observe::Outcome;
use super::presented::{Presented, presented};
use crate::audit;
use crate::issuer::Issuer;
use crate::metrics::Introspected;
use crate::revocation::introspect::{Inactive, Known, decide};
use crate::revocation::{AppendFault, OwnKeys};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use chancery_token::{Bounds, Claims, ClientId, FamilyId, Subject, TenantId, TokenId};
use chancery_verifier::Verified;
use std::sync::Arc;

/// All that is said of a token that is not good, whatever the reason (RFC 7662 section 2.2).
const INACTIVE: &str = r#"{"active":false}"#;

/// Handles an introspection request.
pub(super) async fn post(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let mut outcome = Outcome::default();
    let mut response = match introspect(&issuer, request, &mut outcome).await {
        Ok(Ok(token)) => {
            outcome.token = Some(token.token_id());
            issuer.metrics().introspected(Introspected::Active);
            audit::token_introspected(outcome.client.as_ref(), Some(&token), "active");
            let body = serde_json::to_vec(&Good::of(token.claims())).unwrap_or_default();
            (super::NO_STORE, super::JSON, body).into_response()
        }
        Ok(Err(why)) => {
            outcome.reason = Some(why.reason());
            issuer.metrics().introspected(Introspected::Inactive);
            audit::token_introspected(outcome.client.as_ref(), None, why.reason());
            (super::NO_STORE, super::JSON, INACTIVE).into_response()
        }
        Err(refusal) => {
            outcome.reason = Some(refusal.logged_reason());
            outcome.detail = refusal.logged_detail();
            let refused =
                if refusal.is_permanent() { Introspected::Refused } else { Introspected::Unavailable };
            issuer.metrics().introspected(refused);
            audit::introspection_refused(outcome.client.as_ref(), refusal.logged_reason());
            refusal.answer(issuer.scopes_page())
        }
    };
    response.extensions_mut().insert(outcome);
    response
}

/// What is known of the token; a refusal where nobody can say.
async fn introspect(
    issuer: &Issuer,
    request: Request,
    outcome: &mut Outcome,
) -> Result<Result<Verified, Inactive>, Refusal> {
    let Presented { client, token, place } = presented(issuer, request, &mut outcome.client).await?;
    let first = judge(issuer, &token, &client.id);
    let Err(Inactive::AheadOfLog { .. }) = first else { return confirmed(issuer, first) };
    // Another issuer may have appended a moment ago, and signed this with it.
    drop(place);
    let _waiting = issuer.revoking().wait().ok_or(Refusal::Overloaded)?;
    let look = issuer.revocation_log().look(issuer.moment());
    let looked = tokio::time::timeout(issuer.request_timeout(), look).await;
    let looked = looked.map_err(|_| Refusal::StoreTimedOut)?;
    looked.map_err(|fault| Refusal::Log(AppendFault::Log(fault)))?;
    confirmed(issuer, judge(issuer, &token, &client.id))
}

fn judge(issuer: &Issuer, token: &str, caller: &ClientId) -> Result<Verified, Inactive> {
    let now = issuer.now();
    let known = Known {
        settings: issuer.settings(),
        catalog: issuer.catalog(),
        keys: &OwnKeys::believed(issuer.keyring(), now),
        log: &issuer.revocation_log().current(),
    };
    decide(token, caller, &known, now)
}

/// Nothing is called good on the word of a log whose end was not seen for too long. What is over stays over.
fn confirmed(
    issuer: &Issuer,
    judged: Result<Verified, Inactive>,
) -> Result<Result<Verified, Inactive>, Refusal> {
    if judged.is_ok() {
        issuer.may_issue().map_err(Refusal::Blind)?;
    }
    Ok(judged)
}

/// What is said of a good token. Times are seconds since 1970, whatever the format of the token.
#[derive(serde::Serialize)]
struct Good<'t> {
    active: bool,
    scope: &'t str,
    client_id: &'t ClientId,
    token_type: &'static str,
    exp: u64,
    iat: u64,
    sub: &'t Subject,
    aud: &'t str,
    iss: &'t str,
    jti: TokenId,
    tenant: &'t TenantId,
    #[serde(skip_serializing_if = "Bounds::is_empty")]
    bounds: &'t Bounds,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<FamilyId>,
}

impl<'t> Good<'t> {
    fn of(claims: &'t Claims) -> Self {
        Self {
            active: true,
            scope: claims.scope.as_str(),
            client_id: &claims.client_id,
            token_type: "Bearer",
            exp: claims.exp.as_secs(),
            iat: claims.iat.as_secs(),
            sub: &claims.sub,
            aud: &claims.aud,
            iss: &claims.iss,
            jti: claims.jti,
            tenant: &claims.tenant,
            bounds: &claims.bounds,
            sid: claims.sid,
        }
    }
}
