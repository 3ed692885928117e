//! What can end nothing any more goes, from the store and from memory.

use super::Shared;
use super::rows::Rows;
use crate::revocation::LogFault;
use crate::store::Trim;
use chancery_revocation::{Entry, Head, Log, Moment, Retention, Sequence};
use chancery_token::UnixTime;
use std::sync::PoisonError;
use std::time::Duration;

/// Entries live for months; what one issuer let stand and never came back for goes by another.
const READ_ANEW_EVERY: Duration = Duration::from_hours(24);
/// Rows that are read, or dropped, at once.
const ROWS: usize = 4096;

impl Shared {
    /// Drops what is not needed at `now`, and has the store keep the floor and the times that it rests on.
    pub(super) async fn trim(&self, now: Moment) -> Result<(), LogFault> {
        self.held.clock.believes(now)?;
        let now = now.wall;
        // What is not ours is not cut.
        if let Some(loss) = self.held.loss() {
            return Err(loss);
        }
        let log = self.held.log();
        self.read_anew(now).await?;
        let (anchor, loose, next) = {
            let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
            (rows.anchor, rows.loose.clone(), rows.end_before(log.prunable_to()))
        };
        let mut rows = loose;
        if let Some((to, _)) = next {
            rows.extend(self.rows_up_to(anchor.0, to).await?);
        }
        let anchor = next.unwrap_or(anchor);
        // Whoever is ended again and again is ended by the last time.
        let is_needed = |entry: &Entry| Retention::keeps(entry, anchor.0, now) && !log.covers(entry);
        let (kept, drop): (Vec<Entry>, Vec<Entry>) = rows.into_iter().partition(is_needed);
        self.let_go(&log, anchor, drop).await?;

        let _gate = self.gate.lock().await;
        let held = self.held.log();
        // Another log may have taken its place meanwhile; its rows are not these.
        if held.position().log == log.position().log {
            self.rows.lock().unwrap_or_else(PoisonError::into_inner).anchored(anchor, kept);
            self.held.refresh(Log::clone(&held).prune(now));
        }
        Ok(())
    }

    /// Learns once a day what other issuers let stand.
    async fn read_anew(&self, now: UnixTime) -> Result<(), LogFault> {
        let read_at = self.rows.lock().unwrap_or_else(PoisonError::into_inner).read_at;
        // A clock that was set back is no reason to wait for what it said before.
        if now.since(read_at) >= READ_ANEW_EVERY || now < read_at {
            let _gate = self.gate.lock().await;
            let stored = self.store.log().await?.ok_or(LogFault::Gone)?;
            if stored.tail.log == self.held.log().position().log {
                *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = Rows::of(&stored, now);
            }
        }
        Ok(())
    }

    async fn let_go(&self, log: &Log, anchor: (Sequence, Head), drop: Vec<Entry>) -> Result<(), LogFault> {
        let mut pieces = drop.chunks(ROWS);
        let first = pieces.next().unwrap_or_default();
        for piece in std::iter::once(first).chain(pieces) {
            let (floor, marks) = (log.floor(), log.marks().collect());
            let trim = Trim { anchor, drop: piece.to_vec(), floor, marks };
            self.store.trim_log(log.position(), &trim).await?;
        }
        Ok(())
    }

    /// The rows after `after` that are still there, up to `to`.
    async fn rows_up_to(&self, after: Sequence, to: Sequence) -> Result<Vec<Entry>, LogFault> {
        let mut rows = Vec::new();
        let mut after = after;
        while after < to {
            let page = self.store.log_rows(after, ROWS).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            rows.extend(page.into_iter().filter(|entry| entry.sequence <= to));
        }
        Ok(rows)
    }
}
