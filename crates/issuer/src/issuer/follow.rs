//! Keeping up with the other processes that write the same store: the command line, other issuers.

use super::Issuer;
use crate::keyring::KeyringFault;
use crate::revocation::{LogFault, LogState};
use crate::store::{ChangeCounter, StoreFault};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior};

/// A change is seen by every process within this time.
pub(super) const EVERY: Duration = Duration::from_millis(250);

/// The keyring is read again at least this often, changed or not, so that it is known how old our view of it is.
const CONFIRM_KEYS_EVERY: Duration = Duration::from_secs(30);

/// What is known of the revocation log is written down at least this often while it grows.
const WRITE_DOWN_EVERY: Duration = Duration::from_secs(1);

/// A store that would not keep what it is given is asked this often whether it was mended.
const PROVE_AGAIN_EVERY: Duration = Duration::from_secs(1);

/// Any other one is asked once in so many times: every half minute, also when nothing is revoked.
const PROVE_ONCE_IN: u32 = 30;

/// The rows of the log that nobody needs any more go this often.
const TRIM_EVERY: Duration = Duration::from_mins(1);

/// Why what changed is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The keyring changed, and the new one cannot be used. The old one stays.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
}

impl Issuer {
    /// Looks for changes once, and takes them over: changed clients and keys are read again. What cannot be read
    /// now is looked for again the next time.
    pub async fn catch_up(&self) -> Result<(), FollowFault> {
        let caught_up = self.take_over_changes().await;
        self.is_behind.store(caught_up.is_err(), Ordering::Relaxed);
        caught_up
    }

    async fn take_over_changes(&self) -> Result<(), FollowFault> {
        let since = ChangeCounter(self.seen.load(Ordering::SeqCst));
        let changes = self.store.changes(since).await.inspect_err(|_| self.metrics.store_fault())?;
        self.clients.forget(&changes.clients);
        let now = self.clock.now();
        let confirmed_at = self.keyring.confirmed_at();
        // Where it lies ahead, the clock was set back, and nobody knows by it how old our view is.
        let is_due = now.since(confirmed_at) >= CONFIRM_KEYS_EVERY || now < confirmed_at;
        if changes.keyring || is_due {
            self.keyring.reload(&*self.store, now).await?;
        }
        // Also when it is lower: the store went back, to a backup. Whoever held on to the higher number would miss
        // the change that reaches it again.
        self.seen.store(changes.counter.0, Ordering::SeqCst);
        Ok(())
    }

    /// Catches up with the store, and with the revocation log, for as long as it is polled.
    pub async fn follow(&self) {
        let log = async {
            tokio::join!(self.follow_log(), self.write_log_down(), self.trim_log(), self.prove_log())
        };
        tokio::join!(self.follow_changes(), self.agree_on_keys(), self.sweep_families(), log);
    }

    /// A fault is told by the log: when it begins and when it is over.
    async fn follow_log(&self) {
        let mut ticks = every(EVERY);
        loop {
            ticks.tick().await;
            let looked = self.revocation_log.look(self.moment()).await;
            if matches!(looked, Err(LogFault::Store(_))) {
                self.metrics.store_fault();
            }
        }
    }

    async fn write_log_down(&self) {
        let mut ticks = every(WRITE_DOWN_EVERY);
        let mut failing = false;
        loop {
            ticks.tick().await;
            let written = self.revocation_log.write_down().await;
            if let Err(fault) = &written
                && !failing
            {
                let reason = fault.reason();
                tracing::error!(target: "chancery::revocation", reason, %fault, "the journal is not written");
            }
            failing = written.is_err();
        }
    }

    async fn trim_log(&self) {
        let mut ticks = every(TRIM_EVERY);
        // The first tick comes at once, and nothing has grown old yet.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            if let Err(fault) = self.revocation_log.trim(self.moment()).await
                && !fault.is_loss()
            {
                let reason = fault.reason();
                tracing::warn!(target: "chancery::revocation", reason, %fault, "old entries stay for now");
            }
        }
    }

    /// Whoever revokes something is not to be the first who learns that the store would not keep it. What there is to
    /// tell is told by the log.
    async fn prove_log(&self) {
        let (mut ticks, mut passed) = (every(PROVE_AGAIN_EVERY), 0);
        // The first tick comes at once, and the store was asked when it was opened.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            passed += 1;
            let is_due = match self.revocation_log.state(self.moment()) {
                LogState::Following => passed >= PROVE_ONCE_IN,
                LogState::Refusing { .. } => true,
                // One that does not answer is asked by others often enough.
                LogState::Unconfirmed { .. } | LogState::Lost { .. } => false,
            };
            if is_due {
                passed = 0;
                let _ = self.revocation_log.settle_all().await;
            }
        }
    }

    /// A fault is told when it begins and when it is over.
    async fn follow_changes(&self) {
        let mut ticks = every(EVERY);
        let mut failing: Option<FollowFault> = None;
        loop {
            ticks.tick().await;
            match (self.catch_up().await, &failing) {
                (Ok(()), None) => {}
                (Ok(()), Some(_)) => {
                    failing = None;
                    tracing::info!(target: "chancery::store", "the store answers again");
                }
                (Err(fault), Some(known)) if fault == *known => {}
                (Err(fault), _) => {
                    tracing::error!(target: "chancery::store", %fault, "changes cannot be read; known clients and keys stay in use");
                    failing = Some(fault);
                }
            }
        }
    }
}

pub(super) fn every(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
