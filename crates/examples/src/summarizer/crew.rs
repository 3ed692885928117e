use super::reader::{Closed, Reader};
use super::report::{Report, Said};
use super::summary::Summary;
use super::worker::Worker;
use chancery_client::{Delegation, ErrorKind, Place, Session, SessionError};
use chancery_token::{Scope, scope};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;
use url::Url;

/// What a worker may do, whatever the session may that it comes from.
const SCOPE: Scope = scope!("documents:read");
/// How long it is waited after the first attempt to get a session that came to nothing; then twice as long each time.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest of these waits.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Workers that read side by side. Each has a child session of its own: if one is revoked, the others work on, and nobody
/// has to log in for them.
#[derive(Debug)]
pub struct Crew {
    office: Office,
    /// Those of all workers, by their numbers: whatever somebody is busy with can be broken off.
    sessions: BTreeMap<usize, Session>,
    /// Whoever has waited longest is the next.
    idle: VecDeque<Worker>,
    busy: JoinSet<Done>,
    /// Those whose session came to its end, while they get another one.
    hiring: JoinSet<Hired>,
}

/// Where workers get their sessions.
#[derive(Clone, Debug)]
struct Office {
    parent: Session,
    service: Url,
    /// How long the session of a worker lives at most. Then it gets another one.
    ttl: Duration,
}

/// A worker's number, and what came of its next session.
struct Hired {
    number: usize,
    outcome: Result<Worker, SessionError>,
}

/// A worker, the document that it was given, and what came of it.
struct Done {
    worker: Worker,
    document: String,
    outcome: Result<Summary, Closed>,
}

/// No worker is left: each session was ended by somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sessions of all workers are over; find out why before you begin another")]
pub struct AllOver;

impl Crew {
    /// So many workers for `service`, each with a child of `parent`.
    ///
    /// # Errors
    /// The issuer gives no child, or nobody is there. Those that were got are ended, as far as the issuer can be told.
    pub async fn of(
        parent: Session,
        service: Url,
        workers: usize,
        ttl: Duration,
    ) -> Result<Self, SessionError> {
        let office = Office { parent, service, ttl };
        let mut crew = Self {
            office,
            sessions: BTreeMap::new(),
            idle: VecDeque::new(),
            busy: JoinSet::new(),
            hiring: JoinSet::new(),
        };
        for number in 1..=workers {
            match crew.office.hire(number).await {
                Ok(worker) => crew.take(worker),
                Err(why) => {
                    // Why there are not enough matters more than what became of the others.
                    let _ = crew.end().await;
                    return Err(why);
                }
            }
        }
        Ok(crew)
    }

    /// Sums up every document whose number comes, until none comes any more, and reports in the order in which they are
    /// done.
    ///
    /// # Errors
    /// Nobody is left to read.
    pub async fn sum_up(
        &mut self,
        mut documents: Receiver<String>,
        mut report: impl FnMut(&Report),
    ) -> Result<(), AllOver> {
        // What a worker left behind comes first.
        let mut left: VecDeque<String> = VecDeque::new();
        let mut more = true;
        loop {
            while !left.is_empty() && !self.idle.is_empty() {
                if let (Some(document), Some(worker)) = (left.pop_front(), self.idle.pop_front()) {
                    self.begin(worker, document);
                }
            }
            if self.idle.is_empty() && self.busy.is_empty() && self.hiring.is_empty() {
                return Err(AllOver);
            }
            if !more && left.is_empty() && self.busy.is_empty() {
                return Ok(());
            }
            tokio::select! {
                document = documents.recv(), if more && !self.idle.is_empty() => match document {
                    Some(document) => left.push_back(document),
                    None => more = false,
                },
                Some(done) = self.busy.join_next(), if !self.busy.is_empty() => {
                    if let Ok(done) = done {
                        left.extend(self.after(done, &mut report));
                    }
                }
                Some(hired) = self.hiring.join_next(), if !self.hiring.is_empty() => {
                    if let Ok(hired) = hired {
                        self.welcome(hired, &mut report);
                    }
                }
            }
        }
    }

