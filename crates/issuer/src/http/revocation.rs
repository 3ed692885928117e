//! `GET /revocation/snapshot` and `GET /revocation/delta`: the log, signed, for anybody.

mod places;
mod poller;
mod question;
mod refusal;
mod representation;

use super::observe::Outcome;
use crate::issuer::Issuer;
use crate::revocation::{Edition, Signed, Undeliverable};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
pub(crate) use places::Polls;
use poller::Poller;
use question::{NoQuestion, Question};
use refusal::Refusal;
use representation::{Cached, represent};
use std::sync::Arc;
use std::time::Duration;

/// A follower may come from another issuer of the same store, which was a moment faster. This one looks at the store
/// every 250 ms.
const CATCHES_UP_WITHIN: Duration = Duration::from_secs(1);

/// Handles `GET /revocation/snapshot`.
pub(super) async fn snapshot(State(issuer): State<Arc<Issuer>>, uri: Uri, headers: HeaderMap) -> Response {
    let given = async {
        NoQuestion::read(uri.query())?;
        issuer.publisher().snapshot(issuer.keyring()).await.map_err(Refusal::from)
    };
    let given = given.await;
    finish(given, &headers, Cached::Snapshot, Outcome::default()).await
}

/// Handles `GET /revocation/delta`.
pub(super) async fn delta(State(issuer): State<Arc<Issuer>>, uri: Uri, headers: HeaderMap) -> Response {
    let mut outcome = Outcome::default();
    let mut cached = Cached::No;
    let given = async {
        let question = Question::read(uri.query())?;
        let poller = Poller::of(&issuer, &headers).await?;
        outcome.client = poller.client().cloned();
        if question.wait.is_zero() && poller.is_anonymous() {
            cached = Cached::Delta;
        }
        told(&issuer, &question, &poller).await
    };
    let given = given.await;
    finish(given, &headers, cached, outcome).await
}

async fn told(issuer: &Issuer, question: &Question, poller: &Poller) -> Result<Arc<Signed>, Refusal> {
    let (publisher, keyring) = (issuer.publisher(), issuer.keyring());
    let Question { log, after, wait } = *question;
    let mut edition = publisher.edition(keyring);
    poller.has_applied(issuer.publisher().receipts(), question, &edition);
    let is_ahead = |edition: &Edition| edition.position().log == log && edition.position().sequence < after;
    if !wait.is_zero()
        && edition.position().log == log
        && edition.position().sequence <= after
        // Without a place it is answered at once: a heartbeat too many harms less than none.
        && let Some(_place) = issuer.polls().enter(!poller.is_anonymous())
    {
        let _counted = poller.is_anonymous().then(|| publisher.receipts().anonymous());
        if is_ahead(&edition) {
            edition = publisher.reached(keyring, log, after, wait.min(CATCHES_UP_WITHIN)).await;
        }
        if edition.position().sequence == after {
            edition = publisher.reached(keyring, log, after.next(), wait).await;
        }
        poller.is_still_there(publisher.receipts());
    }
    if edition.position().log != log {
        return Err(Refusal::AnotherLog);
    }
    if is_ahead(&edition) {
        return Err(Refusal::Ahead);
    }
    publisher.delta(&edition, after).await.map_err(Refusal::from)
}

async fn finish(
    given: Result<Arc<Signed>, Refusal>,
    headers: &HeaderMap,
    cached: Cached,
    mut outcome: Outcome,
) -> Response {
    let mut response = match given {
        Ok(document) => represent(&document, headers, cached).await,
        Err(refusal) => {
            outcome.reason = Some(refusal.reason());
            refusal.answer()
        }
    };
    response.extensions_mut().insert(outcome);
    response
}

impl From<Undeliverable> for Refusal {
    fn from(why: Undeliverable) -> Self {
        match why {
            Undeliverable::Forgotten => Self::Forgotten,
            Undeliverable::TooLarge(_) => Self::TooLarge,
            Undeliverable::Interrupted => Self::Interrupted,
        }
    }
}
