//! What is done with the outcome of a renewal.

use super::Shared;
use super::book::{Book, Landing, Unsaved};
use crate::http::bad_answer;
use crate::session::SessionError;
use crate::session::file::{FileFault, Fingerprint, Rest};
use crate::session::plan::{self, Course};
use crate::session::record::{Terms, Tokens};
use std::sync::Arc;
use std::time::Duration;

/// What a renewal got.
pub(in crate::session) struct Got {
    pub(in crate::session) terms: Terms,
    pub(in crate::session) tokens: Tokens,
    pub(in crate::session) how: How,
    pub(in crate::session) written: Written,
}

/// Whether what was got stands in the file.
pub(in crate::session) enum Written {
    /// It was there before.
    Before,
    /// It is now, and this is what the file looks like.
    Now(Option<Fingerprint>),
    /// It could not be written.
    Not(FileFault),
}

/// How a token was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum How {
    /// Somebody else had renewed it.
    Adopted,
    /// By the refresh token of the file.
    Refreshed,
    /// By the credentials, in the place of a refresh token that counted no more.
    BegunAnew,
    /// By the credentials, because there is no refresh token, or none that is written down.
    Begun,
}

/// Why a renewal got nothing.
pub(in crate::session) enum Failure {
    /// The session is over.
    Over(SessionError),
    /// It is not; nobody is asked for a while.
    Pause {
        error: SessionError,
        /// What the file holds, which may be better than what is held.
        found: Option<Box<(Terms, Tokens)>>,
        /// For how long, where that is known: another process was told.
        left: Option<Duration>,
        /// How often somebody had asked before, and got nothing.
        in_vain: u32,
    },
}

/// What the next process that asks is left.
pub(super) enum Leave {
    /// What the one before left.
    AsItWas,
    /// This, or nothing.
    Only(Option<Rest>),
}

impl Failure {
    /// Nobody was asked, for the file cannot be used.
    pub(in crate::session) fn of(fault: FileFault) -> Self {
        Self::Pause { error: fault.into(), found: None, left: None, in_vain: 0 }
    }
}

impl Shared {
    /// Takes note of the outcome of a renewal. Says what those are told who waited for it, and what other processes are.
    pub(super) fn land(&self, outcome: Result<Got, Failure>) -> (Landing, Leave) {
        let mut book = self.book();
        book.flight = None;
        match outcome {
            // Nobody was asked: what others were told holds on.
            Ok(got @ Got { written: Written::Before, .. }) => {
                self.got(&mut book, got);
                (Ok(()), Leave::AsItWas)
            }
            Ok(got) => {
                self.got(&mut book, got);
                (Ok(()), Leave::Only(None))
            }
            Err(Failure::Over(error)) => {
                self.holding.store(None);
                self.tell(&mut book.told, &error);
                (book.unsaved, book.unwritten) = (None, None);
                book.course = Course::Over(error.clone());
                (Err(error), Leave::Only(None))
            }
            Err(Failure::Pause { error, found, left, in_vain }) => {
                let leave = self.pause(&mut book, &error, found, left, in_vain);
                self.tell(&mut book.told, &error);
                (Err(error), leave)
            }
        }
    }

    fn got(&self, book: &mut Book, got: Got) {
        let Got { terms, tokens, how, written } = got;
        self.hold(book, &tokens);
        book.course = self.course_after(&book.course, &terms);
        book.renewals += 1;
        book.begun_anew += u64::from(how == How::BegunAnew);
        book.told = None;
        if let Course::Paused(pause) = &book.course {
            self.tell(&mut book.told, &pause.error);
        }
        match written {
            Written::Before => {}
            Written::Now(seen) => {
                book.seen = seen;
                (book.unsaved, book.unwritten) = (None, None);
            }
            Written::Not(fault) => {
                // What was refreshed is there again for whoever asks with what the file holds. What was begun is in this
                // process alone; and who proves nothing is given nothing a second time, after a while.
                let beside = book.seen;
                let goes_on = book.unsaved.as_ref().is_some_and(|unsaved| unsaved.beside == beside);
                let is_alone = how != How::Refreshed || goes_on || terms.proves_nothing();
                book.unsaved = is_alone.then_some(Unsaved { beside, tokens });
                if book.unwritten.as_ref() != Some(&fault) {
                    let reason = fault.reason();
                    tracing::warn!(reason, "the session is renewed in this process alone: {fault}");
                }
                book.unwritten = Some(fault);
            }
        }
        book.terms = Arc::new(terms);
    }

