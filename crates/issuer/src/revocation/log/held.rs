//! What a process holds of the log, for whoever asks: nothing here waits.

use super::{Figures, LogState};
use crate::revocation::{Blind, LogFault};
use arc_swap::{ArcSwap, ArcSwapOption};
use chancery_revocation::{Entry, Log, Position, Sequence};
use chancery_token::UnixTime;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// What is about to be applied.
#[derive(Clone, Copy, Debug)]
pub enum Applying<'e> {
    /// These entries.
    Entries(&'e [Entry]),
    /// A log of which not every entry is known one by one: anybody may be ended by it.
    Everything,
}

/// Sees what is applied before the sequence advances past it: clients that it ends must not be used any more as they
/// were read before.
pub type BeforeApplied = Box<dyn Fn(Applying<'_>) + Send + Sync>;

pub(in crate::revocation) struct Held {
    log: ArcSwap<Log>,
    /// The sequence of `log`, so that a token costs no more than a look at a number.
    applied: AtomicU64,
    confirmed: AtomicU64,
    fault: ArcSwapOption<LogFault>,
    before_applied: BeforeApplied,
    news: watch::Sender<Position>,
    pub(in crate::revocation) figures: Figures,
}

impl Held {
    pub(super) fn new(log: Log, now: UnixTime, before_applied: BeforeApplied) -> Self {
        let position = *log.position();
        Self {
            log: ArcSwap::from_pointee(log),
            applied: AtomicU64::new(position.sequence.get()),
            confirmed: AtomicU64::new(now.as_secs()),
            fault: ArcSwapOption::empty(),
            before_applied,
            news: watch::Sender::new(position),
            figures: Figures::default(),
        }
    }

    pub(in crate::revocation) fn log(&self) -> Arc<Log> {
        self.log.load_full()
    }

    pub(super) fn applied(&self) -> Sequence {
        Sequence::new(self.applied.load(Ordering::Acquire))
    }

    pub(super) fn confirmed_at(&self) -> UnixTime {
        UnixTime::from_secs(self.confirmed.load(Ordering::Acquire))
    }

    pub(super) fn may_issue(&self, now: UnixTime, max_blind: Duration) -> Result<Sequence, Blind> {
        let confirmed_at = self.confirmed_at();
        if now.since(confirmed_at) > max_blind { Err(Blind { confirmed_at }) } else { Ok(self.applied()) }
    }

    pub(super) fn news(&self) -> watch::Receiver<Position> {
        self.news.subscribe()
    }

    /// Takes `log` into use. Whatever it ends is evicted first: a token that bears the new sequence was decided upon
    /// records that were read since.
    pub(in crate::revocation) fn apply(&self, log: Log, what: Applying<'_>) {
        (self.before_applied)(what);
        let position = *log.position();
        self.log.store(Arc::new(log));
        self.applied.store(position.sequence.get(), Ordering::Release);
        self.news.send_replace(position);
    }

    /// As [`Held::apply`], where the place is the same.
    pub(super) fn refresh(&self, log: Log) {
        debug_assert_eq!(log.position().sequence, self.applied(), "nothing was applied");
        self.log.store(Arc::new(log));
    }

    pub(super) fn confirm(&self, now: UnixTime) {
        self.confirmed.fetch_max(now.as_secs(), Ordering::AcqRel);
    }

    /// Why the log is lost, if it is.
    pub(in crate::revocation) fn loss(&self) -> Option<LogFault> {
        self.fault.load().as_deref().filter(|fault| fault.is_loss()).cloned()
    }

    /// Remembers how a look at the store's log ended. What is new is told.
    pub(super) fn note(&self, looked: Result<(), &LogFault>) {
        let known = self.fault.load_full();
        match (looked, known.as_deref()) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => {
                self.fault.store(None);
                tracing::info!(target: "chancery::revocation", "the revocation log is followed again");
            }
            (Err(fault), Some(known)) if fault == known => {}
            (Err(fault), _) => {
                if fault.is_loss() && known.is_none_or(|known| !known.is_loss()) {
                    self.figures.lost();
                }
                let reason = fault.reason();
                tracing::error!(target: "chancery::revocation", reason, %fault, "the revocation log cannot be followed");
                self.fault.store(Some(Arc::new(fault.clone())));
            }
        }
    }

    pub(super) fn state(&self, now: UnixTime, max_blind: Duration) -> LogState {
        match self.fault.load_full() {
            Some(fault) if fault.is_loss() => LogState::Lost { fault },
            Some(fault) => LogState::Unconfirmed { fault: Some(fault) },
            None if self.may_issue(now, max_blind).is_err() => LogState::Unconfirmed { fault: None },
            None => LogState::Following,
        }
    }
}
