//! Whoever is told that something is over was not always the one who ended it. What is found in the log is made sure of
//! first: it may be in a store whose replicas have not got it, and go with it.

use super::{RevocationLog, Shared};
use crate::revocation::LogFault;
use crate::store::{AppendLogError, StoreFault};
use chancery_revocation::{Position, Sequence};
use std::sync::{Mutex, PoisonError};

/// How often the store is asked again when no answer came.
const ASKED_AGAIN: usize = 3;
/// How often the log may turn out to be another one.
const ATTEMPTS: usize = 8;

/// Up to where this process knows that the log outlives the store's server.
#[derive(Debug, Default)]
pub(super) struct Settled(Mutex<Option<Position>>);

impl Settled {
    /// The store said so of `position`, and so of all that came before it.
    pub(super) fn note(&self, position: Position) {
        let mut settled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if settled.is_none_or(|known| known.log != position.log || known.sequence < position.sequence) {
            *settled = Some(position);
        }
    }

    /// Whether it covers the entry at `sequence` of the log that goes through `ours`.
    fn covers(&self, ours: &Position, sequence: Sequence) -> bool {
        let settled = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        settled.is_some_and(|known| known.log == ours.log && known.sequence >= sequence)
    }
}

impl RevocationLog {
    /// Makes sure that what is applied here up to `sequence` outlives the store's server, before somebody is told that
    /// it is so. Costs nothing where this process knows it already.
    ///
    /// # Errors
    /// Nobody may be told: the same question later may be answered.
    pub async fn settle(&self, sequence: Sequence) -> Result<(), LogFault> {
        let covered = || {
            let held = &self.shared.held;
            held.settled.covers(held.log().position(), sequence)
        };
        if covered() {
            return Ok(());
        }
        let _gate = self.shared.gate.lock().await;
        // Whoever held it before may have asked for the same.
        if covered() { Ok(()) } else { self.shared.settle_all().await }
    }

    /// As [`RevocationLog::settle`], for all that is applied here, and for whatever else was written to the store before.
    ///
    /// # Errors
    /// As there.
    pub async fn settle_all(&self) -> Result<(), LogFault> {
        let _gate = self.shared.gate.lock().await;
        self.shared.settle_all().await
    }
}

impl Shared {
    /// Under the gate.
    pub(super) async fn settle_all(&self) -> Result<(), LogFault> {
        if let Some(loss) = self.held.loss() {
            return Err(loss);
        }
        let mut in_doubt = 0;
        for _ in 0..ATTEMPTS {
            let position = *self.held.log().position();
            match self.store.settle_log(&position).await {
                Ok(()) => {
                    self.held.settled.note(position);
                    self.held.refusing.end();
                    return Ok(());
                }
                // It lost something; or it was recovered, and then all that is held here was added to it.
                Err(AppendLogError::Moved { .. }) => {
                    let met = self.meet().await;
                    if let Err(fault) = &met
                        && fault.is_loss()
                    {
                        self.held.note(Err(fault));
                    }
                    met?;
                }
                Err(AppendLogError::Fault(fault)) if fault.leaves_in_doubt() && in_doubt < ASKED_AGAIN => {
                    in_doubt += 1;
                }
                Err(AppendLogError::Fault(fault)) => {
                    self.held.refusing.note(&fault);
                    return Err(fault.into());
                }
            }
        }
        Err(StoreFault::Busy.into())
    }
}
