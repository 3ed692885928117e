//! Whether anything stands against a renewal.

use crate::session::SessionError;
use std::time::Duration;

/// Whether anything stands against a renewal.
#[derive(Clone, Debug)]
pub(crate) enum Course {
    /// Nothing.
    Clear,
    /// The last one failed, and nobody is asked before the pause is over.
    Paused(Pause),
    /// There is nothing to renew, until another session stands in its place.
    Over(SessionError),
}

/// A renewal failed.
#[derive(Clone, Debug)]
pub(crate) struct Pause {
    pub(crate) error: SessionError,
    /// By the monotonic clock.
    pub(crate) until: Duration,
    /// How often in a row it has failed.
    pub(crate) failures: u32,
}

impl Course {
    /// Its continuation after one more failure. `pause` tells how long to wait after so many of them.
    pub(crate) fn failed(
        &self,
        error: SessionError,
        monotonic: Duration,
        pause: impl FnOnce(&SessionError, u32) -> Duration,
    ) -> Self {
        let failures = match self {
            Self::Paused(pause) => pause.failures.saturating_add(1),
            Self::Clear | Self::Over(_) => 1,
        };
        let until = monotonic.saturating_add(pause(&error, failures));
        Self::Paused(Pause { error, until, failures })
    }

    /// Its continuation when another process was told to wait for so long.
    pub(crate) fn resting(&self, error: SessionError, monotonic: Duration, left: Duration) -> Self {
        let failures = match self {
            Self::Paused(pause) => pause.failures,
            Self::Clear | Self::Over(_) => 0,
        };
        Self::Paused(Pause { error, until: monotonic.saturating_add(left), failures })
    }

    /// What a caller is told that gets nothing.
    pub(crate) fn error(&self, monotonic: Duration) -> Option<SessionError> {
        match self {
            Self::Clear => None,
            Self::Paused(pause) => Some(pause.error.clone().waiting(pause.until.saturating_sub(monotonic))),
            Self::Over(error) => Some(error.clone()),
        }
    }
}
