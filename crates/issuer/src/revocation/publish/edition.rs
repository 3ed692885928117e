//! One state of the log, as it is told to everybody until the next one.

use super::Undeliverable;
use super::signed::Signed;
use super::workshop::{Workshop, labour, to_the_end};
use chancery_revocation::{DocumentSigner, Log, Position, Sequence};
use chancery_token::UnixTime;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, Semaphore};

/// A delta with more entries is signed where it holds up nobody: this many take about a millisecond.
const SIGNED_HERE: u64 = 2048;

/// The log at one place, confirmed at one second. Whoever asks the same of it is told the same, byte for byte.
pub(crate) struct Edition {
    log: Arc<Log>,
    confirmed_at: UnixTime,
    signer: Arc<DocumentSigner>,
    deltas: Mutex<HashMap<Sequence, Arc<Delta>>>,
    workshop: Arc<Workshop>,
}

/// `None` once it is known that there can be none.
type Delta = OnceCell<Option<Arc<Signed>>>;

impl Edition {
    pub(super) fn new(
        log: Arc<Log>,
        confirmed_at: UnixTime,
        signer: Arc<DocumentSigner>,
        workshop: Arc<Workshop>,
    ) -> Self {
        Self { log, confirmed_at, signer, deltas: Mutex::default(), workshop }
    }

    /// Where the log stands in it.
    pub(crate) fn position(&self) -> &Position {
        self.log.position()
    }

    /// The instant of the last successful look at the end of the store's log: `iat`.
    pub(super) fn confirmed_at(&self) -> UnixTime {
        self.confirmed_at
    }

    /// The key that signs it.
    pub(super) fn kid(&self) -> &str {
        self.signer.kid()
    }

    pub(super) fn start(&self) -> Sequence {
        self.log.start()
    }

    /// Whether it says the same as one of these would.
    pub(super) fn says(&self, log: &Log, confirmed_at: UnixTime, signer: &DocumentSigner) -> bool {
        self.log.position() == log.position()
            && self.log.floor() == log.floor()
            && self.confirmed_at == confirmed_at
            && self.signer.kid() == signer.kid()
    }

    /// Whether somebody has asked for what was appended after `cursor`.
    pub(super) fn has_delta(&self, cursor: Sequence) -> bool {
        self.deltas.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&cursor)
    }

    /// How many entries a delta from `cursor` has.
    pub(super) fn entries_after(&self, cursor: Sequence) -> u64 {
        self.position().sequence.get().saturating_sub(cursor.get())
    }

    /// What was appended after `cursor`. However many ask at once, it is signed once.
    pub(super) async fn delta(self: &Arc<Self>, cursor: Sequence) -> Result<Arc<Signed>, Undeliverable> {
        let cell = {
            // A thread that panicked here has left whole cells behind.
            let mut deltas = self.deltas.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(deltas.entry(cursor).or_default())
        };
        let signed = if let Some(signed) = cell.get() {
            signed.clone()
        } else if self.entries_after(cursor) <= SIGNED_HERE {
            cell.get_or_init(async || self.sign_delta(cursor)).await.clone()
        } else {
            let edition = Arc::clone(self);
            let work = async move {
                let sign = || {
                    let edition = Arc::clone(&edition);
                    async move {
                        let room = Arc::clone(edition.workshop.room());
                        labour(&room, move || edition.sign_delta(cursor)).await
                    }
                };
                cell.get_or_try_init(sign).await.cloned()
            };
            to_the_end(work).await?
        };
        signed.ok_or(Undeliverable::Forgotten)
    }

    /// All that is revoked.
    pub(super) async fn snapshot(self: &Arc<Self>) -> Result<Arc<Signed>, Undeliverable> {
        let edition = Arc::clone(self);
        let signing = tokio::task::spawn_blocking(move || {
            edition.workshop.count_signature();
            edition.signer.snapshot(&edition.log, edition.confirmed_at)
        });
        let signed = signing.await.map_err(|_| Undeliverable::Interrupted)?;
        // There is one at a time, and no delta waits for it.
        let room = Arc::new(Semaphore::new(1));
        signed.map(|text| Arc::new(Signed::new(text, room))).map_err(Undeliverable::TooLarge)
    }

    fn sign_delta(&self, cursor: Sequence) -> Option<Arc<Signed>> {
        let delta = self.log.since(cursor)?;
        self.workshop.count_signature();
        // Whoever is so far behind takes the snapshot.
        let text = self.signer.delta(&delta, self.confirmed_at).ok()?;
        Some(Arc::new(Signed::new(text, Arc::clone(self.workshop.room()))))
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edition({}, {})", self.position().sequence, self.confirmed_at)
    }
}
