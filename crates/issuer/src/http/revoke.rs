//! `POST /oauth2/revoke` (RFC 7009).

mod refresh;

use super::admission::{Admission, Admitted};
use super::error::Refusal;
use super::observe::Outcome;
use super::presented::{Presented, presented};
use crate::audit;
use crate::family::RefreshToken;
use crate::issuer::Issuer;
use crate::metrics::Revoked;
use crate::revocation::revoke::{Decision, Known, Quota, Tally, decide};
use crate::revocation::{AppendFault, OwnKeys};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chancery_revocation::{Kind, Sequence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What revocation needs beyond one request.
#[derive(Debug)]
pub(crate) struct Revoking {
    tally: Mutex<Tally>,
    /// Those who wait for the log. Their places are not those of token requests: a store that hangs keeps no client
    /// that is known from its token.
    waiting: Admission,
}

impl Revoking {
    /// Lets `concurrent_requests` wait at once.
    pub(crate) fn new(concurrent_requests: usize) -> Self {
        Self { tally: Mutex::default(), waiting: Admission::new(concurrent_requests) }
    }

    /// A place to wait for the log in, unless all are taken.
    pub(super) fn wait(&self) -> Option<Admitted> {
        self.waiting.enter()
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        // Whatever a thread that panicked left: counts of another minute at most.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Handles a revocation request.
pub(super) async fn post(State(issuer): State<Arc<Issuer>>, request: Request) -> Response {
    let mut outcome = Outcome::default();
    let mut response = match revoke(&issuer, request, &mut outcome).await {
        Ok(revoked) => {
            issuer.metrics().revocation_asked(revoked);
            (StatusCode::OK, super::NO_STORE).into_response()
        }
        Err(refusal) => {
            outcome.reason = Some(refusal.logged_reason());
            outcome.detail = refusal.logged_detail();
            let refused = if refusal.is_permanent() { Revoked::Refused } else { Revoked::Unavailable };
            issuer.metrics().revocation_asked(refused);
            audit::revocation_refused(outcome.client.as_ref(), outcome.token, refusal.logged_reason());
            refusal.answer(issuer.scopes_page())
        }
    };
    response.extensions_mut().insert(outcome);
    response
}

async fn revoke(issuer: &Arc<Issuer>, request: Request, outcome: &mut Outcome) -> Result<Revoked, Refusal> {
    let Presented { client, token, place } = presented(issuer, request, &mut outcome.client).await?;
    if RefreshToken::is_one(&token) {
        drop(place);
        return refresh::revoke(issuer, client, &token, outcome).await;
    }
    let (log, now) = (issuer.revocation_log(), issuer.now());
    let current = log.current();
    let window = current.retention().longest_access;
    let known = Known {
        settings: issuer.settings(),
        keys: &OwnKeys::believed(issuer.keyring(), now),
        log: &current,
        quota: issuer.revoking().tally().quota(&client.id, now, window),
    };
    let decided = decide(&token, &client.id, &known, now);
    let (kill, claims) = match decided {
        Ok(Decision::Append { kill, claims }) => (kill, claims),
        Ok(Decision::Needless(why)) => {
            (outcome.token, outcome.reason) = (why.token(), Some(why.reason()));
            drop(place);
            if let Some(sequence) = why.rests_on(&current) {
                settle(issuer, sequence).await?;
            }
            return Ok(Revoked::Needless);
        }
        Err(refused) => {
            outcome.token = Some(refused.jti);
            return Err(Refusal::AnotherClients(refused));
        }
    };
    outcome.token = Some(claims.jti);
    drop(place);
    if kill.kind() == Kind::Client {
        issuer.revoking().tally().take_by_name(&client.id, now).map_err(Refusal::TooOften)?;
    }
    let waiting = issuer.revoking().wait().ok_or(Refusal::Overloaded)?;
    let (working, is_counted) = (Arc::clone(issuer), known.quota == Quota::Left);
    // It runs on when the caller goes away: what is written counts, and is audited.
    let appending = tokio::spawn(async move {
        let appended = working.revocation_log().append(&[kill]).await?;
        if is_counted {
            working.revoking().tally().note(&client.id, now, window);
        }
        audit::token_revoked(&client, &claims, kill.kind(), appended.at.sequence);
        drop(waiting);
        Ok::<_, AppendFault>(())
    });
    let appended = tokio::time::timeout(issuer.request_timeout(), appending).await;
    // Whether time is up or the process stops: nobody knows what became of it.
    let appended = appended.ok().and_then(Result::ok).ok_or(Refusal::StoreTimedOut)?;
    appended.map_err(Refusal::Log)?;
    Ok(if kill.kind() == Kind::Token { Revoked::Token } else { Revoked::Client })
}

/// Waits until what ends the token is sure to outlive the store: another process may have found it there before that.
async fn settle(issuer: &Arc<Issuer>, sequence: Sequence) -> Result<(), Refusal> {
    let _waiting = issuer.revoking().wait().ok_or(Refusal::Overloaded)?;
    let settling = issuer.revocation_log().settle(sequence);
    let settled = tokio::time::timeout(issuer.request_timeout(), settling).await;
    settled.map_err(|_| Refusal::StoreTimedOut)?.map_err(|fault| Refusal::Log(fault.into()))
}