    /// A token may be over when it comes: this machine slept, or the issuer takes longer than its tokens live. The first time
    /// that costs no pause.
    fn course_after(&self, before: &Course, terms: &Terms) -> Course {
        let now = self.now();
        if self.holding.load().as_ref().is_some_and(|there| !there.life.left(now).is_zero()) {
            return Course::Clear;
        }
        let error = bad_answer(&terms.issuer, "the token was over when it came").into();
        before.failed(error, now.monotonic, |error, failures| match failures {
            0 | 1 => Duration::ZERO,
            _ => plan::pause_after(error, failures - 1, None, 0),
        })
    }

    /// Pauses, and says what other processes are to know of it.
    fn pause(
        &self,
        book: &mut Book,
        error: &SessionError,
        found: Option<Box<(Terms, Tokens)>>,
        left: Option<Duration>,
        in_vain: u32,
    ) -> Leave {
        let now = self.now();
        if let Some((terms, tokens)) = found.map(|found| *found) {
            let held = self.holding.load().as_ref().map(|there| there.life.left(now));
            if held.is_none_or(|held| held < self.life_of(&tokens).left(now)) {
                self.hold(book, &tokens);
                book.terms = Arc::new(terms);
            }
        }
        if let Some(left) = left {
            book.course = book.course.resting(error.clone(), now.monotonic, left);
            return Leave::AsItWas;
        }
        let lives = self.holding.load().as_ref().map(|there| there.life.left(now));
        let mut chance = [0];
        self.world.entropy.fill(&mut chance);
        let mut pause = Duration::ZERO;
        book.course = book.course.failed(error.clone(), now.monotonic, |error, failures| {
            pause = plan::pause_after(error, failures, lives, chance[0]);
            pause
        });
        match error {
            SessionError::Request(error) => {
                let lives = lives.filter(|left| !left.is_zero());
                Leave::Only(Rest::after(error, book.seen, now.wall, pause, lives, in_vain))
            }
            // Nobody was asked.
            _ => Leave::AsItWas,
        }
    }

    /// Whether this process has got a token for it before, and goes on with what it has in memory.
    pub(in crate::session) fn has_renewed(&self) -> bool {
        self.book().renewals > 0
    }

    /// Takes note of what the file looks like.
    pub(in crate::session) fn saw(&self, seen: Option<Fingerprint>) {
        self.book().seen = seen;
    }

    /// What was got and could not be written beside this file: better than what it holds.
    pub(in crate::session) fn unsaved(&self, seen: Option<Fingerprint>) -> Option<Tokens> {
        let book = self.book();
        book.unsaved.as_ref().filter(|unsaved| unsaved.beside == seen).map(|unsaved| unsaved.tokens.clone())
    }

    /// Takes note that the session was ended from here, or is to be.
    pub(in crate::session) fn ended(&self, error: SessionError, seen: Option<Fingerprint>) {
        let mut book = self.book();
        self.holding.store(None);
        book.seen = seen;
        (book.unsaved, book.unwritten) = (None, None);
        book.course = Course::Over(error);
    }

    /// What the file looks like after it was, or was not, removed.
    pub(in crate::session) fn left(&self, removed: &Result<(), FileFault>) -> Option<Fingerprint> {
        removed.as_ref().err().and_then(|_| self.store.fingerprint())
    }

    /// Writes a fault into the log, once.
    fn tell(&self, told: &mut Option<String>, error: &SessionError) {
        let reason = error.reason();
        if told.as_deref() != Some(reason) {
            let file = self.store.path().map(|path| tracing::field::display(path.display()));
            tracing::warn!(session.file = file, reason, "the session is not renewed: {error}");
            *told = Some(reason.to_owned());
        }
    }
}
