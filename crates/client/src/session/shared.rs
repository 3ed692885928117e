//! What the handles of one session share.

mod book;
mod holding;
mod landing;
mod standing;

use crate::access_token::AccessToken;
use crate::flight::Flight;
use crate::session::SessionError;
use crate::session::file::Fingerprint;
use crate::session::plan::{self, Course, Least, Life, Moment, Step};
use crate::session::record::{State, Terms, Tokens};
use crate::session::renew;
use crate::session::store::Store;
use crate::wire::{Caller, Wire};
use crate::world::World;
use arc_swap::ArcSwapOption;
use book::{Book, Landing, Means};
use holding::Holding;
use landing::Leave;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

pub(super) use landing::{Failure, Got, How, Written};

/// A session in this process.
pub(super) struct Shared {
    world: World,
    pub(super) store: Store,
    pub(super) wire: Arc<Wire>,
    /// What is handed out. Changed under the lock of `book` alone.
    holding: ArcSwapOption<Holding>,
    book: Mutex<Book>,
}

/// How a caller comes to its token.
enum Next {
    Take(AccessToken),
    Wait {
        flight: Flight<Landing>,
        /// Whether it is for as much as the caller wants.
        covers: bool,
        /// How long to wait at most, where there is a token that serves in need.
        patience: Option<Duration>,
    },
}

impl Shared {
    /// A session of which this is known.
    pub(super) fn new(
        world: World,
        store: Store,
        wire: Arc<Wire>,
        terms: Terms,
        state: Option<State>,
        seen: Option<Fingerprint>,
    ) -> Arc<Self> {
        let book = Mutex::new(Book::new(terms, seen));
        let shared = Self { world, store, wire, holding: ArcSwapOption::empty(), book };
        match state {
            Some(State::Live(tokens)) => shared.hold(&mut shared.book(), &tokens),
            Some(state) => shared.book().course = Course::Over(shared.why_over(&state)),
            None => {}
        }
        Arc::new(shared)
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }

    pub(super) fn now(&self) -> Moment {
        Moment { wall: self.world.clock.now(), monotonic: self.world.clock.monotonic() }
    }

    /// The terms as they were read last.
    pub(super) fn terms(&self) -> Arc<Terms> {
        Arc::clone(&self.book().terms)
    }

    /// The token that is there, if there is nothing to be done about it. Allocates nothing.
    pub(super) fn at_hand(&self, least: Least) -> Option<AccessToken> {
        let holding = self.holding.load();
        let holding = holding.as_ref()?;
        holding.is_at_hand(least, &*self.world.clock).then(|| holding.token.clone())
    }

    /// A token, whatever has to be done for it.
    pub(super) async fn token(self: &Arc<Self>, least: Least) -> Result<AccessToken, SessionError> {
        loop {
            let (flight, covers, patience) = match self.next(least)? {
                Next::Take(token) => return Ok(token),
                Next::Wait { flight, covers, patience } => (flight, covers, patience),
            };
            let landed = match patience {
                Some(patience) => timeout(patience, flight.land()).await,
                None => Ok(flight.land().await),
            };
            match landed {
                Ok(Some(outcome)) if covers => {
                    if let Some(done) = self.after_wait(outcome, least) {
                        return done;
                    }
                }
                // It was for less than this caller wants, or the runtime that made it is gone: this caller makes another.
                Ok(Some(_) | None) => {}
                // The renewal goes on; the token that is there would be over before it is done.
                Err(_) => {
                    if let Some(token) = self.in_need(least) {
                        return Ok(token);
                    }
                }
            }
        }
    }

    fn next(self: &Arc<Self>, least: Least) -> Result<Next, SessionError> {
        let mut book = self.book();
        book.give_up();
        let (holding, now, seen) = (self.holding.load_full(), self.now(), book.seen);
        let there = holding.as_deref().map(Holding::there);
        let has_changed = || self.store.fingerprint() != seen;
        let step = plan::at_call(there, &book.course, book.flight.is_some(), least, now, has_changed);
        let patience = plan::patience(there, least, now);
        match (step, holding, &book.flight) {
            (Step::Take, Some(holding), _) => Ok(Next::Take(holding.token.clone())),
            (Step::TakeAndRenew, Some(holding), _) => {
                self.take_off(&mut book, least);
                Ok(Next::Take(holding.token.clone()))
            }
            (Step::Wait, _, Some((flight, of))) => {
                Ok(Next::Wait { flight: flight.clone(), covers: of.covers(least), patience })
            }
            (Step::Refuse, ..) => Err(self.refusal(&book, now)),
            _ => Ok(Next::Wait { flight: self.take_off(&mut book, least), covers: true, patience }),
        }
    }

