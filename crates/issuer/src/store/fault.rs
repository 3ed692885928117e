use super::Identity;
use crate::config::write_duration;
use chancery_revocation::Sequence;
use chancery_token::ClientId;
use std::path::PathBuf;
use std::time::Duration;

/// The store failed. It is never the caller's fault, and says nothing about any client: 503, not 401.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Another process kept the store for itself for too long.
    #[error("the store is busy: another process has been writing for more than 5 seconds")]
    Busy,
    /// The store is damaged.
    #[error("the store is damaged: {detail}; stop the issuer and restore the store from its backup")]
    Corrupt {
        /// What was found.
        detail: String,
    },
    /// An entry of the revocation log is of a kind that a later version writes. Nobody may step over it.
    #[error(
        "at sequence {sequence} the revocation log has an entry of kind {code}, which this version does not know; \
         run the version that wrote it"
    )]
    EntryUnknown {
        /// Its place.
        sequence: Sequence,
        /// The byte that names the kind.
        code: u8,
    },
    /// There is no room.
    #[error("the store has no room left; give it some: space on its disk, or maxmemory where it is a Redis")]
    Full,
    /// The machine failed.
    #[error("the store cannot be read or written: {detail}")]
    Io {
        /// What it said.
        detail: String,
    },
    /// What is there now is not the store that was opened.
    #[error(
        "the store is gone: its database was emptied, or holds another issuer's store; restore it from its backup"
    )]
    Lost,
    /// What it acknowledges may be gone after a crash. Nothing is revoked in it until that is mended.
    #[error("the Redis no longer keeps what it acknowledges: {demand}")]
    NotDurable {
        /// What is to be set there.
        demand: String,
    },
    /// The file that is open is no longer the one at its path: what is written to it is lost.
    #[error("{} was replaced or deleted while it was open; restart the issuer", path.display())]
    Replaced {
        /// The path.
        path: PathBuf,
    },
    /// The store was closed, or its writer died.
    #[error("the store is closed")]
    Stopped,
    /// There was no answer in time. What was asked for may have been done.
    #[error("the store did not answer within {}", write_duration(*after))]
    TimedOut {
        /// How long it had.
        after: Duration,
    },
    /// A record is larger than any that a store takes.
    #[error("the record of {what} has {bytes} bytes, and a store takes {most}; make it smaller")]
    TooLarge {
        /// Whose record.
        what: String,
        /// Its size.
        bytes: usize,
        /// The largest size.
        most: usize,
    },
    /// Nobody answers where the store is.
    #[error("the store cannot be reached: {detail}")]
    Unreachable {
        /// What went wrong.
        detail: String,
    },
    /// A record is not what this version writes.
    #[error(
        "the record of {what} cannot be read: {detail}; run the version that wrote it, or restore the store"
    )]
    Unreadable {
        /// Whose record.
        what: String,
        /// What is wrong with it.
        detail: String,
    },
}

impl StoreFault {
    /// Stable name for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Busy => "store_busy",
            Self::Corrupt { .. } => "store_corrupt",
            Self::EntryUnknown { .. } => "store_entry_unknown",
            Self::Full => "store_full",
            Self::Io { .. } => "store_io",
            Self::Lost => "store_lost",
            Self::NotDurable { .. } => "store_not_durable",
            Self::Replaced { .. } => "store_replaced",
            Self::Stopped => "store_stopped",
            Self::TimedOut { .. } => "store_no_answer",
            Self::TooLarge { .. } => "store_record_too_large",
            Self::Unreachable { .. } => "store_unreachable",
            Self::Unreadable { .. } => "store_unreadable",
        }
    }

    /// Whether what was asked for may have been done all the same: it was sent, and no answer came.
    pub const fn leaves_in_doubt(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Unreachable { .. })
    }
}

/// Why a client was not inserted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// The id is taken.
    #[error("there is a client '{id}' already; choose another id")]
    Exists {
        /// The id.
        id: ClientId,
    },
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// Why a client was not replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceError {
    /// Somebody else changed it in between.
    #[error("client '{id}' was changed by somebody else at the same time; look at it and try again")]
    Changed {
        /// The client.
        id: ClientId,
    },
    /// The client on whom the decision rested was changed in between.
    #[error("client '{id}', on whom this rests, was changed at the same time; look at it and try again")]
    WitnessChanged {
        /// The witness.
        id: ClientId,
    },
    /// There is no such client.
    #[error("there is no client '{id}'")]
    Missing {
        /// The id.
        id: ClientId,
    },
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// Why the keyring was not replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceKeyringError {
    /// The stored one has another version by now.
    #[error("the keyring was changed by another process")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// Why a store was not given to an issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InitialiseError {
    /// It belongs to one already.
    #[error("the store belongs to {} already", .0.issuer)]
    Taken(Box<Identity>),
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}
