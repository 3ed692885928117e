//! The log as this process holds it.

mod clock;
mod held;
mod join;
mod meet;
mod open;
mod refusing;
mod rows;
mod settle;
mod state;
mod trim;
mod writer;

pub use held::{Applying, BeforeApplied};
pub use state::{Figures, LogState};

use super::journal::Journal;
use super::{AppendFault, Blind, Journaling, LogFault, LogSettings};
use crate::store::Store;
use chancery_revocation::{Entry, Kill, Log, LogId, Moment, Position, Sequence};
use chancery_token::UnixTime;
use held::Held;
use rows::Rows;
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot, watch};
use writer::Request;

/// The revocation log, followed and appended to.
pub struct RevocationLog {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Request>,
}

/// What the writer works with, and everybody else.
struct Shared {
    store: Arc<dyn Store>,
    /// The log that the store began with; any other one was recovered.
    first_log: LogId,
    settings: LogSettings,
    held: Held,
    rows: Mutex<Rows>,
    journal: Option<Arc<Journal>>,
    /// Held by whoever compares the store with what is held, so that each sees what the other did.
    gate: tokio::sync::Mutex<()>,
}

/// Entries that are durable, and applied here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// They, with their sequences.
    pub entries: Vec<Entry>,
    /// Where the log stood after them.
    pub at: Position,
}

impl RevocationLog {
    /// The log as far as it is applied here. What was confirmed when is asked before: [`RevocationLog::confirmed_at`].
    pub fn current(&self) -> Arc<Log> {
        self.shared.held.log()
    }

    /// The sequence that a token decided from now on bears. Read before anything that the decision rests on.
    pub fn applied(&self) -> Sequence {
        self.shared.held.applied()
    }

    /// The sequence, if the end of the log was seen within the time that an issuer may be blind.
    pub fn may_issue(&self, now: Moment) -> Result<Sequence, Blind> {
        self.shared.held.may_issue(now, self.shared.settings.retention.max_blind)
    }

    /// When the end of the store's log was last seen, by the clock of the last look: the `iat` of every document. It may
    /// go back: a clock that was set back has none signed that are from its future. Whoever signs one asks for this
    /// first and for [`RevocationLog::current`] after, so that a document never claims to be younger than it is.
    pub fn confirmed_at(&self) -> UnixTime {
        self.shared.held.confirmed_at()
    }

    /// How it stands with the store's log.
    pub fn state(&self, now: Moment) -> LogState {
        self.shared.held.state(now, self.shared.settings.retention.max_blind)
    }

    /// Tells where the log stands, whenever entries were applied.
    pub fn news(&self) -> watch::Receiver<Position> {
        self.shared.held.news()
    }

    /// What happened since the start.
    pub fn figures(&self) -> &Figures {
        &self.shared.held.figures
    }

    /// Looks at the end of the store's log once, and applies what is new. `now` is from before the look.
    /// Where the wall clock leapt ahead since the last one, nothing is confirmed by it.
    pub async fn look(&self, now: Moment) -> Result<(), LogFault> {
        self.shared.look(now).await
    }

    /// Appends an entry for each of `kills`: durable and applied here when it answers. Many that are asked for at the
    /// same time take one write to the store. Whoever stops waiting may find them appended all the same.
    pub async fn append(&self, kills: &[Kill]) -> Result<Appended, AppendFault> {
        let mut appended =
            Appended { entries: Vec::with_capacity(kills.len()), at: *self.current().position() };
        for some in kills.chunks(writer::MOST) {
            let (answer, answered) = oneshot::channel();
            let stopped = || LogFault::Store(crate::store::StoreFault::Stopped);
            self.queue.send(Request { kills: some.to_vec(), answer }).await.map_err(|_| stopped())?;
            let some = answered.await.map_err(|_| stopped())??;
            appended.entries.extend(some.entries);
            appended.at = some.at;
        }
        if matches!(self.shared.settings.journal, Journaling::BeforeAnswer(_))
            && let Err(fault) = self.shared.write_down().await
        {
            // It is revoked all the same, and nobody is told that it is not.
            let reason = fault.reason();
            tracing::error!(
                target: "chancery::revocation", reason, %fault,
                "the journal does not say what was appended: do not say --all-issuers of it after a loss"
            );
        }
        Ok(appended)
    }

    /// Lets the store drop what nobody needs any more, and does so here. By a clock that leapt ahead nothing is dropped.
    pub async fn trim(&self, now: Moment) -> Result<(), LogFault> {
        self.shared.trim(now).await
    }

    /// Writes down on this machine's own disk how far the log was seen, and what is known of it, if anything is new.
    pub async fn write_down(&self) -> Result<(), LogFault> {
        self.shared.write_down().await
    }
}

impl fmt::Debug for RevocationLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationLog").field("at", self.current().position()).finish_non_exhaustive()
    }
}

impl Shared {
    async fn write_down(self: &Arc<Self>) -> Result<(), LogFault> {
        let position = *self.held.log().position();
        match self.settings.journal {
            Journaling::Never => Ok(()),
            Journaling::Within(_) => {
                let shared = Arc::clone(self);
                self.in_journal(move |journal| {
                    let is_written = journal.position() == Some(position) && !journal.is_open();
                    if is_written { Ok(()) } else { journal.write(|| shared.held.log()) }
                })
                .await
            }
            Journaling::BeforeAnswer(_) => {
                self.in_journal(move |journal| journal.write_place(position)).await
            }
        }
    }

    /// Before anything is appended. A disk of this machine that is full keeps nothing from being revoked: then it is only
    /// not known, after a loss, that nothing is missing.
    async fn begin_appending(&self) {
        if !matches!(self.settings.journal, Journaling::Within(_)) {
            return;
        }
        if let Err(fault) = self.in_journal(Journal::begin_appending).await {
            let reason = fault.reason();
            tracing::error!(
                target: "chancery::revocation", reason, %fault,
                "the journal does not say that something is appended: do not say --all-issuers of it after a loss"
            );
        }
    }

    fn end_appending(&self) {
        if let Some(journal) = &self.journal {
            journal.end_appending();
        }
    }

    /// Where waiting for the disk holds up nobody.
    async fn in_journal(
        &self,
        work: impl FnOnce(&Journal) -> Result<(), LogFault> + Send + 'static,
    ) -> Result<(), LogFault> {
        let Some(journal) = self.journal.clone() else { return Ok(()) };
        let died = |_| LogFault::Store(crate::store::StoreFault::Stopped);
        tokio::task::spawn_blocking(move || work(&journal)).await.map_err(died)?
    }
}
