//! What a process holds of the log, for whoever asks: nothing here waits.

use super::clock::ClockWatch;
use super::refusing::Refusing;
use super::settle::Settled;
use super::{Figures, LogState};
use crate::revocation::{Blind, LogFault, SKEW};
use arc_swap::{ArcSwap, ArcSwapOption};
use chancery_revocation::{Entry, Log, Moment, Position, Sequence};
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
    confirmed: ArcSwap<Confirmed>,
    pub(super) clock: ClockWatch,
    fault: ArcSwapOption<LogFault>,
    before_applied: BeforeApplied,
    news: watch::Sender<Position>,
    pub(super) settled: Settled,
    pub(super) refusing: Refusing,
    pub(in crate::revocation) figures: Figures,
}

/// When the end of the store's log was last seen.
#[derive(Clone, Copy, Debug)]
struct Confirmed {
    /// By the wall clock.
    at: UnixTime,
    /// By the clock that never goes back; `None` until the first look after it was opened.
    monotonic: Option<Duration>,
}

impl Confirmed {
    /// Its age: the larger of what either clock says. A wall clock that was set back makes nothing younger.
    fn age(&self, now: Moment) -> Duration {
        now.wall.since(self.at).max(self.passed(now).unwrap_or_default())
    }

    /// What has passed since. `None` where it is not known, or another look was later.
    fn passed(&self, now: Moment) -> Option<Duration> {
        now.monotonic.checked_sub(self.monotonic?)
    }
}

impl Held {
    pub(super) fn new(log: Log, now: UnixTime, before_applied: BeforeApplied) -> Self {
        let position = *log.position();
        Self {
            log: ArcSwap::from_pointee(log),
            applied: AtomicU64::new(position.sequence.get()),
            confirmed: ArcSwap::from_pointee(Confirmed { at: now, monotonic: None }),
            clock: ClockWatch::default(),
            fault: ArcSwapOption::empty(),
            before_applied,
            news: watch::Sender::new(position),
            settled: Settled::default(),
            refusing: Refusing::default(),
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
        self.confirmed.load().at
    }

    pub(super) fn may_issue(&self, now: Moment, max_blind: Duration) -> Result<Sequence, Blind> {
        let confirmed = self.confirmed.load();
        if confirmed.age(now) > max_blind {
            Err(Blind { confirmed_at: confirmed.at })
        } else {
            Ok(self.applied())
        }
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

    /// Says that the end of the log was seen. One look at a time; one that began before another that confirmed changes
    /// nothing.
    pub(super) fn confirm(&self, now: Moment) {
        let known = self.confirmed.load();
        if known.monotonic.is_none_or(|known| known <= now.monotonic) {
            // What moves the floor moves in seconds.
            if known.at != now.wall {
                self.refresh(Log::clone(&self.log()).confirm(now.wall));
            }
            self.confirmed.store(Arc::new(Confirmed { at: now.wall, monotonic: Some(now.monotonic) }));
        }
    }

    /// Where the wall clock was set back, what was confirmed is said by what it shows now: no document is signed whose
    /// `iat` is yet to come.
    pub(super) fn follow_back(&self, now: Moment) {
        let known = self.confirmed.load();
        let is_late = known.monotonic.is_some_and(|known| now.monotonic < known);
        if known.at <= now.wall || is_late {
            return;
        }
        let by = known.at.since(now.wall);
        if by > SKEW {
            tracing::warn!(
                target: "chancery::revocation", reason = "clock_set_back", by = by.as_secs(), now = %now.wall,
                "this machine's clock was set back; verifiers count the age of documents from what it said before"
            );
        }
        let at = now.wall.minus(known.passed(now).unwrap_or_default());
        self.confirmed.store(Arc::new(Confirmed { at, ..**known }));
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

    pub(super) fn state(&self, now: Moment, max_blind: Duration) -> LogState {
        match self.fault.load_full() {
            Some(fault) if fault.is_loss() => LogState::Lost { fault },
            Some(fault) => LogState::Unconfirmed { fault: Some(fault) },
            None if self.may_issue(now, max_blind).is_err() => LogState::Unconfirmed { fault: None },
            None => self.refusing.fault().map_or(LogState::Following, |fault| LogState::Refusing { fault }),
        }
    }
}
