//! Work on the store, as much at once and as long as a request may take.

use super::caller::off_duty;
use super::refusal::{not_changed, told, unanswered};
use crate::admin::AdminRefusal;
use crate::http::problem::{Because, Problem};
use crate::issuer::Issuer;
use chancery_token::ClientId;
use std::future::Future;
use std::sync::Arc;

/// Waits for what is only read.
pub(super) async fn within<T>(
    issuer: &Issuer,
    read: impl Future<Output = Result<T, AdminRefusal>>,
) -> Result<T, Problem> {
    let _place = issuer.administration().enter().ok_or_else(overloaded)?;
    let Ok(read) = tokio::time::timeout(issuer.request_timeout(), read).await else {
        issuer.metrics().store_fault();
        return Err(Problem::of(Because::StoreTimedOut, "the store does not answer; try again later"));
    };
    read.map_err(|refusal| {
        count(issuer, &refusal);
        told(refusal)
    })
}

/// Carries a change out. It runs on when the caller goes away or time is up: what is written is then audited as
/// well, and forgotten here as it was.
pub(super) async fn carry_out<T: Send + 'static>(
    issuer: &Arc<Issuer>,
    changes: Option<ClientId>,
    change: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    let place = issuer.administration().enter().ok_or_else(overloaded)?;
    let working = Arc::clone(issuer);
    let task = tokio::spawn(async move {
        let done = change.await;
        // Other processes follow the store; this one obeys before it answers.
        if let Some(id) = changes {
            working.forget(id);
        }
        drop(place);
        done
    });
    match tokio::time::timeout(issuer.request_timeout(), task).await {
        Ok(Ok(done)) => done,
        // The process stops, and the work with it.
        Ok(Err(died)) => match died.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(unanswered()),
        },
        Err(_) => {
            issuer.metrics().store_fault();
            Err(unanswered())
        }
    }
}

/// Says why the desk refused a change, and counts what is the store's fault.
pub(super) fn refused(issuer: &Issuer, refusal: AdminRefusal) -> Problem {
    count(issuer, &refusal);
    match refusal {
        AdminRefusal::Store(fault) => not_changed(&fault),
        // It became so while the change was decided.
        refusal @ (AdminRefusal::Unusable(_) | AdminRefusal::TenantNotServed { .. }) => {
            off_duty(issuer, &refusal)
        }
        other => told(other),
    }
}

fn count(issuer: &Issuer, refusal: &AdminRefusal) {
    if let AdminRefusal::Store(_) = refusal {
        issuer.metrics().store_fault();
    }
}

fn overloaded() -> Problem {
    Problem::of(Because::Overloaded, "too many administrators at once; try again later")
}
