//! Why the revocation log cannot be kept, or nothing be appended to it.

use crate::store::StoreFault;
use chancery_revocation::{DamagedLog, LogFull, Loss};
use chancery_token::UnixTime;
use std::path::PathBuf;

/// Why the log cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// The store failed. It may answer again.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The store's log is not the one that was known here: it lost entries. Nothing is appended to it; recover.
    #[error("the revocation log lost entries: {0}; run `chancery revocation recover`")]
    Lost(Loss),
    /// The store has no log, and had one.
    #[error("the revocation log is gone from the store; run `chancery revocation recover`")]
    Gone,
    /// The stored log does not hold together.
    #[error("{0}; run `chancery revocation recover`")]
    Damaged(DamagedLog),
    /// The store is not the one that this process wrote down: it lost entries, or another one is in its place.
    #[error(
        "{detail}. The journal {} says what was there; if the store is a new one, delete the journal", journal.display()
    )]
    LostSince {
        /// Its stable name.
        reason: &'static str,
        /// What is wrong with the store.
        detail: String,
        /// The journal.
        journal: PathBuf,
    },
    /// Where this process notes how far it has seen the log cannot be read or written.
    #[error("the journal {} cannot be used: {detail}; set revocation.journal_file to a place that can be written", .path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

impl LogFault {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.reason(),
            Self::LostSince { reason, .. } => reason,
            Self::Lost(loss) => loss.reason(),
            Self::Gone => "log_gone",
            Self::Damaged(damaged) => damaged.reason(),
            Self::Journal { .. } => "log_journal",
        }
    }

    /// Whether the store's log is not what it was: it stays so until somebody recovers it.
    pub const fn is_loss(&self) -> bool {
        match self {
            Self::Lost(_) | Self::LostSince { .. } | Self::Gone | Self::Damaged(_) => true,
            Self::Store(fault) => matches!(fault, StoreFault::Lost),
            Self::Journal { .. } => false,
        }
    }
}

/// Why nothing was revoked. Sent again it does no harm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendFault {
    /// The log cannot be followed now.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// Too many single tokens and families are revoked.
    #[error(transparent)]
    Full(#[from] LogFull),
    /// Others appended all the while.
    #[error("the revocation log was appended to by others all the while; try again")]
    Contended,
}

impl AppendFault {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Log(fault) => fault.reason(),
            Self::Full(full) => full.reason(),
            Self::Contended => "log_contended",
        }
    }
}

/// The end of the log was not seen for too long: tokens issued now could be revoked without anybody here knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the end of the revocation log was last seen at {confirmed_at}; no token is issued until it is seen again"
)]
pub struct Blind {
    /// When it was last seen.
    pub confirmed_at: UnixTime,
}

impl Blind {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        "log_unconfirmed"
    }
}
