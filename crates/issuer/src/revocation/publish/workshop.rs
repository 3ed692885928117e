//! Where documents are made: how much of that goes on at once, and how much there was.

use super::Undeliverable;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What makes large deltas, or compresses them, has this many processors at once: the others are for tokens.
const AT_ONCE: usize = 1;

/// What editions of one log share.
#[derive(Debug)]
pub(super) struct Workshop {
    signatures: AtomicU64,
    room: Arc<Semaphore>,
}

impl Workshop {
    pub(super) fn new() -> Self {
        Self { signatures: AtomicU64::new(0), room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub(super) fn count_signature(&self) {
        self.signatures.fetch_add(1, Ordering::Relaxed);
    }

    /// How many documents were signed.
    pub(super) fn signatures(&self) -> u64 {
        self.signatures.load(Ordering::Relaxed)
    }

    pub(super) fn room(&self) -> &Arc<Semaphore> {
        &self.room
    }
}

/// Does `work` where it holds up nobody, once there is room.
pub(super) async fn labour<T: Send + 'static>(
    room: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Undeliverable> {
    let place: OwnedSemaphorePermit =
        Arc::clone(room).acquire_owned().await.map_err(|_| Undeliverable::Interrupted)?;
    let working = tokio::task::spawn_blocking(move || {
        // Given back when the work is done, not when nobody waits for it any more.
        let _place = place;
        work()
    });
    working.await.map_err(|_| Undeliverable::Interrupted)
}

/// Brings `work` to its end, also when whoever asked goes away: else who asks and goes has it begun again and again.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Undeliverable>> + Send + 'static,
) -> Result<T, Undeliverable> {
    tokio::spawn(work).await.map_err(|_| Undeliverable::Interrupted)?
}
