//! One writer. What is asked for while it writes is written together after.

use super::held::Applying;
use super::{Appended, Shared};
use crate::revocation::{AppendFault, LogFault};
use crate::store::AppendLogError;
use chancery_revocation::{Batch, Entry, Kill, Passage, Position};
use std::sync::{Arc, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Entries in one write: some 100 KB, of which a store's other writers wait for no more than a moment.
pub(super) const MOST: usize = 4096;
/// How often an append is tried anew when others append at the same time.
const ATTEMPTS: usize = 64;
/// How often it is sent again when no answer came.
const SENT_AGAIN: usize = 3;

/// What one caller wants.
pub(super) struct Request {
    pub(super) kills: Vec<Kill>,
    pub(super) answer: oneshot::Sender<Result<Appended, AppendFault>>,
}

/// Writes until nobody can ask any more.
pub(super) async fn run(shared: Arc<Shared>, mut queue: mpsc::Receiver<Request>) {
    let mut next = None;
    loop {
        let Some(first) = (match next.take() {
            Some(request) => Some(request),
            None => queue.recv().await,
        }) else {
            return;
        };
        let mut size = first.kills.len();
        let mut together = vec![first];
        while let Ok(request) = queue.try_recv() {
            if size + request.kills.len() > MOST {
                next = Some(request);
                break;
            }
            size += request.kills.len();
            together.push(request);
        }
        shared.write(together).await;
    }
}

impl Shared {
    async fn write(&self, requests: Vec<Request>) {
        let kills: Vec<Kill> = requests.iter().flat_map(|request| &request.kills).copied().collect();
        match self.append(&kills).await {
            Ok(batch) => tell(requests, &batch),
            // Of those who ask for more than there is room for, others are not to suffer.
            Err(AppendFault::Full(_)) if requests.len() > 1 => {
                for request in requests {
                    let appended = self.append(&request.kills).await;
                    let appended = appended.map(|batch| part(&batch, 0, request.kills.len()));
                    // Who went away wants no answer.
                    let _ = request.answer.send(appended);
                }
            }
            Err(fault) => {
                for request in requests {
                    let _ = request.answer.send(Err(fault.clone()));
                }
            }
        }
    }

    async fn append(&self, kills: &[Kill]) -> Result<Batch, AppendFault> {
        let _gate = self.gate.lock().await;
        if let Some(loss) = self.held.loss() {
            return Err(loss.into());
        }
        self.begin_appending().await;
        let appended = self.compare_and_append(kills).await;
        self.end_appending();
        if let Err(AppendFault::Log(fault)) = &appended
            && fault.is_loss()
        {
            self.held.note(Err(fault));
        }
        appended
    }

    async fn compare_and_append(&self, kills: &[Kill]) -> Result<Batch, AppendFault> {
        let mut in_doubt = 0;
        // A kill by name is meant for all that was issued until it was asked for. Only from a place that was seen since
        // does it count for that: an entry of another issuer may be the same byte for byte, at the same place, and
        // older than what it issued since.
        if kills.iter().any(is_by_name) {
            self.meet().await?;
        }
        for _ in 0..ATTEMPTS {
            // While nothing else was appended this makes the same batch each time, so that one which was sent twice is
            // written once.
            let (log, batch) = self.held.log().append(kills)?;
            match self.store.append_log(&batch).await {
                Ok(()) => {
                    self.rows.lock().unwrap_or_else(PoisonError::into_inner).follow_chained(&batch.entries);
                    let entries: Vec<Entry> = batch.entries.iter().map(|(entry, _)| *entry).collect();
                    self.held.apply(log, Applying::Entries(&entries));
                    self.held.figures.appended(entries.len());
                    return Ok(batch);
                }
                Err(AppendLogError::Moved { .. }) => {}
                Err(AppendLogError::Fault(fault)) if fault.leaves_in_doubt() && in_doubt < SENT_AGAIN => {
                    in_doubt += 1;
                }
                Err(AppendLogError::Fault(fault)) => return Err(LogFault::Store(fault).into()),
            }
            self.meet().await?;
            // It may have been written when no answer came: then its place says so.
            if self.held.log().went_through(&batch.to) == Passage::Yes {
                self.held.figures.appended(batch.entries.len());
                return Ok(batch);
            }
        }
        Err(AppendFault::Contended)
    }
}

/// Whether it ends what was issued before it, and nothing else.
const fn is_by_name(kill: &Kill) -> bool {
    match kill {
        Kill::Client { .. } | Kill::Tenant { .. } | Kill::Subject { .. } | Kill::All { .. } => true,
        Kill::Token { .. } | Kill::Family { .. } | Kill::Key { .. } => false,
    }
}

/// Gives each its part.
fn tell(requests: Vec<Request>, batch: &Batch) {
    let mut from = 0;
    for request in requests {
        let count = request.kills.len();
        // Who went away wants no answer.
        let _ = request.answer.send(Ok(part(batch, from, count)));
        from += count;
    }
}

fn part(batch: &Batch, from: usize, count: usize) -> Appended {
    let entries = batch.entries.get(from..from + count).unwrap_or_default();
    let at = entries.last().map_or(batch.from, |(entry, head)| Position {
        sequence: entry.sequence,
        head: *head,
        ..batch.from
    });
    Appended { entries: entries.iter().map(|(entry, _)| *entry).collect(), at }
}
