//! Why the office does not do it, and how the command ends then: the same for both kinds.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::local::store_failure;
use chancery_issuer::admin::{AdminRefusal, DraftFault};
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
    pub(crate) message: String,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<DraftFault> for Misplaced {
    fn from(fault: DraftFault) -> Self {
        Self { pointer: fault.pointer, message: fault.message }
    }
}

impl From<AdminRefusal> for Refusal {
    fn from(refusal: AdminRefusal) -> Self {
        match refusal {
            AdminRefusal::Draft(faults) => Self::Draft(faults.into_iter().map(Misplaced::from).collect()),
            AdminRefusal::Store(fault) => Self::Other(store_failure(&fault)),
            other => Self::Other(failure(exit(other.reason()), other.reason(), &other)),
        }
    }
}

impl Refusal {
    /// For verbs that ask for nothing that could be misplaced.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Draft(faults) => {
                let messages: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
                Failure::unusable("client_refused", messages.join("\n"))
            }
            Self::Other(failure) => failure,
        }
    }
}

/// A refusal by its stable name, with what to do about it.
pub(super) fn failure(exit: Exit, reason: &str, message: impl Display) -> Failure {
    let failure = Failure::new(exit, reason, message);
    match fix(reason) {
        Some(fix) => failure.fix(fix),
        None => failure,
    }
}

/// What does not exist or is written wrongly is a mistake in the command line; all else is a no.
pub(super) fn exit(reason: &str) -> Exit {
    match reason {
        "client_exists" | "client_refused" | "client_unknown" | "secret_unknown" | "text" => Exit::Unusable,
        _ => Exit::Refused,
    }
}

fn fix(reason: &str) -> Option<&'static str> {
    match reason {
        "client_unknown" => Some("`chancery client list` shows those there are."),
        "last_admin" => {
            Some("`chancery client create NAME --kind admin --tenant chancery --help` makes another.")
        }
        "last_secret" => Some("`chancery client secret add ID --out FILE` adds one."),
        "secret_unknown" => Some("`chancery client show ID` lists its secrets."),
        "too_many_secrets" => {
            Some("`chancery client secret drop ID SECRET_ID` drops the one that nobody uses.")
        }
        _ => None,
    }
}
