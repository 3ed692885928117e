//! What everybody is told of the log: a snapshot, and deltas for those who wait.
//!
//! A document is signed when the first one asks for it, and then given to all. Positions are published at most every
//! 20 ms, so that a burst of revocations wakes a thousand followers once. **`iat` is the instant at which the end of the
//! store's log was last seen**, read before the log is: a document never claims to know more than was looked at.

mod cursors;
mod edition;
mod shelf;
mod signed;
mod thrift;
mod workshop;

pub(crate) use edition::Edition;
pub(crate) use shelf::SNAPSHOT_LIFETIME;
pub(crate) use signed::Signed;

use super::RevocationLog;
use super::receipts::Receipts;
use crate::keyring::Keyring;
use arc_swap::ArcSwap;
use chancery_revocation::{DocumentTooLarge, LogId, Sequence};
use chancery_verifier::clock::Clock;
use cursors::{Cursors, Place};
use shelf::Shelved;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thrift::Thrift;
use tokio::sync::watch;
use tokio::time::Instant;
use workshop::{Workshop, to_the_end};

/// Positions are published no closer to each other.
const APART: Duration = Duration::from_millis(20);

/// Publishes one log.
pub struct Publisher {
    log: Arc<RevocationLog>,
    clock: Arc<dyn Clock>,
    receipts: Receipts,
    edition: ArcSwap<Edition>,
    /// Held while the next edition is made, which takes no time.
    press: Mutex<Press>,
    /// Held while a snapshot is made.
    shelf: Arc<tokio::sync::Mutex<Option<Shelved>>>,
    /// The highest place whose holder was sent to the snapshot.
    wanted: AtomicU64,
    thrift: Mutex<Thrift>,
    workshop: Arc<Workshop>,
    stopping: watch::Sender<bool>,
}

#[derive(Debug)]
struct Press {
    log: LogId,
    cursors: Cursors,
    /// When the position last changed.
    moved: Option<Instant>,
}

/// Why a document cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undeliverable {
    /// Deltas from this place are not remembered; the snapshot serves.
    Forgotten,
    /// The snapshot would be larger than anybody reads.
    TooLarge(DocumentTooLarge),
    /// The process is being stopped.
    Interrupted,
}

impl Publisher {
    /// Publishes `log`, signed with what `keyring` holds.
    pub(crate) fn new(log: Arc<RevocationLog>, keyring: &Keyring, clock: Arc<dyn Clock>) -> Self {
        let workshop = Arc::new(Workshop::new());
        let (confirmed_at, current) = (log.confirmed_at(), log.current());
        let signer = keyring.document_signer(clock.now());
        let edition = Edition::new(current, confirmed_at, signer, Arc::clone(&workshop));
        let receipts = Receipts::new(Arc::clone(&clock));
        receipts.published(edition.position().sequence);
        let press = Press::of(&edition);
        Self {
            log,
            clock,
            receipts,
            edition: ArcSwap::from_pointee(edition),
            press: Mutex::new(press),
            shelf: Arc::default(),
            wanted: AtomicU64::new(0),
            thrift: Mutex::new(Thrift::new(Instant::now())),
            workshop,
            stopping: watch::Sender::new(false),
        }
    }

    /// What verifiers told of themselves.
    pub fn receipts(&self) -> &Receipts {
        &self.receipts
    }

    /// How many documents were signed since the start.
    pub fn signatures(&self) -> u64 {
        self.workshop.signatures()
    }

    /// Answers everybody who waits, now and later, with what there is: the process is about to end.
    pub fn stop_waiting(&self) {
        // Nobody listens when nobody waits.
        self.stopping.send_replace(true);
    }

    /// The log as it is published now.
    pub(crate) fn edition(&self, keyring: &Keyring) -> Arc<Edition> {
        self.next_edition(keyring).0
    }