    /// The token that is there, for a caller that has waited for half of what was left of it.
    fn in_need(&self, least: Least) -> Option<AccessToken> {
        let holding = self.holding.load();
        let holding = holding.as_ref()?;
        plan::patience(Some(holding.there()), least, self.now()).map(|_| holding.token.clone())
    }

    /// What a caller has after it has waited; `None` if it has to do so once more.
    fn after_wait(&self, outcome: Landing, least: Least) -> Option<Result<AccessToken, SessionError>> {
        let book = self.book();
        let (holding, now) = (self.holding.load_full(), self.now());
        let there = holding.as_deref().map(Holding::there);
        let step = plan::after_wait(there, outcome.as_ref().copied(), least, now);
        match (step, holding) {
            (Step::Take, Some(holding)) => Some(Ok(holding.token.clone())),
            (Step::Renew, _) => None,
            _ => Some(Err(outcome.err().unwrap_or_else(|| self.refusal(&book, now)))),
        }
    }

    /// Begins a renewal, which nobody stops by going away.
    fn take_off(self: &Arc<Self>, book: &mut Book, least: Least) -> Flight<Landing> {
        let (pilot, flight) = Flight::begin();
        book.flight = Some((flight.clone(), least));
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let (right, outcome) = renew::attempt(&shared, least).await;
            // Under the lock, so that nobody ends the session in between.
            let (landing, leave) = shared.land(outcome);
            if let (Some(right), Leave::Only(rest)) = (right, leave) {
                right.leave(rest).await;
            }
            pilot.land(landing);
        });
        flight
    }

    /// Where somebody has written the file, or removed it, since it was read last: begins a renewal, which reads it again.
    pub(super) fn look(self: &Arc<Self>) {
        let mut book = self.book();
        book.give_up();
        if book.flight.is_none() && self.store.fingerprint() != book.seen {
            self.take_off(&mut book, Least::Usual);
        }
    }

    /// Waits for the renewal that is under way, if there is one.
    pub(super) async fn settled(&self) {
        let flight = self.book().flight.as_ref().map(|(flight, _)| flight.clone());
        if let Some(flight) = flight {
            // What came of it is in the book.
            let _ = flight.land().await;
        }
    }

    /// Takes note that a resource server said no to a token, unless it does so whatever it is given.
    pub(super) fn forget(&self, refused: &AccessToken) {
        let mut book = self.book();
        if let Some(holding) = self.holding.load_full()
            && holding.token.expose() == refused.expose()
            && !holding.is_refused
            && book.brake.lets(self.now().monotonic)
        {
            self.holding.store(Some(Arc::new(holding.refused())));
        }
    }

    /// Whether a resource server has said no to this token.
    pub(super) fn is_refused(&self, token: &AccessToken) -> bool {
        let holding = self.holding.load();
        holding.as_ref().is_some_and(|there| there.is_refused && there.token.expose() == token.expose())
    }

    /// How long the token lives that was read or got. Of one that is held that is known: reading it again makes it no
    /// younger, whatever the clock says by then.
    pub(super) fn life_of(&self, tokens: &Tokens) -> Life {
        match self.holding.load().as_ref() {
            Some(holding) if holding.token.expose() == tokens.access.expose() => holding.life,
            _ => Life::new(tokens.access.obtained_at(), tokens.access.expires_at(), self.now()),
        }
    }

    /// Hands this out from now on.
    fn hold(&self, book: &mut Book, tokens: &Tokens) {
        let life = self.life_of(tokens);
        book.means = tokens
            .refresh
            .as_ref()
            .map_or(Means::Credentials, |refresh| Means::RefreshToken { expires_at: refresh.expires_at });
        self.holding.store(Some(Arc::new(Holding::new(tokens.access.clone(), life))));
    }

    fn refusal(&self, book: &Book, now: Moment) -> SessionError {
        book.course.error(now.monotonic).unwrap_or_else(|| self.no_session())
    }

    pub(super) fn no_session(&self) -> SessionError {
        SessionError::NoSession { file: self.file() }
    }

    fn file(&self) -> Option<PathBuf> {
        self.store.path().map(Into::into)
    }

    /// What is said of a session that has no tokens to hand out.
    pub(super) fn why_over(&self, state: &State) -> SessionError {
        match state {
            State::Live(_) => self.no_session(),
            State::Ending(_) => SessionError::Ending { file: self.file() },
            State::Ended { reason, at } => SessionError::Revoked { reason: reason.clone(), at: *at },
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Terms {
    pub(super) fn caller(&self) -> Caller<'_> {
        Caller { issuer: &self.issuer, client_id: &self.client_id, credentials: &self.credentials }
    }
}
