//! Why a session gives no token.

use crate::agent::AgentFault;
use crate::error::{ErrorKind, InvalidSetup, RequestError};
use crate::session::file::FileFault;
use chancery_token::UnixTime;
use std::path::PathBuf;
use std::time::Duration;

/// Why a session gives no token. Holds neither secret nor token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SessionError {
    /// There is an agent between, and it gives none.
    #[error(transparent)]
    Agent(#[from] AgentFault),
    /// It was to be ended, and the issuer could not be told: its tokens are handed out no more.
    #[error("the session{} was to be ended, and the issuer does not know yet; end it once more", at(.file.as_ref()))]
    Ending {
        /// Its file, unless it lives in memory.
        file: Option<PathBuf>,
    },
    /// There is a session already, and it was not to be replaced.
    #[error("{} holds a session already; end it first, or replace it", .file.display())]
    Exists {
        /// Its file.
        file: PathBuf,
    },
    /// The file of the session cannot be used. What it holds is left as it is.
    #[error(transparent)]
    File(#[from] FileFault),
    /// It was ended, or never begun.
    #[error("there is no session{}; begin one", at(.file.as_ref()))]
    NoSession {
        /// Where its file would be, unless it lived in memory.
        file: Option<PathBuf>,
    },
    /// The token is bound to a key that this process does not have.
    #[error("the token is bound to a key that this session does not have; use the session that gave it")]
    OtherSession,
    /// The file holds a session of another client, or for something else.
    #[error("{} holds a session that was begun with another set-up; replace it, or keep this one elsewhere", .file.display())]
    OtherSetup {
        /// The file.
        file: PathBuf,
    },
    /// The issuer refused, or nobody answered. Nothing was thrown away.
    #[error("{}{}", .0, advice(.0))]
    Request(#[from] RequestError),
    /// It is over: the issuer is not asked any more until another session is begun.
    #[error("the session is over ({reason}); find out why, then begin another")]
    Revoked {
        /// What the issuer said.
        reason: String,
        /// When that was heard, by this machine's clock.
        at: UnixTime,
    },
    /// There can be no such session.
    #[error(transparent)]
    Setup(#[from] InvalidSetup),
}

impl SessionError {
    /// Whether trying again can help.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Agent(fault) => fault.kind(),
            Self::File(fault) => fault.kind(),
            Self::Request(error) => error.kind(),
            Self::Ending { .. }
            | Self::Exists { .. }
            | Self::NoSession { .. }
            | Self::OtherSession
            | Self::OtherSetup { .. }
            | Self::Revoked { .. }
            | Self::Setup(_) => ErrorKind::Permanent,
        }
    }

    /// The stable name: the issuer's own where it gives one. What made a session end stands in
    /// [`SessionError::Revoked`]; its own name is always the same.
    pub fn reason(&self) -> &str {
        match self {
            Self::Agent(fault) => fault.reason(),
            Self::Ending { .. } => "session_ending",
            Self::Exists { .. } => "session_exists",
            Self::File(fault) => fault.reason(),
            Self::NoSession { .. } => "no_session",
            Self::OtherSession => "token_of_another_session",
            Self::OtherSetup { .. } => "session_of_another_setup",
            Self::Request(error) => error.reason(),
            Self::Revoked { .. } => "session_revoked",
            Self::Setup(_) => "session_setup",
        }
    }

    /// How long to wait before the next attempt, where that is known.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Agent(fault) => fault.retry_after(),
            Self::Request(error) => error.retry_after(),
            Self::Ending { .. }
            | Self::Exists { .. }
            | Self::File(_)
            | Self::NoSession { .. }
            | Self::OtherSession
            | Self::OtherSetup { .. }
            | Self::Revoked { .. }
            | Self::Setup(_) => None,
        }
    }

    /// As it is told to somebody who comes in the middle of a pause: what is left of the wish, not all of it.
    pub(crate) fn waiting(self, left: Duration) -> Self {
        match self {
            Self::Request(error) => Self::Request(error.waiting(left)),
            other => other,
        }
    }
}

fn at(file: Option<&PathBuf>) -> String {
    file.map_or_else(String::new, |file| format!(" in {}", file.display()))
}

/// What a person can do about a refusal that is about this machine.
fn advice(error: &RequestError) -> &'static str {
    if error.is_about_the_clock() { "; the clock of this machine is wrong: set it" } else { "" }
}
