//! The one place where a refusal of an administrator gets a status. Every one is named.

use crate::admin::AdminRefusal;
use crate::http::problem::{Because, Problem};
use crate::keyring::RotateError;
use crate::store::StoreFault;
use axum::http::StatusCode;

pub(super) fn told(refusal: AdminRefusal) -> Problem {
    let reason = refusal.reason();
    let status = match refusal {
        AdminRefusal::Draft(faults) => {
            let detail = "the client is refused; each fault has its place and says what to do";
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason, detail).with_errors(faults);
        }
        AdminRefusal::Store(fault) => return store_unavailable(&fault),
        AdminRefusal::Contended { .. } => StatusCode::SERVICE_UNAVAILABLE,
        AdminRefusal::Text { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        AdminRefusal::ClientUnknown { .. } | AdminRefusal::SecretUnknown { .. } => StatusCode::NOT_FOUND,
        AdminRefusal::BeyondOneself { .. }
        | AdminRefusal::ScopeNotHeld { .. }
        | AdminRefusal::TenantNotServed { .. }
        | AdminRefusal::Unusable(_) => StatusCode::FORBIDDEN,
        AdminRefusal::ClientExists { .. }
        | AdminRefusal::LastAdmin { .. }
        | AdminRefusal::TooManySecrets(_)
        | AdminRefusal::LastSecret { .. } => StatusCode::CONFLICT,
    };
    Problem::new(status, reason, refusal.to_string())
}

pub(super) fn not_rotated(why: &RotateError) -> Problem {
    match why {
        RotateError::Pending(_) => Problem::new(StatusCode::CONFLICT, why.reason(), why.to_string()),
        RotateError::Contended => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, why.reason(), why.to_string())
        }
        RotateError::Keyring(crate::keyring::KeyringFault::Store(fault)) => not_changed(fault),
        RotateError::Keyring(fault) => {
            let detail =
                "the keyring cannot be used; the issuer's log says why, and its keys are as they were";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, fault.reason(), detail)
                .with_evidence(fault.to_string())
        }
    }
}

/// A store that failed while something was to be changed.
pub(super) fn not_changed(fault: &StoreFault) -> Problem {
    if fault.leaves_in_doubt() {
        unanswered().with_evidence(fault.to_string())
    } else {
        store_unavailable(fault)
    }
}

/// The change was sent, and nobody said what became of it.
pub(super) fn unanswered() -> Problem {
    let detail =
        "the store does not answer; whether the change was made will show: look before you try again";
    Problem::of(Because::StoreTimedOut, detail)
}

/// What the store said is for the log: it may name paths and hosts.
fn store_unavailable(fault: &StoreFault) -> Problem {
    Problem::of(Because::StoreUnavailable, "the store cannot be asked just now; try again later")
        .with_evidence(fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_change_whose_answer_was_lost_is_told_as_one_in_doubt() {
        let lost = [
            StoreFault::TimedOut { after: Duration::from_secs(1) },
            StoreFault::Unreachable { detail: "connection reset".to_owned() },
        ];
        for fault in lost {
            assert_eq!(not_changed(&fault).reason(), "store_timed_out", "{fault}");
            assert_eq!(told(fault.into()).reason(), "store_unavailable", "of what is only read");
        }
        for fault in [StoreFault::Busy, StoreFault::Full, StoreFault::Lost, StoreFault::Stopped] {
            assert_eq!(not_changed(&fault).reason(), "store_unavailable", "{fault}");
        }
    }
}
