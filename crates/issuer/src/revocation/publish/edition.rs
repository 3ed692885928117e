//! One state of the log, as it is told to everybody until the next one.

use super::Undeliverable;
use super::signed::Signed;
use chancery_revocation::{DocumentSigner, Log, Position, Sequence};
use chancery_token::UnixTime;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// A delta with more entries is signed where it holds up nobody: this many take about a millisecond.
const SIGNED_HERE: u64 = 2048;

/// The log at one place, confirmed at one second. Whoever asks the same of it is told the same, byte for byte.
pub(crate) struct Edition {
    log: Arc<Log>,
    confirmed_at: UnixTime,
    signer: Arc<DocumentSigner>,
    deltas: Mutex<HashMap<Sequence, Arc<OnceCell<Arc<Signed>>>>>,
    /// Counts signatures, those of all editions.
    signatures: Arc<AtomicU64>,
}

impl Edition {
    pub(super) fn new(
        log: Arc<Log>,
        confirmed_at: UnixTime,
        signer: Arc<DocumentSigner>,
        signatures: Arc<AtomicU64>,
    ) -> Self {
        Self { log, confirmed_at, signer, deltas: Mutex::default(), signatures }
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

    /// What was appended after `cursor`. However many ask at once, it is signed once.
    pub(super) async fn delta(self: &Arc<Self>, cursor: Sequence) -> Result<Arc<Signed>, Undeliverable> {
        let cell = {
            // A thread that panicked here has left whole cells behind.
            let mut deltas = self.deltas.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(deltas.entry(cursor).or_default())
        };
        let signed = cell.get_or_try_init(|| async {
            let edition = Arc::clone(self);
            let entries = self.position().sequence.get().saturating_sub(cursor.get());
            let text = if entries > SIGNED_HERE {
                let signing = tokio::task::spawn_blocking(move || edition.sign_delta(cursor));
                signing.await.map_err(|_| Undeliverable::Interrupted)?
            } else {
                edition.sign_delta(cursor)
            };
            text.map(|text| Arc::new(Signed::new(text)))
        });
        signed.await.cloned()
    }

    /// All that is revoked.
    pub(super) async fn snapshot(self: &Arc<Self>) -> Result<Arc<Signed>, Undeliverable> {
        let edition = Arc::clone(self);
        let signing = tokio::task::spawn_blocking(move || {
            edition.signatures.fetch_add(1, Ordering::Relaxed);
            edition.signer.snapshot(&edition.log, edition.confirmed_at)
        });
        let signed = signing.await.map_err(|_| Undeliverable::Interrupted)?;
        signed.map(|text| Arc::new(Signed::new(text))).map_err(Undeliverable::TooLarge)
    }

    fn sign_delta(&self, cursor: Sequence) -> Result<String, Undeliverable> {
        let delta = self.log.since(cursor).ok_or(Undeliverable::Forgotten)?;
        self.signatures.fetch_add(1, Ordering::Relaxed);
        // Whoever is so far behind takes the snapshot.
        self.signer.delta(&delta, self.confirmed_at).map_err(|_| Undeliverable::Forgotten)
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edition({}, {})", self.position().sequence, self.confirmed_at)
    }
}
