//! Why the office does not do it, and how the command ends then: the same for both kinds.

use crate::exit::Exit;
use crate::failure::{Failure, Fault};
use crate::local::store_failure;
use chancery_issuer::admin::{AdminRefusal, DraftFault};
use chancery_issuer::revocation::AppendFault;
use std::fmt::Display;

/// Why nothing was done.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// What was asked for is not in order. Every fault has its place, which the verb knows by another name.
    Draft(Vec<Misplaced>),
    /// Anything else.
    Other(Failure),
}

/// One fault of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    /// A JSON pointer (RFC 6901) into the draft.
    pub(crate) pointer: String,
    /// Its stable name.
    pub(crate) reason: String,
    pub(crate) message: String,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<DraftFault> for Misplaced {
    fn from(fault: DraftFault) -> Self {
        Self { pointer: fault.pointer, reason: fault.reason.to_owned(), message: fault.message }
    }
}

impl From<Misplaced> for Fault {
    fn from(Misplaced { pointer, reason, message }: Misplaced) -> Self {
        Self { reason: Some(reason), pointer: Some(pointer), ..Self::told(message) }
    }
}

impl From<AdminRefusal> for Refusal {
    fn from(refusal: AdminRefusal) -> Self {
        match refusal {
            AdminRefusal::Draft(faults) => Self::Draft(faults.into_iter().map(Misplaced::from).collect()),
            AdminRefusal::Revocation(faults) => Self::Other(misplaced(faults)),
            AdminRefusal::Store(fault) => Self::Other(store_failure(&fault)),
            // The log is a part of the store.
            AdminRefusal::NotRevoked(AppendFault::Log(_))
            | AdminRefusal::HalfDone { fault: AppendFault::Log(_), .. } => {
                Self::Other(failure(Exit::Store, refusal.reason(), &refusal))
            }
            other => Self::Other(failure(exit(other.reason()), other.reason(), &other)),
        }
    }
}

impl Refusal {
    /// For verbs that ask for nothing that could be misplaced.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Draft(faults) => {
                let faults: Vec<Fault> = faults.into_iter().map(Fault::from).collect();
                let messages: Vec<&str> = faults.iter().map(|fault| &*fault.detail).collect();
                Failure::unusable("client_refused", messages.join("\n")).faults(faults)
            }
            Self::Other(failure) => failure,
        }
    }
}

/// A wish to revoke that is not in order, as the issuer tells it over HTTP.
fn misplaced(faults: Vec<DraftFault>) -> Failure {
    let lines = faults.iter().map(|fault| format!("\n  - {}: {}", fault.pointer, fault.message));
    let message = lines.fold("nothing was revoked".to_owned(), |message, line| message + &line);
    let faults = faults.into_iter().map(Misplaced::from).map(Fault::from);
    failure(exit("revocation_refused"), "revocation_refused", message).faults(faults)
}

/// A refusal by its stable name, with what to do about it.
pub(super) fn failure(exit: Exit, reason: &str, message: impl Display) -> Failure {
    let failure = Failure::new(exit, reason, message);
    match fix(reason) {
        Some(fix) => failure.fix(fix),
        None => failure,
    }
}

/// What does not exist or is written wrongly is a mistake in the command line; what the issuer is broken by is
/// told as where its store and its keys are; all else is a no.
pub(super) fn exit(reason: &str) -> Exit {
    match reason {
        "client_exists"
        | "client_key_unknown"
        | "client_refused"
        | "client_unknown"
        | "document_refused"
        | "key_format"
        | "key_unknown"
        | "member_credential"
        | "query_refused"
        | "revocation_refused"
        | "secret_unknown"
        | "tenant_unknown"
        | "text"
        | "token_expired"
        | "token_unknown"
        | "token_without_family" => Exit::Unusable,
        "keyring_missing"
        | "keyring_unreadable"
        | "key_refused_by_judge"
        | "other_master_key"
        | "seal_broken"
        | "unknown_seal_layout" => Exit::Key,
        "store_corrupt" | "store_record_too_large" | "store_unreadable" => Exit::Store,
        reason if is_loss(reason) => Exit::Store,
        _ => Exit::Refused,
    }
}

/// Whether the store lost entries of the revocation log, by the name of the refusal.
pub(super) fn is_loss(reason: &str) -> bool {
    matches!(reason, "log_behind" | "log_damaged" | "log_forked" | "log_gone" | "log_replaced" | "store_lost")
}

fn fix(reason: &str) -> Option<&'static str> {
    match reason {
        "client_key_unknown" => Some("`chancery client key list ID` lists its keys."),
        "last_client_key" => Some("`chancery client key add ID FILE` adds one."),
        "too_many_keys" => Some("`chancery client key drop ID KID` drops the one that nobody uses."),
        "client_unknown" => Some("`chancery client list` shows those there are."),
        "key_unknown" => Some("`chancery key list` shows those there are."),
        "last_admin" => {
            Some("`chancery client create NAME --kind admin --tenant chancery --help` makes another.")
        }
        "last_secret" => Some("`chancery client secret add ID --out FILE` adds one."),
        "not_yet_revoked" => Some("The same command again appends what is missing."),
        "rotation_pending" => Some(
            "Nothing was rotated. `chancery key list` shows when it is over; --format FORMAT rotates those of the other alone.",
        ),
        "secret_unknown" => Some("`chancery client show ID` lists its secrets."),
        "tenant_unknown" => Some("`chancery client list` shows whom clients serve."),
        "too_many_secrets" => {
            Some("`chancery client secret drop ID SECRET_ID` drops the one that nobody uses.")
        }
        _ => None,
    }
}
