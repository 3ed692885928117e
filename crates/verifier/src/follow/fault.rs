//! Why a fetch brought no keys.

use super::address::{Address, InvalidAddress};
use chancery_revocation::{BadDocument, Outcome, Sequence, SharedKey};
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

/// Why a fetch brought no keys, or nothing of the revocation log. [`FetchFault::reason`] is stable.
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
    /// The metadata names a place of the revocation log that is not used.
    #[error("the metadata at {at} names the {member} '{found}', which is not used: {why}")]
    BadLogAddress {
        /// Where the metadata came from.
        at: Address,
        /// The member.
        member: &'static str,
        /// The address it names.
        found: String,
        /// Why it is not used.
        why: InvalidAddress,
    },
    /// The document of the revocation log is not in order; what is known stays, and grows old.
    #[error("the document of {at} is not used: {why}")]
    BadLogDocument {
        /// Where it came from.
        at: Address,
        /// What is wrong with it.
        why: BadDocument,
    },
    /// The answer is no metadata document (RFC 8414 section 3.2).
    #[error("the answer of {at} is not the JSON metadata of an issuer")]
    BadMetadata {
        /// Where it came from.
        at: Address,
    },
    /// Too many ask, or the issuer cannot answer for now.
    #[error("{at} answered with status {status}: it wants to be asked later")]
    Busy {
        /// Who was asked.
        at: Address,
        /// 429 or 503.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The issuer does not know the client that this verifier belongs to, or another secret of it. News are asked for
    /// without; the issuer's receipts do not name this verifier.
    #[error(
        "{at} refuses the credentials of this verifier: it is not named in receipts until they are mended"
    )]
    CredentialsRefused {
        /// Who was asked.
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
    /// The issuer knows less of its log than is known here: its store lost something, or it is a moment behind.
    #[error("{at} is behind: more of its revocation log is known here, up to {held}")]
    IssuerBehind {
        /// Who was asked.
        at: Address,
        /// What is known here.
        held: Sequence,
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
    /// The answer is no text.
    #[error("the answer of {at} is no document of a revocation log")]
    NoDocument {
        /// Where it came from.
        at: Address,
    },
    /// The metadata does not say where the revocation log is.
    #[error("the metadata at {at} has no '{member}': this issuer does not publish a revocation log")]
    NoLogAddress {
        /// Where the metadata came from.
        at: Address,
        /// The member that is missing.
        member: &'static str,
    },
    /// The document is in order, and does not go on from what is known here.
    #[error("the document of {at} does not go on from what is known here: {}", outcome.reason())]
    NotOurPlace {
        /// Where it came from.
        at: Address,
        /// What became of it.
        outcome: Outcome,
    },
    /// The metadata names no key document of the format that this verifier takes.
    #[error("the metadata at {at} has no '{member}': the issuer does not publish keys of this format")]
    NoKeyAddress {
        /// Where the metadata came from.
        at: Address,
        /// The member that is missing.
        member: &'static str,
    },
    /// A key of the revocation log signs tokens too; nothing under these keys is believed.
    #[error(transparent)]
    SharedKey(SharedKey),
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
            Self::BadLogAddress { .. } => "bad_log_address",
            Self::BadLogDocument { why, .. } => why.reason(),
            Self::BadMetadata { .. } => "bad_metadata",
            Self::Busy { .. } => "issuer_busy",
            Self::CredentialsRefused { .. } => "credentials_refused",
            Self::Interrupted { .. } => "interrupted",
            Self::IssuerBehind { .. } => "issuer_behind",
            Self::IssuerMismatch { .. } => "issuer_mismatch",
            Self::NoDocument { .. } => "no_log_document",
            Self::NoLogAddress { .. } => "no_log_address",
            Self::NotOurPlace { outcome, .. } => outcome.reason(),
            Self::SharedKey(shared) => shared.reason(),
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
            Self::BadKeyAddress { .. }
            | Self::BadLogAddress { .. }
            | Self::CredentialsRefused { .. }
            | Self::IssuerMismatch { .. }
            | Self::NoKeyAddress { .. }
            | Self::NoLogAddress { .. }
            | Self::SharedKey(_) => FetchBlame::Setup,
            Self::BadKeyDocument { .. }
            | Self::BadLogDocument { .. }
            | Self::BadMetadata { .. }
            | Self::Busy { .. }
            | Self::IssuerBehind { .. }
            | Self::NoDocument { .. }
            | Self::NotOurPlace { .. }
            | Self::TooLarge { .. }
            | Self::UnexpectedStatus { .. } => FetchBlame::Issuer,
            Self::Interrupted { .. } | Self::TimedOut { .. } | Self::Unreachable { .. } => {
                FetchBlame::Network
            }
        }
    }
}
