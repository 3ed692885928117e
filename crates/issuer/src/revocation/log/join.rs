//! The log was recovered without this process: it goes over to the new one, and adds what only it remembers.

use super::rows::Rows;
use super::{Shared, writer};
use crate::revocation::LogFault;
use crate::store::AppendLogError;
use chancery_revocation::{Entry, Kill, Log, Loss, Position};
use std::collections::HashSet;

/// How often the new log is read again because others append to it.
const ATTEMPTS: usize = 8;

/// What is remembered of a log.
#[derive(Clone, Copy)]
pub(super) enum Knowledge<'l> {
    /// All that led to where it ended.
    All(&'l Log),
    /// Some of it, or nothing.
    Some(Option<&'l Log>),
}

impl<'l> Knowledge<'l> {
    const fn log(self) -> Option<&'l Log> {
        match self {
            Self::All(log) => Some(log),
            Self::Some(log) => log,
        }
    }
}

/// Whether everybody is revoked whose token was issued where `known` was the place.
fn ends_everything_at(log: &Log, known: &Position) -> bool {
    let everything = |entry: &Entry| matches!(entry.kill, Kill::All { .. });
    log.kept().entries().iter().any(|entry| everything(entry) && entry.sequence > known.sequence)
}

impl Shared {
    /// While it runs, with all that is held.
    pub(super) async fn join(&self, loss: Loss) -> Result<(), LogFault> {
        let ours = self.held.log();
        self.join_knowing(ours.position(), Knowledge::All(&ours), loss).await
    }

    /// Goes over to the log of the store, if it was recovered: it has another name than the first, and begins above
    /// all that was known. `knowledge` is what is remembered of the one that ended at `known`. Only when the store has
    /// all of it is the new log taken into use.
    ///
    /// Whoever does not remember all that led there can add no more than that. It is enough where the recovery revoked
    /// everything, and is a loss elsewhere.
    pub(super) async fn join_knowing(
        &self,
        known: &Position,
        knowledge: Knowledge<'_>,
        loss: Loss,
    ) -> Result<(), LogFault> {
        for _ in 0..ATTEMPTS {
            let (mut log, stored) = self.whole().await?;
            let is_ours = self.store.identity().await?.is_some_and(|identity| identity.log == self.first_log);
            let is_later = log.position().log != self.first_log && log.start() > known.sequence;
            let is_recovered = is_ours && is_later;
            if !is_recovered {
                return Err(LogFault::Lost(loss));
            }
            if matches!(knowledge, Knowledge::Some(_)) && !ends_everything_at(&log, known) {
                tracing::error!(
                    target: "chancery::revocation", log = %known.log, sequence = %known.sequence,
                    "the revocation log was recovered without this issuer, and what lies beside its journal is not all \
                     that it knew: recover once more, with --journal naming this one"
                );
                return Err(LogFault::Lost(loss));
            }
            let mut rows = Rows::of(&stored, self.held.confirmed_at());
            let owed = knowledge.log().map(|ours| self.owed(ours, &log)).unwrap_or_default();
            if self.pay(&mut log, &mut rows, &owed).await? && self.lasts(&log).await? {
                let (from, to, owed) = (known.log, log.position().log, owed.len());
                tracing::warn!(
                    target: "chancery::revocation", %from, %to, owed,
                    "the revocation log was recovered; this issuer goes on with it, and added what was owed"
                );
                self.adopt(log, rows);
                return Ok(());
            }
        }
        Err(LogFault::Lost(loss))
    }

    /// What `ours` ends and `theirs` does not. Where there is no room for all of it, everything is revoked instead.
    fn owed(&self, ours: &Log, theirs: &Log) -> Vec<Kill> {
        let mut owed = ours.published().missing_from(theirs.published());
        let known: HashSet<Kill> = owed.iter().copied().collect();
        let kept = ours.kept().missing_from(theirs.kept()).into_iter();
        owed.extend(kept.filter(|kill| !known.contains(kill)));
        if theirs.append(&owed).is_err() {
            owed.retain(|kill| !matches!(kill, Kill::Token { .. } | Kill::Family { .. }));
            owed.push(Kill::all(self.settings.retention.family_end(self.held.confirmed_at())));
        }
        owed
    }

    /// Makes sure that the store keeps `log`: rows that are found in it may be those of an attempt that no replica took.
    /// `false`: it is another one by now.
    async fn lasts(&self, log: &Log) -> Result<bool, LogFault> {
        match self.store.settle_log(log.position()).await {
            Ok(()) => Ok(true),
            Err(AppendLogError::Moved { .. }) => Ok(false),
            Err(AppendLogError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Appends `owed` to `log` in the store. `false`: others were faster, and what is owed is to be looked at again.
    async fn pay(&self, log: &mut Log, rows: &mut Rows, owed: &[Kill]) -> Result<bool, LogFault> {
        for some in owed.chunks(writer::MOST) {
            let Ok((next, batch)) = log.append(some) else { return Ok(false) };
            match self.store.append_log(&batch).await {
                Ok(()) => {
                    rows.follow_chained(&batch.entries);
                    *log = next;
                }
                Err(AppendLogError::Moved { .. }) => return Ok(false),
                Err(AppendLogError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Ok(true)
    }
}
