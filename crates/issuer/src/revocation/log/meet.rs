//! The store's log and ours meet: it is the same, it went on, or it is another one.

use super::Shared;
use super::held::Applying;
use super::rows::Rows;
use crate::revocation::LogFault;
use crate::store::StoreFault;
use chancery_revocation::{Entry, Log, Loss, Meeting, Moment, Passage, Position, Sequence, Stored};
use std::sync::PoisonError;

/// Rows in one question to the store.
const ROWS: usize = 4096;

impl Shared {
    pub(super) async fn look(&self, now: Moment) -> Result<(), LogFault> {
        let _gate = self.gate.lock().await;
        let looked = self.look_once(now).await;
        self.held.note(looked.as_ref().map(drop));
        looked
    }

    async fn look_once(&self, now: Moment) -> Result<(), LogFault> {
        // Before the store is asked, which may not answer.
        let clock = self.held.clock.watch(now);
        self.held.follow_back(now);
        // What was revoked is applied whatever the clock says.
        self.meet().await?;
        clock?;
        self.held.confirm(now);
        Ok(())
    }

    /// Applies what the store has and we have not. Under the gate.
    pub(super) async fn meet(&self) -> Result<(), LogFault> {
        let held = self.held.log();
        let ours = *held.position();
        let tail = self.store.log_tail().await?.ok_or(LogFault::Gone)?;
        if tail == ours {
            return Ok(());
        }
        let rows =
            if tail.log == ours.log { self.rows_between(ours.sequence, &tail).await? } else { Vec::new() };
        match held.meet(&tail, &rows) {
            Meeting::InStep => Ok(()),
            Meeting::Extended(log) => {
                self.rows.lock().unwrap_or_else(PoisonError::into_inner).follow(ours, &rows);
                self.held.apply(*log, Applying::Entries(&rows));
                Ok(())
            }
            Meeting::Lost(Loss::Forked { .. }) => self.read_again(&ours).await,
            Meeting::Lost(loss @ Loss::AnotherLog { .. }) => self.join(loss).await,
            Meeting::Lost(loss @ Loss::Behind { .. }) => Err(LogFault::Lost(loss)),
        }
    }

    /// Reads the whole log: whoever slept for longer than rows are kept finds some missing that nobody needs.
    async fn read_again(&self, ours: &Position) -> Result<(), LogFault> {
        let (log, stored) = self.whole().await?;
        match log.went_through(ours) {
            Passage::Yes | Passage::Forgotten => {
                self.adopt(log, Rows::of(&stored, self.held.confirmed_at()));
                Ok(())
            }
            Passage::Lost(loss) => Err(LogFault::Lost(loss)),
        }
    }

    /// The store's log, with its rows.
    pub(super) async fn whole(&self) -> Result<(Log, Stored), LogFault> {
        let stored = self.store.log().await?.ok_or(LogFault::Gone)?;
        let log = Log::resume(stored.clone(), self.settings.retention).map_err(LogFault::Damaged)?;
        Ok((log, stored))
    }

    /// Puts another log in the place of ours. Everybody is read again.
    pub(super) fn adopt(&self, log: Log, rows: Rows) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = rows;
        self.held.apply(log, Applying::Everything);
    }

    async fn rows_between(&self, after: Sequence, tail: &Position) -> Result<Vec<Entry>, StoreFault> {
        let mut rows: Vec<Entry> = Vec::new();
        let mut after = after;
        while after < tail.sequence {
            let page = self.store.log_rows(after, ROWS).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            rows.extend(page.into_iter().filter(|entry| entry.sequence <= tail.sequence));
        }
        Ok(rows)
    }
}
