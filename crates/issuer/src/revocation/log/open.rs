//! A process takes the log of its store into use; the first one begins it.

use super::clock::compare_with_marks;
use super::held::{BeforeApplied, Held};
use super::join::Knowledge;
use super::rows::Rows;
use super::{RevocationLog, Shared, writer};
use crate::revocation::journal::Journal;
use crate::revocation::{Journaling, LogFault, LogSettings};
use crate::store::{AppendLogError, Identity, Store};
use chancery_revocation::{Log, Passage, Sequence, Stored};
use chancery_token::UnixTime;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// Requests that wait for the writer; more wait at the door.
const QUEUE: usize = 1024;

impl RevocationLog {
    /// Refuses a store that nobody owns where this process has written down that somebody did: it was emptied, and
    /// would be given a new owner. Asked before [`Identity::establish`].
    pub async fn expect_owned(store: &dyn Store, settings: &LogSettings) -> Result<(), LogFault> {
        let Some(journal) = settings.journal.path().cloned().map(Journal::open).transpose()? else {
            return Ok(());
        };
        if journal.position().is_some() && store.identity().await?.is_none() {
            return Err(since(settings, Some(&journal), LogFault::Gone));
        }
        Ok(())
    }

    /// Takes the log of `store` into use; begins it where there never was one. One that is not what this process wrote
    /// down of it, before it was stopped, is refused: it lost entries. A log that was recovered meanwhile is joined.
    pub async fn open(
        store: Arc<dyn Store>,
        identity: &Identity,
        settings: LogSettings,
        now: UnixTime,
        before_applied: BeforeApplied,
    ) -> Result<Arc<Self>, LogFault> {
        let keep = |path: &PathBuf| Journal::keep(path.clone(), &identity.issuer);
        let journal = settings.journal.path().map(keep).transpose()?.map(Arc::new);
        let stored = match store.log().await? {
            Some(stored) => stored,
            None if journal.as_ref().is_some_and(|journal| journal.position().is_some()) => {
                return Err(since(&settings, journal.as_deref(), LogFault::Gone));
            }
            None => begin(&*store, identity, &settings, now).await?,
        };
        let rows = Rows::of(&stored, now);
        let log = Log::resume(stored, settings.retention).map_err(LogFault::Damaged)?;
        let noted = journal.as_ref().and_then(|journal| journal.position());
        let passage = noted.map_or(Passage::Yes, |noted| log.went_through(&noted));
        let (first_log, gate) = (identity.log, tokio::sync::Mutex::default());
        if matches!(settings.journal, Journaling::Within(_)) {
            compare_with_marks(&log, now);
        }
        let held = Held::new(log.confirm(now), now, before_applied);
        let shared = Shared { store, first_log, settings, held, rows: Mutex::new(rows), journal, gate };
        if let (Passage::Lost(loss), Some(noted), Some(journal)) = (passage, noted, &shared.journal) {
            let known = journal.knowledge(shared.settings.retention);
            let reaches = |log: &&Log| matches!(log.went_through(&noted), Passage::Yes | Passage::Forgotten);
            let knowledge = match known.as_ref().filter(reaches) {
                Some(all) if !journal.is_cut_off() => Knowledge::All(all),
                _ => Knowledge::Some(known.as_ref()),
            };
            let joined = shared.join_knowing(&noted, knowledge, loss).await;
            joined.map_err(|fault| since(&shared.settings, Some(journal), fault))?;
        }
        let shared = Arc::new(shared);
        // A command that only looks writes nothing.
        if matches!(shared.settings.journal, Journaling::Within(_)) {
            shared.in_journal(Journal::start).await?;
            shared.write_down().await?;
        }
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(writer::run(Arc::clone(&shared), waiting));
        Ok(Arc::new(Self { shared, queue }))
    }
}

/// A loss that nobody saw happen.
fn since(settings: &LogSettings, journal: Option<&Journal>, fault: LogFault) -> LogFault {
    match settings.journal.path() {
        Some(path) if fault.is_loss() => {
            let (reason, detail) = (fault.reason(), fault.to_string());
            let of = journal.and_then(Journal::is_of).unwrap_or_default();
            LogFault::LostSince { reason, detail, journal: path.clone(), of }
        }
        _ => fault,
    }
}

/// A store remembers the first log that began in it, and begins none under that name again: without its log it lost it.
async fn begin(
    store: &dyn Store,
    identity: &Identity,
    settings: &LogSettings,
    now: UnixTime,
) -> Result<Stored, LogFault> {
    // Tokens that were issued before there was a log bear its start; a clock that was set back must not begin below it.
    let known = (Sequence::start(None, now) < identity.log_start).then_some(identity.log_start);
    let log = Log::begin(identity.log, known, now, settings.retention).confirm(now);
    let tail = *log.position();
    let stored = Stored {
        start: log.start(),
        floor: log.floor(),
        anchor: (tail.sequence, tail.head),
        loose: Vec::new(),
        since: Vec::new(),
        tail,
        marks: log.marks().collect(),
    };
    match store.begin_log(None, &stored).await {
        Ok(()) => Ok(stored),
        // Another process was faster, or there was a log.
        Err(AppendLogError::Moved { .. }) => store.log().await?.ok_or(LogFault::Gone),
        Err(AppendLogError::Fault(fault)) => Err(fault.into()),
    }
}
