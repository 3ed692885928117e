//! What a process remembers of a session, beside its token.

use crate::flight::Flight;
use crate::session::SessionError;
use crate::session::file::{FileFault, Fingerprint};
use crate::session::plan::{Brake, Course, Least};
use crate::session::record::{Terms, Tokens};
use chancery_token::UnixTime;
use std::sync::Arc;

/// What a renewal ended with, for those who wait.
pub(super) type Landing = Result<(), SessionError>;

/// What a process remembers of a session, beside its token.
pub(super) struct Book {
    pub(super) terms: Arc<Terms>,
    pub(super) course: Course,
    /// The renewal that is under way, and for how much it is.
    pub(super) flight: Option<(Flight<Landing>, Least)>,
    /// The file as it was read or written last.
    pub(super) seen: Option<Fingerprint>,
    pub(super) means: Means,
    pub(super) unsaved: Option<Unsaved>,
    /// Why what was got last does not stand in the file.
    pub(super) unwritten: Option<FileFault>,
    /// What is done about tokens that services refuse.
    pub(super) brake: Brake,
    pub(super) renewals: u64,
    pub(super) begun_anew: u64,
    /// The fault that was written into the log last: it is not repeated until something succeeds.
    pub(super) told: Option<String>,
}

/// By what it goes on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Means {
    Credentials,
    RefreshToken {
        /// If the issuer says.
        expires_at: Option<UnixTime>,
    },
}

/// What was got and could not be written down.
pub(super) struct Unsaved {
    /// What the file looked like then.
    pub(super) beside: Option<Fingerprint>,
    pub(super) tokens: Tokens,
}

impl Book {
    pub(super) fn new(terms: Terms, seen: Option<Fingerprint>) -> Self {
        Self {
            terms: Arc::new(terms),
            course: Course::Clear,
            flight: None,
            seen,
            means: Means::Credentials,
            unsaved: None,
            unwritten: None,
            brake: Brake::default(),
            renewals: 0,
            begun_anew: 0,
            told: None,
        }
    }

    /// Takes note that a renewal ended without an outcome.
    pub(super) fn give_up(&mut self) {
        if self.flight.as_ref().is_some_and(|(flight, _)| flight.is_abandoned()) {
            self.flight = None;
        }
    }
}
