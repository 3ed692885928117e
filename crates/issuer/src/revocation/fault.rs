//! Why the revocation log cannot be kept, or nothing be appended to it.

use crate::store::StoreFault;
use chancery_revocation::{DamagedLog, LogFull, Loss};
use chancery_token::UnixTime;
use std::path::PathBuf;
use std::time::Duration;

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
        "{detail}. The journal {}{of} says what was there; {}if another issuer writes that journal, set \
         revocation.journal_file to a file of this one's own", journal.display(), of_new_store(reason)
    )]
    LostSince {
        /// Its stable name.
        reason: &'static str,
        /// What is wrong with the store.
        detail: String,
        /// The journal.
        journal: PathBuf,
        /// Whose it is, as words that follow its name.
        of: String,
    },
    /// Where this process notes how far it has seen the log cannot be read or written.
    #[error("the journal {} cannot be used: {detail}; set revocation.journal_file to a place that can be written", .path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The clock of this machine leapt ahead. Nothing is confirmed and nothing dropped by it; revocations go on.
    #[error(transparent)]
    Clock(#[from] ClockJumped),
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
            Self::Clock(jumped) => jumped.reason(),
        }
    }

    /// Whether the store's log is not what it was: it stays so until somebody recovers it.
    pub const fn is_loss(&self) -> bool {
        match self {
            Self::Lost(_) | Self::LostSince { .. } | Self::Gone | Self::Damaged(_) => true,
            Self::Store(fault) => matches!(fault, StoreFault::Lost),
            Self::Journal { .. } | Self::Clock(_) => false,
        }
    }
}

/// A store that has a log is no new one: without the journal what it lost would be forgotten.
fn of_new_store(reason: &str) -> &'static str {
    if reason == LogFault::Gone.reason() { "if the store is a new one, delete the journal; " } else { "" }
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

/// The wall clock went ahead of the clock that never goes back, by more than clocks may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this machine's clock leapt ahead by {} seconds, so nothing is confirmed: set it right, and the issuer goes on; if it is right \
     now, as after the machine slept, restart the issuer",
    by.as_secs()
)]
pub struct ClockJumped {
    /// How far ahead it went, as it was first seen.
    pub by: Duration,
}

impl ClockJumped {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        "clock_jumped"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_a_store_has_no_log_is_deleting_the_journal_a_way_out() {
        for (reason, deletes) in [("log_gone", true), ("log_behind", false), ("log_replaced", false)] {
            let of = String::new();
            let fault = LogFault::LostSince { reason, detail: "x".to_owned(), journal: "j".into(), of };
            assert_eq!(fault.to_string().contains("delete the journal"), deletes, "{fault}");
        }
    }
}
