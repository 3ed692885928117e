//! `POST /oauth2/introspect` (RFC 7662).

mod refresh;

use super::admission::Admitted;
use super::dpop::token_type;
use super::error::Refusal;
use super::observe::Outcome;
use super::presented::{Presented, presented};
use crate::audit;
use crate::family::RefreshToken;
use crate::issuer::Issuer;
use crate::metrics::Introspected;
use crate::revocation::introspect::{Inactive, Known, decide};
use crate::revocation::{AppendFault, OwnKeys};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use chancery_token::encoding::base64url;
use chancery_token::{Bounds, Claims, ClientId, Confirmation, FamilyId, Subject, TenantId, TokenId};
use chancery_verifier::Verified;
use std::sync::Arc;

/// All that is said of a token that is not good, whatever the reason (RFC 7662 section 2.2).
const INACTIVE: &str = r#"{"active":false}"#;

/// Handles an introspection request.
pub(super) async fn post(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let mut outcome = Outcome::default();
    let mut response = match introspect(&issuer, request, &mut outcome).await {
        Ok(Ok(Active::Refresh(body))) => {
            issuer.metrics().introspected(Introspected::Active);
            audit::token_introspected(outcome.client.as_ref(), None, "active");
            (super::NO_STORE, super::JSON, body).into_response()
        }
        Ok(Ok(Active::Access(token))) => {
            outcome.token = Some(token.token_id());
            issuer.metrics().introspected(Introspected::Active);
            audit::token_introspected(outcome.client.as_ref(), Some(&token), "active");
            let body = serde_json::to_vec(&Good::of(token.claims())).unwrap_or_default();
            (super::NO_STORE, super::JSON, body).into_response()
        }
        Ok(Err(reason)) => {
            outcome.reason = Some(reason);
            issuer.metrics().introspected(Introspected::Inactive);
            audit::token_introspected(outcome.client.as_ref(), None, reason);
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

/// A token that is good.
enum Active {
    /// An access token.
    Access(Box<Verified>),
    /// A refresh token, and what is said of it.
    Refresh(Vec<u8>),
}

/// What is known of the token, or why nothing is said of it; a refusal where nobody can say.
async fn introspect(
    issuer: &Issuer,
    request: Request,
    outcome: &mut Outcome,
) -> Result<Result<Active, &'static str>, Refusal> {
    let Presented { client, token, place } = presented(issuer, request, &mut outcome.client).await?;
    if RefreshToken::is_one(&token) {
        drop(place);
        return refresh::introspect(issuer, &client, &token).await.map(|said| said.map(Active::Refresh));
    }
    let judged = access(issuer, &client.id, &token, place).await?;
    Ok(judged.map(|token| Active::Access(Box::new(token))).map_err(|why| why.reason()))
}

async fn access(
    issuer: &Issuer,
    caller: &ClientId,
    token: &str,
    place: Admitted,
) -> Result<Result<Verified, Inactive>, Refusal> {
    let first = judge(issuer, token, caller);
    let Err(Inactive::AheadOfLog { .. }) = first else { return confirmed(issuer, first) };
    // Another issuer may have appended a moment ago, and signed this with it.
    drop(place);
    let _waiting = issuer.revoking().wait().ok_or(Refusal::Overloaded)?;
    let look = issuer.revocation_log().look(issuer.moment());
    let looked = tokio::time::timeout(issuer.request_timeout(), look).await;
    let looked = looked.map_err(|_| Refusal::StoreTimedOut)?;
    looked.map_err(|fault| Refusal::Log(AppendFault::Log(fault)))?;
    confirmed(issuer, judge(issuer, token, caller))
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
    /// RFC 8693 section 4.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Box<Actor<'t>>>,
    /// RFC 9449 section 6.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Bound>,
}

/// Who acts, and in it who acted before.
#[derive(serde::Serialize)]
struct Actor<'t> {
    sub: &'t Subject,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Box<Self>>,
}

/// The key that whoever presents the token is to prove, as the token says it.
#[derive(serde::Serialize)]
enum Bound {
    #[serde(rename = "jkt")]
    DpopKey(String),
    #[serde(rename = "x5t#S256")]
    Certificate(String),
}

impl Bound {
    fn to(confirmation: &Confirmation) -> Self {
        match confirmation {
            Confirmation::DpopKey(thumbprint) => Self::DpopKey(base64url(thumbprint)),
            Confirmation::Certificate(hash) => Self::Certificate(base64url(hash)),
        }
    }
}

impl<'t> Good<'t> {
    fn of(claims: &'t Claims) -> Self {
        Self {
            active: true,
            scope: claims.scope.as_str(),
            client_id: &claims.client_id,
            token_type: token_type(claims),
            exp: claims.exp.as_secs(),
            iat: claims.iat.as_secs(),
            sub: &claims.sub,
            aud: &claims.aud,
            iss: &claims.iss,
            jti: claims.jti,
            tenant: &claims.tenant,
            bounds: &claims.bounds,
            sid: claims.sid,
            act: claims.act.iter().rev().fold(None, |act, sub| Some(Box::new(Actor { sub, act }))),
            cnf: claims.cnf.as_ref().map(Bound::to),
        }
    }
}
