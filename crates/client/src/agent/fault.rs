//! Why an agent gives no token.

use crate::error::{ErrorKind, Refusal};
use std::path::PathBuf;
use std::time::Duration;

/// Why the agent of this machine gives no token. Holds neither secret nor token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentFault {
    /// Nobody answers at the socket, or not in time.
    #[error("no agent answers at {}: {why}; start it again, or the command that was started by `chancery agent exec`", .socket.display())]
    Absent {
        /// Where it should listen.
        socket: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Somebody answers who is no agent, or one of another version.
    #[error("what answers at {} is no agent: {why}", .socket.display())]
    BadAnswer {
        /// Who was asked.
        socket: PathBuf,
        /// What is wrong with the answer.
        why: String,
    },
    /// The agent has no token, and asking again would not help.
    #[error("the agent at {} refuses: {refusal}", .socket.display())]
    Refused {
        /// Who was asked.
        socket: PathBuf,
        /// What it says.
        refusal: Refusal,
    },
    /// The agent has no token now.
    #[error("the agent at {} has no token now: {refusal}", .socket.display())]
    Unavailable {
        /// Who was asked.
        socket: PathBuf,
        /// What it says.
        refusal: Refusal,
        /// Its wish, from `Retry-After`.
        retry_after: Option<Duration>,
    },
}

impl AgentFault {
    /// Whether trying again can help.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::BadAnswer { .. } | Self::Refused { .. } => ErrorKind::Permanent,
            Self::Absent { .. } | Self::Unavailable { .. } => ErrorKind::Transient,
        }
    }

    /// How long the agent asks to wait.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            Self::Absent { .. } | Self::BadAnswer { .. } | Self::Refused { .. } => None,
        }
    }

    /// The stable name: the agent's own where it gives one.
    pub fn reason(&self) -> &str {
        match self {
            Self::Absent { .. } => "agent_unreachable",
            Self::BadAnswer { .. } => "agent_bad_answer",
            Self::Refused { refusal, .. } | Self::Unavailable { refusal, .. } => {
                refusal.reason.as_deref().unwrap_or(&refusal.error)
            }
        }
    }
}
