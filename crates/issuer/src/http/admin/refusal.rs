//! The one place where a refusal of an administrator gets a status. Every one is named.

use crate::admin::AdminRefusal;
use crate::http::problem::{Because, Problem};
use crate::keyring::{KeyringFault, RevokeKeyError, RotateError};
use crate::revocation::{AppendFault, LogFault};
use crate::store::StoreFault;
use axum::http::StatusCode;

pub(super) fn told(refusal: AdminRefusal) -> Problem {
    let reason = refusal.reason();
    let status = match refusal {
        AdminRefusal::Draft(faults) => {
            let detail = "the client is refused; each fault has its place and says what to do";
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason, detail).with_errors(faults);
        }
        AdminRefusal::Revocation(faults) => {
            let detail = "nothing was revoked; each fault of what was asked for has its place";
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason, detail).with_errors(faults);
        }
        AdminRefusal::NotRevoked(fault) => return not_appended(fault),
        AdminRefusal::HalfDone { what, fault } => {
            let why = match &fault {
                AppendFault::Log(LogFault::Store(fault @ StoreFault::NotDurable { .. })) => {
                    format!("{}: {fault}", fault.reason())
                }
                fault => fault.reason().to_owned(),
            };
            let detail = format!(
                "{what}, but what was issued before is not revoked yet, for the revocation log takes no entry now \
                 ({why}); send the same request again"
            );
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE, reason, detail)
                .with_evidence(fault.to_string());
        }
        AdminRefusal::Key(why) => return not_taken_out(&why),
        AdminRefusal::Store(fault) => return store_failed(&fault),
        AdminRefusal::Contended { .. } => StatusCode::SERVICE_UNAVAILABLE,
        AdminRefusal::Text { .. }
        | AdminRefusal::TokenUnknown
        | AdminRefusal::TokenExpired { .. }
        | AdminRefusal::TokenWithoutFamily
        | AdminRefusal::RefreshTokenItself
        | AdminRefusal::RefreshTokenUnreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
        AdminRefusal::ClientUnknown { .. }
        | AdminRefusal::KeyUnknown { .. }
        | AdminRefusal::RefreshEpochUnknown { .. }
        | AdminRefusal::SecretUnknown { .. }
        | AdminRefusal::ClientKeyUnknown { .. }
        | AdminRefusal::TenantUnknown { .. } => StatusCode::NOT_FOUND,
        AdminRefusal::BeyondOneself { .. }
        | AdminRefusal::ScopeNotHeld { .. }
        | AdminRefusal::TenantNotServed { .. }
        | AdminRefusal::Unusable(_) => StatusCode::FORBIDDEN,
        AdminRefusal::ClientExists { .. }
        | AdminRefusal::LastAdmin { .. }
        | AdminRefusal::TooManySecrets(_)
        | AdminRefusal::TooManyKeys(_)
        | AdminRefusal::LastClientKey { .. }
        | AdminRefusal::PublicClient { .. }
        | AdminRefusal::LastSecret { .. } => StatusCode::CONFLICT,
    };
    Problem::new(status, reason, refusal.to_string())
}

/// The log did not take an entry. What the store said is for the issuer's log.
fn not_appended(fault: AppendFault) -> Problem {
    let reason = fault.reason();
    match fault {
        AppendFault::Log(LogFault::Store(fault)) => not_changed(&fault),
        AppendFault::Full(full) => Problem::new(StatusCode::CONFLICT, reason, full.to_string()),
        fault => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, reason, format!("nothing was revoked: {fault}"))
        }
    }
}

fn not_taken_out(why: &RevokeKeyError) -> Problem {
    match why {
        RevokeKeyError::Unknown { .. } => Problem::new(StatusCode::NOT_FOUND, why.reason(), why.to_string()),
        RevokeKeyError::Contended => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, why.reason(), why.to_string())
        }
        RevokeKeyError::Keyring(fault) => keyring_failed(fault),
    }
}

fn keyring_failed(fault: &KeyringFault) -> Problem {
    if let KeyringFault::Store(fault) = fault {
        return not_changed(fault);
    }
    let detail = "the keyring cannot be used; the issuer's log says why, and its keys are as they were";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, fault.reason(), detail).with_evidence(fault.to_string())
}

pub(super) fn not_rotated(why: &RotateError) -> Problem {
    match why {
        RotateError::Pending { .. } => Problem::new(StatusCode::CONFLICT, why.reason(), why.to_string()),
        RotateError::Contended => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, why.reason(), why.to_string())
        }
        RotateError::Keyring(fault) => keyring_failed(fault),
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
        // What is to be set there says nothing of where it is, and trying again helps nobody before.
        StoreFault::NotDurable { .. } => {
            let detail = format!("{fault}; then send the same request again");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, fault.reason(), detail)
        }
        StoreFault::Busy
        | StoreFault::Corrupt { .. }
        | StoreFault::EntryUnknown { .. }
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
    fn r_2_7_a_store_that_would_keep_nothing_is_told_with_what_is_to_be_set_there() {
        let fault = StoreFault::NotDurable { demand: "run CONFIG SET appendfsync always".to_owned() };
        let appended = || AppendFault::Log(LogFault::Store(fault.clone()));
        let half = AdminRefusal::HalfDone { what: "it is disabled".to_owned(), fault: appended() };
        assert!(format!("{:?}", told(half)).contains("store_not_durable: the Redis"));
        for problem in [told(AdminRefusal::NotRevoked(appended())), told(fault.clone().into())] {
            assert_eq!(problem.reason(), "store_not_durable");
            assert!(format!("{problem:?}").contains("run CONFIG SET appendfsync always; then send"));
            let response = axum::response::IntoResponse::into_response(problem);
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(response.headers().contains_key("retry-after"));
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
