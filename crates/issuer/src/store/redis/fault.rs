//! What an error of a Redis means.

use crate::store::StoreFault;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use std::time::Duration;

/// Why a command was not answered as it was meant to be.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The connection is gone. Whether the command was carried out, nobody knows.
    Dropped { detail: String },
    /// No answer in time. The connection may be dead without anybody having told.
    TimedOut { after: Duration },
    /// The server does not have the script; it did nothing.
    NoScript,
    /// The server cannot serve now, or no longer. It did nothing; another connection may find a better one.
    Unready { detail: String },
    /// It has no memory left.
    Full,
    /// It would not keep what it is given, until this is done.
    NotDurable { demand: String },
    /// It refused for another reason.
    Refused { detail: String },
}

impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        let detail = error.to_string();
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::NoScript) => Self::NoScript,
            ErrorKind::Server(
                ServerErrorKind::ReadOnly
                | ServerErrorKind::BusyLoading
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::TryAgain,
            ) => Self::Unready { detail },
            ErrorKind::Io | ErrorKind::Parse => Self::Dropped { detail },
            _ => match error.code() {
                Some("OOM") => Self::Full,
                // Fewer than its `min-replicas-to-write` are there (Redis documentation, `redis.conf`).
                Some("NOREPLICAS") => Self::NotDurable {
                    demand: "fewer replicas follow it than its min-replicas-to-write demands, so it takes no write: \
                             start them again, or look after their connections"
                        .to_owned(),
                },
                Some("BUSY" | "NOAUTH" | "WRONGPASS") => Self::Unready { detail },
                _ => Self::Refused { detail },
            },
        }
    }
}

impl From<Trouble> for StoreFault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Dropped { detail } | Trouble::Unready { detail } => Self::Unreachable { detail },
            Trouble::TimedOut { after } => Self::TimedOut { after },
            Trouble::Full => Self::Full,
            Trouble::NotDurable { demand } => Self::NotDurable { demand },
            Trouble::NoScript => Self::Io { detail: "it forgot a script that it was just given".to_owned() },
            Trouble::Refused { detail } => Self::Io { detail },
        }
    }
}
