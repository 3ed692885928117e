//! The one place where a refusal of an administrator gets a status. Every one is named.

use crate::admin::{AdminRefusal, NotRotated};
use crate::http::problem::{Because, Problem};
use crate::keyring::{KeyringFault, RotateError};
use crate::store::StoreFault;
use axum::http::StatusCode;

pub(super) fn told(refusal: AdminRefusal) -> Problem {
    let reason = refusal.reason();
    let status = match refusal {
        AdminRefusal::Draft(faults) => {
            let detail = "the client is refused; each fault has its place and says what to do";
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason, detail).with_errors(faults);
        }
        AdminRefusal::Store(fault) => return store_failed(&fault),
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

pub(super) fn not_rotated(why: NotRotated) -> Problem {
    let why = match why {
        NotRotated::Refused(refusal) => return told(refusal),
        NotRotated::Rotation(why) => why,
    };
    match &why {
        RotateError::Pending { .. } => Problem::new(StatusCode::CONFLICT, why.reason(), why.to_string()),
        RotateError::Contended => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, why.reason(), why.to_string())
        }
        RotateError::Keyring(KeyringFault::Store(fault)) => not_changed(fault),
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
    if fault.leaves_in_doubt() { unanswered().with_evidence(fault.to_string()) } else { store_failed(fault) }
}

/// The change was sent, and nobody said what became of it.
pub(super) fn unanswered() -> Problem {
    let detail =
        "the store does not answer; whether the change was made will show: look before you try again";
    Problem::of(Because::StoreTimedOut, detail)
}

/// What the store said is for the log: it may name paths and hosts, or quote a record.
fn store_failed(fault: &StoreFault) -> Problem {
    let problem = match fault {
        // No other attempt would help.
        StoreFault::Unreadable { .. } => {
            let detail = "a record cannot be read by this version, and the issuer's log says which; run the version \
                          that wrote it, or restore the store";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, fault.reason(), detail)
        }
        StoreFault::Busy
        | StoreFault::Corrupt { .. }
        | StoreFault::Full
        | StoreFault::Io { .. }
        | StoreFault::Lost
        | StoreFault::Replaced { .. }
        | StoreFault::Stopped
        | StoreFault::TimedOut { .. }
        | StoreFault::TooLarge { .. }
        | StoreFault::Unreachable { .. } => {
            Problem::of(Because::StoreUnavailable, "the store cannot be asked just now; try again later")
        }
    };
    problem.with_evidence(fault.to_string())
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

    #[test]
    fn a_record_that_cannot_be_read_is_no_outage_that_ends_and_is_not_quoted() {
        let fault = StoreFault::Unreadable { what: "client 'x'".to_owned(), detail: "quoted".to_owned() };
        for problem in [told(fault.clone().into()), not_changed(&fault)] {
            let response = axum::response::IntoResponse::into_response(problem);
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(!response.headers().contains_key("retry-after"));
        }
        assert_eq!(told(fault.into()).reason(), "store_unreadable");
    }
}
