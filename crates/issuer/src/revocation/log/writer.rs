//! One writer. What is asked for while it writes is written together after.

use super::held::Applying;
use super::{Appended, Shared};
use crate::revocation::{AppendFault, LogFault};
use crate::store::AppendLogError;
use chancery_revocation::{Batch, Entry, Kill, Passage, Position};
use std::collections::HashMap;
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
        // Whoever was answered just now may have more to ask for, and is given the time to say so.
        tokio::task::yield_now().await;
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
        let wanted = Wanted::of(&requests);
        match self.append(&wanted.kills).await {
            Ok(batch) => {
                for (request, places) in requests.into_iter().zip(&wanted.places) {
                    // Who went away wants no answer.
                    let _ = request.answer.send(Ok(part(places, &batch)));
                }
            }
            // Of those who ask for more than there is room for, others are not to suffer.
            Err(AppendFault::Full(_)) if requests.len() > 1 => {
                for request in requests {
                    let wanted = Wanted::of(std::slice::from_ref(&request));
                    let appended = self.append(&wanted.kills).await;
                    let places = wanted.places.first().map_or(&[][..], Vec::as_slice);
                    let _ = request.answer.send(appended.map(|batch| part(places, &batch)));
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
        if let Some(loss) = self.held.loss() {
            return Err(loss.into());
        }
        // The disk may let wait for itself, and nobody else waits with it.
        self.begin_appending().await;
        let gate = self.gate.lock().await;
        let appended = match self.held.loss() {
            Some(loss) => Err(loss.into()),
            None => self.compare_and_append(kills).await,
        };
        drop(gate);
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
            let held = self.held.log();
            let plan = held.plan(kills)?;
            let batch = plan.batch();
            // While the store writes there is time to work out what will be so. It is asked first: a task that works keeps
            // others of its thread from sending what is to be sent.
            let worked_out = async {
                tokio::task::yield_now().await;
                plan.done()
            };
            let (done, log) = tokio::join!(self.store.append_log(batch), worked_out);
            match done {
                Ok(()) => {
                    self.rows.lock().unwrap_or_else(PoisonError::into_inner).follow_chained(&batch.entries);
                    let entries: Vec<Entry> = batch.entries.iter().map(|(entry, _)| *entry).collect();
                    self.held.apply(log, Applying::Entries(&entries));
                    self.held.settled.note(batch.to);
                    self.held.refusing.end();
                    self.held.figures.appended(entries.len());
                    return Ok(plan.into_batch());
                }
                Err(AppendLogError::Moved { .. }) => {}
                Err(AppendLogError::Fault(fault)) if fault.leaves_in_doubt() && in_doubt < SENT_AGAIN => {
                    in_doubt += 1;
                }
                Err(AppendLogError::Fault(fault)) => {
                    self.held.refusing.note(&fault);
                    return Err(LogFault::Store(fault).into());
                }
            }
            self.meet().await?;
            // It may have been written when no answer came: then its place says so, and not yet that it lasts.
            if self.held.log().went_through(&batch.to) == Passage::Yes {
                self.settle_all().await?;
                self.held.figures.appended(batch.entries.len());
                return Ok(plan.into_batch());
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

/// What several callers want, each entry once: whatever a kill ends that was asked for before the entry is written, its
/// entry ends for everybody who asked.
struct Wanted {
    kills: Vec<Kill>,
    /// For each request, where in `kills` each of its own stands.
    places: Vec<Vec<usize>>,
}

impl Wanted {
    fn of(requests: &[Request]) -> Self {
        let (mut kills, mut known) =
            (Vec::with_capacity(requests.len()), HashMap::with_capacity(requests.len()));
        let mut place = |kill: &Kill| {
            *known.entry(*kill).or_insert_with(|| {
                kills.push(*kill);
                kills.len() - 1
            })
        };
        let places = requests.iter().map(|request| request.kills.iter().map(&mut place).collect()).collect();
        Self { kills, places }
    }
}

/// What a request whose kills stand at `places` gets of the batch: an entry for each of them.
fn part(places: &[usize], batch: &Batch) -> Appended {
    let own = || places.iter().filter_map(|place| batch.entries.get(*place));
    let last = own().max_by_key(|(entry, _)| entry.sequence);
    let at = last.map_or(batch.from, |(entry, head)| Position {
        sequence: entry.sequence,
        head: *head,
        ..batch.from
    });
    Appended { entries: own().map(|(entry, _)| *entry).collect(), at }
}