    /// The log once it stands at `at_least`, or is another one than `log`, or nobody may wait any more; after `within`
    /// whatever it is then.
    pub(crate) async fn reached(
        &self,
        keyring: &Keyring,
        log: LogId,
        at_least: Sequence,
        within: Duration,
    ) -> Arc<Edition> {
        let news = async {
            let (mut news, mut stopping) = (self.log.news(), self.stopping.subscribe());
            loop {
                // Seen before it is looked at, so that nothing is missed in between.
                news.borrow_and_update();
                let (edition, opens) = self.next_edition(keyring);
                let position = edition.position();
                if position.log != log || position.sequence >= at_least || *stopping.borrow_and_update() {
                    return;
                }
                let opened = async {
                    match opens {
                        Some(at) => tokio::time::sleep_until(at).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    // Its sender lives as long as the log, which is held here; so does that of the other.
                    _ = news.changed() => {}
                    _ = stopping.changed() => {}
                    () = opened => {}
                }
            }
        };
        // Whether there are news or time is up: what holds now is told.
        let _ = tokio::time::timeout(within, news).await;
        self.edition(keyring)
    }

    /// What `edition` has after `cursor`.
    pub(crate) async fn delta(
        &self,
        edition: &Arc<Edition>,
        cursor: Sequence,
    ) -> Result<Arc<Signed>, Undeliverable> {
        let position = edition.position();
        let place = {
            let press = self.press();
            let is_ours = press.log == position.log;
            if is_ours { press.cursors.place(cursor, position.sequence) } else { Place::Unknown }
        };
        let now = Instant::now();
        let from = match place {
            Place::Latest => Some(Arc::clone(edition)),
            Place::Landmark => Some(self.thrift().unhurried(edition, cursor, now)),
            Place::Odd if edition.has_delta(cursor) => Some(Arc::clone(edition)),
            Place::Odd => {
                let affords = self.thrift().affords(edition.entries_after(cursor), now);
                affords.then(|| Arc::clone(edition))
            }
            Place::Unknown => None,
        };
        let delta = match from {
            Some(edition) => edition.delta(cursor).await,
            None => Err(Undeliverable::Forgotten),
        };
        if delta.as_ref().is_err_and(|why| *why == Undeliverable::Forgotten) {
            self.wanted.fetch_max(cursor.get(), Ordering::Relaxed);
        }
        delta
    }

    /// All that is revoked, as of a few seconds ago.
    pub(crate) async fn snapshot(&self, keyring: &Keyring) -> Result<Arc<Signed>, Undeliverable> {
        let mut shelf = Arc::clone(&self.shelf).lock_owned().await;
        let edition = self.edition(keyring);
        let (wanted, began) = (Sequence::new(self.wanted.load(Ordering::Relaxed)), Instant::now());
        let ready = shelf.as_ref().filter(|it| it.serves(&edition, wanted, began)).cloned();
        let shelved = if let Some(ready) = ready {
            ready
        } else {
            let make = async move {
                let document = edition.snapshot().await?;
                let made = Shelved::new(document, &edition, began);
                *shelf = Some(made.clone());
                Ok(made)
            };
            to_the_end(make).await?
        };
        let mut press = self.press();
        if press.log == shelved.log {
            press.cursors.snapshot_at(shelved.sequence);
        }
        Ok(shelved.document)
    }

    /// The edition that holds now; and when the next one may come, if there are news that it has not.
    fn next_edition(&self, keyring: &Keyring) -> (Arc<Edition>, Option<Instant>) {
        let signer = keyring.document_signer(self.clock.now());
        let is_current = |edition: &Edition| {
            // In this order: what is confirmed later may be more than the log that was read here.
            let confirmed_at = self.log.confirmed_at();
            edition.says(&self.log.current(), confirmed_at, &signer)
        };
        let held = self.edition.load_full();
        if is_current(&held) {
            return (held, None);
        }
        let mut press = self.press();
        let held = self.edition.load_full();
        let confirmed_at = self.log.confirmed_at();
        let log = self.log.current();
        if held.says(&log, confirmed_at, &signer) {
            return (held, None);
        }
        let has_moved = held.position() != log.position();
        let now = Instant::now();
        if let Some(opens) = press.moved.map(|at| at + APART).filter(|opens| has_moved && now < *opens) {
            return (held, Some(opens));
        }
        let edition = Arc::new(Edition::new(log, confirmed_at, signer, Arc::clone(&self.workshop)));
        if has_moved {
            press.moved_to(&edition, now);
            self.receipts.published(edition.position().sequence);
        }
        self.edition.store(Arc::clone(&edition));
        (edition, None)
    }

    fn thrift(&self) -> MutexGuard<'_, Thrift> {
        // A thread that panicked here has left something whole behind.
        self.thrift.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn press(&self) -> MutexGuard<'_, Press> {
        // A thread that panicked here has left a whole press behind.
        self.press.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Press {
    fn of(edition: &Edition) -> Self {
        let position = edition.position();
        let cursors = Cursors::new(edition.start(), position.sequence);
        Self { log: position.log, cursors, moved: None }
    }

    fn moved_to(&mut self, edition: &Edition, now: Instant) {
        if self.log == edition.position().log {
            self.cursors.published(edition.position().sequence);
        } else {
            *self = Self::of(edition);
        }
        self.moved = Some(now);
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("edition", &self.edition.load()).finish_non_exhaustive()
    }
}