    /// Ends the sessions of all workers, whatever they are busy with: what they had is worth nothing afterwards.
    ///
    /// # Errors
    /// The issuer could not be told of one, or of more: this is why for the first that was heard of.
    pub async fn end(mut self) -> Result<(), SessionError> {
        // Nobody waits for a session that nobody needs. One whose answer is under way ends by its own time.
        self.hiring.abort_all();
        while let Some(hired) = self.hiring.join_next().await {
            if let Ok(Hired { outcome: Ok(worker), .. }) = hired {
                self.take(worker);
            }
        }
        // A service that does not answer keeps nobody from ending.
        self.busy.shutdown().await;
        let mut ending = JoinSet::new();
        for session in self.sessions.into_values() {
            ending.spawn(session.end());
        }
        let mut outcome = Ok(());
        while let Some(ended) = ending.join_next().await {
            // One that cannot be ended is no reason to leave the others.
            outcome = outcome.and(ended.map_or(Ok(()), |ended| ended.map(drop)));
        }
        outcome
    }

    fn take(&mut self, worker: Worker) {
        self.sessions.insert(worker.number, worker.session.clone());
        self.idle.push_back(worker);
    }

    fn begin(&mut self, worker: Worker, document: String) {
        self.busy.spawn(async move {
            let outcome = worker.sum_up(&document).await;
            Done { worker, document, outcome }
        });
    }

    /// Reports, and answers the document that is still to be read.
    fn after(&mut self, done: Done, report: &mut impl FnMut(&Report)) -> Option<String> {
        let Done { worker, document, outcome } = done;
        let number = worker.number;
        let said = match outcome {
            Ok(summary) => Said::Summary(summary),
            Err(Closed::Refused { reason } | Closed::Away { reason }) => Said::NotRead { document, reason },
            Err(Closed::Over { reason }) => {
                self.sessions.remove(&number);
                // A session that came to its end is followed by another one. One that somebody ended is not.
                if reason == "refresh_token_expired" {
                    let office = self.office.clone();
                    self.hiring
                        .spawn(async move { Hired { number, outcome: office.hire_in_time(number).await } });
                } else {
                    report(&Report { worker: number, said: Said::Ended { reason } });
                }
                return Some(document);
            }
        };
        report(&Report { worker: number, said });
        self.idle.push_back(worker);
        None
    }

    /// Takes a worker back, or reports why there is none.
    fn welcome(&mut self, hired: Hired, report: &mut impl FnMut(&Report)) {
        match hired.outcome {
            Ok(worker) => self.take(worker),
            Err(why) => {
                let reason = match why {
                    SessionError::Revoked { reason, .. } => reason,
                    other => other.reason().to_owned(),
                };
                report(&Report { worker: hired.number, said: Said::Ended { reason } });
            }
        }
    }
}

impl Office {
    async fn hire(&self, number: usize) -> Result<Worker, SessionError> {
        let part = Delegation { to: None, scopes: [SCOPE].into(), ttl: Some(self.ttl) };
        let session = self.parent.delegate(part, Place::Memory).await?;
        let reader = Reader::new(self.service.clone(), session.clone())?;
        Ok(Worker { number, session, reader })
    }

    /// Asks again for as long as it is a matter of time. The others work on meanwhile.
    async fn hire_in_time(&self, number: usize) -> Result<Worker, SessionError> {
        let mut pause = PAUSE;
        loop {
            let why = match self.hire(number).await {
                Err(why) if why.kind() == ErrorKind::Transient => why,
                outcome => return outcome,
            };
            tracing::warn!(worker = number, reason = why.reason(), "no session for a worker yet: {why}");
            tokio::time::sleep(why.retry_after().unwrap_or(pause).clamp(PAUSE, LONGEST_PAUSE)).await;
            pause = pause.saturating_mul(2);
        }
    }
}
