//! Why a fetch brought no keys.

use super::address::{Address, InvalidAddress};
use chancery_token::BadKeyDocument;
use std::time::Duration;

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchBlame {
    /// The issuer answered, and its answer is of no use.
    Issuer,
    /// The issuer was not heard. It may pass.
    Network,
    /// What was configured here and what the issuer publishes do not go together. It lasts until one changes.
    Setup,
}

/// Why a fetch brought no keys. [`FetchFault::reason`] is stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFault {
    /// The metadata names a key document that may not be fetched.
    #[error("the metadata at {at} names the {member} '{found}', which is not used: {why}")]
    BadKeyAddress {
        /// Where the metadata came from.
        at: Address,
        /// `jwks_uri` or `paserk_uri`.
        member: &'static str,
        /// The address it names.
        found: String,
        /// Why it is not used.
        why: InvalidAddress,
    },
    /// The key document cannot be used; the keys that are held stay.
    #[error("the answer of {at} is not used: {why}")]
    BadKeyDocument {
        /// Where it came from.
        at: Address,
        /// What is wrong with it.
        why: BadKeyDocument,
    },
    /// The answer is no metadata document (RFC 8414 section 3.2).
    #[error("the answer of {at} is not the JSON metadata of an issuer")]
    BadMetadata {
        /// Where it came from.
        at: Address,
    },
    /// The connection broke in the middle of an answer.
    #[error("the answer of {at} broke off: {detail}")]
    Interrupted {
        /// Who was asked.
        at: Address,
        /// What the connection said.
        detail: String,
    },
    /// The metadata is that of another issuer (RFC 8414 section 3.3). Often a slash at the end, or a capital.
    #[error(
        "the issuer is configured as \"{configured}\", but the metadata at {at} says \"{published}\": \
         configure exactly what the issuer publishes, byte for byte"
    )]
    IssuerMismatch {
        /// Where the metadata came from.
        at: Address,
        /// What this verifier was built with.
        configured: String,
        /// What the metadata says.
        published: String,
    },
    /// The metadata names no key document of the format that this verifier takes.
    #[error("the metadata at {at} has no '{member}': the issuer does not publish keys of this format")]
    NoKeyAddress {
        /// Where the metadata came from.
        at: Address,
        /// The member that is missing.
        member: &'static str,
    },
    /// No answer within the time.
    #[error("{at} did not answer within {}ms", after.as_millis())]
    TimedOut {
        /// Who was asked.
        at: Address,
        /// How long was waited.
        after: Duration,
    },
    /// More bytes than are read.
    #[error("the answer of {at} has more than {most} bytes")]
    TooLarge {
        /// Who was asked.
        at: Address,
        /// The limit.
        most: usize,
    },
    /// A status other than 200, or 304 to a conditional request. Redirects are not followed.
    #[error("{at} answered with status {status}{}", hint(*.status))]
    UnexpectedStatus {
        /// Who was asked.
        at: Address,
        /// The status.
        status: u16,
    },
    /// No connection.
    #[error("{at} cannot be reached: {detail}")]
    Unreachable {
        /// Who was asked.
        at: Address,
        /// What the connection said.
        detail: String,
    },
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => ": redirects are not followed, configure the final address",
        404 => ": is the address right?",
        _ => "",
    }
}

impl FetchFault {
    /// The stable name of the fault.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::BadKeyAddress { .. } => "bad_key_address",
            Self::BadKeyDocument { .. } => "bad_key_document",
            Self::BadMetadata { .. } => "bad_metadata",
            Self::Interrupted { .. } => "interrupted",
            Self::IssuerMismatch { .. } => "issuer_mismatch",
            Self::NoKeyAddress { .. } => "no_key_address",
            Self::TimedOut { .. } => "timed_out",
            Self::TooLarge { .. } => "too_large",
            Self::UnexpectedStatus { .. } => "unexpected_status",
            Self::Unreachable { .. } => "unreachable",
        }
    }

    /// Who has to act.
    pub const fn blame(&self) -> FetchBlame {
        match self {
            Self::BadKeyAddress { .. } | Self::IssuerMismatch { .. } | Self::NoKeyAddress { .. } => {
                FetchBlame::Setup
            }
            Self::BadKeyDocument { .. }
            | Self::BadMetadata { .. }
            | Self::TooLarge { .. }
            | Self::UnexpectedStatus { .. } => FetchBlame::Issuer,
            Self::Interrupted { .. } | Self::TimedOut { .. } | Self::Unreachable { .. } => {
                FetchBlame::Network
            }
        }
    }
}
