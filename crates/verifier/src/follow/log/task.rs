//! The task of the log: asks, takes in, keeps, tells.

use super::Parts;
use super::behind::NEVER;
use super::disk::{LogDisk, Writing};
use super::keep::Kept;
use super::ledger::{LogLedger, Looks, Step, standing};
use super::pace;
use super::question::{Answer, Asker, Brought};
use super::status::{LogStanding, LogStatus};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::follow::address::Address;
use crate::follow::fault::FetchFault;
use crate::follow::settings::OnNotice;
use crate::verifier::Verifier;
use chancery_revocation::{BadDocument, Document, Freshness, Moment, Outcome, RevocationKeys};
use std::fmt;
use std::future::{self, Future};
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot, watch};

/// A larger document is opened where it holds up nobody: this takes about a millisecond.
const OPENED_HERE: usize = 256 * 1024;

/// What the task, the handle and the verifier share.
pub(in crate::follow) struct LogCourse {
    pub(super) verifier: Verifier,
    pub(super) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(super) on_notice: Option<OnNotice>,
    policy: Freshness,
    pub(super) max_stale: Duration,
    pub(super) asker: Arc<Asker>,
    pub(super) disk: Option<Arc<Mutex<LogDisk>>>,
    ledger: Mutex<LogLedger>,
    /// Counts answers and failures.
    pub(in crate::follow) landed: watch::Sender<u64>,
    /// Makes the task look again.
    pub(super) wake: Notify,
    /// Whether a token is ahead of what is known.
    pub(super) hurry: AtomicBool,
    /// When the last such token woke the task, in milliseconds of the monotonic clock.
    pub(super) hurried_at: AtomicU64,
    /// Whoever waits until the task has asked.
    looks: Mutex<Vec<oneshot::Sender<()>>>,
}

type Flight = Pin<Box<dyn Future<Output = (Brought, Result<Answer, FetchFault>)> + Send>>;

impl LogCourse {
    pub(in crate::follow) fn new(parts: Parts, policy: Freshness) -> Self {
        let Parts { verifier, clock, entropy, on_notice, max_stale, asker, disk } = parts;
        let disk = disk.map(|directory| LogDisk::new(&directory, verifier.issuer()));
        let ledger = LogLedger::new(max_stale, asker.has_credentials(), clock.monotonic());
        Self {
            verifier,
            clock,
            entropy,
            on_notice,
            policy,
            max_stale,
            asker: Arc::new(asker),
            disk: disk.map(|disk| Arc::new(Mutex::new(disk))),
            ledger: Mutex::new(ledger),
            landed: watch::Sender::new(0),
            wake: Notify::new(),
            hurry: AtomicBool::new(false),
            hurried_at: AtomicU64::new(NEVER),
            looks: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.verifier.moment(self.clock.now())
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, LogLedger> {
        // A ledger is whole after every call: what panicked elsewhere does not spoil it.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::follow) fn status(&self) -> LogStatus {
        self.ledger().status(&self.verifier.log(), self.policy, self.now())
    }

    /// Whether tokens can be judged by what is known.
    pub(in crate::follow) fn ready(&self) -> bool {
        standing(&self.verifier.log(), self.policy, self.now()) == LogStanding::Fresh
    }

    /// Returns when the task has done what is due, with an answer of the issuer if it is to be had at once.
    pub(in crate::follow) async fn poll_once(&self) {
        let (done, looked) = oneshot::channel();
        self.looks.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        self.wake.notify_one();
        // The task ends only with the follower.
        let _ = looked.await;
    }

    /// Runs until it is aborted. The one place that asks, so there is never more than one question.
    pub(in crate::follow) async fn run(self: Arc<Self>) {
        let mut flight: Option<Flight> = None;
        let mut waiting = Vec::new();
        let mut looks = Looks::None;
        loop {
            let new = mem::take(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner));
            if !new.is_empty() {
                waiting.extend(new);
                looks = Looks::Unanswered;
            }
            if self.hurry.swap(false, Ordering::Acquire) && self.ledger().hurry(self.clock.monotonic()) {
                flight = None;
            }
            let until_aged = self.tell_of_age();
            let now = self.now();
            let log = self.verifier.log();
            let hold = pace::hold(self.verifier.youngest_asked().unwrap_or(Duration::MAX), log.age(now));
            let step = self.ledger().step(now, log.position(), hold, looks);
            match step {
                Step::Ask { question, luggage } => {
                    let asker = Arc::clone(&self.asker);
                    flight = Some(Box::pin(asker.ask(question, *luggage, now.wall, now.monotonic)));
                }
                Step::Rest(span) => {
                    if flight.is_none() {
                        looks = Looks::None;
                        for look in waiting.drain(..) {
                            // Whoever asked may have gone.
                            let _ = look.send(());
                        }
                    }
                    tokio::select! {
                        (brought, answer) = landing(&mut flight) => {
                            flight = None;
                            self.land(brought, answer).await;
                            if looks == Looks::Unanswered {
                                looks = Looks::Answered;
                            }
                        }
                        () = tokio::time::sleep(span.min(until_aged)) => {}
                        () = self.wake.notified() => {}
                    }
                }
            }
        }
    }

    async fn land(&self, brought: Brought, answer: Result<Answer, FetchFault>) {
        let draw = self.draw();
        let key_is_gone = self.ledger().brought(self.now(), &brought, draw);
        if let Some(keys) = brought.keys.as_deref() {
            self.keep_keys(keys).await;
        }
        if let Some(fault) = &brought.keys_fault {
            self.tell_keys_fault(fault);
        }
        if let Some(fault) = &brought.stranger {
            self.tell_stranger(fault);
        }
        match answer {
            Ok(Answer::Document { at, text }) => match self.take_in(&at, text).await {
                Ok(taken) => self.heard(&at, taken).await,
                Err(fault) => self.failed(&fault),
            },
            Ok(Answer::Forgotten) => {
                let (now, draw) = (self.now(), self.draw());
                self.ledger().forgotten(now, draw);
            }
            Err(fault) => self.failed(&fault),
        }
        if key_is_gone {
            // Only now: what was answered is no snapshot for the disk.
            self.ledger().take_snapshot(self.now().monotonic);
        }
        self.wake_waiting();
    }

    /// Whoever waits for an answer looks whether this one was it.
    fn wake_waiting(&self) {
        self.landed.send_modify(|answers| *answers = answers.wrapping_add(1));
    }

    /// Opens a document and takes in what is new.
    async fn take_in(&self, at: &Address, text: String) -> Result<Taken, FetchFault> {
        let Some(held) = self.ledger().keys() else {
            // Nothing is asked without keys.
            return Err(FetchFault::NoDocument { at: at.clone() });
        };
        // Keys of tokens change, so this is asked each time.
        self.verifier.shares_no_key_with(&held.keys).map_err(FetchFault::SharedKey)?;
        let (verifier, now, is_long) = (self.verifier.clone(), self.now(), text.len() > OPENED_HERE);
        let open = move || Taken::open(&verifier, &held.keys, text, now);
        let taken = if is_long {
            let opened = tokio::task::spawn_blocking(open).await;
            opened.map_err(|why| FetchFault::Interrupted { at: at.clone(), detail: why.to_string() })?
        } else {
            open()
        };
        taken.map_err(|why| FetchFault::BadLogDocument { at: at.clone(), why })
    }

    async fn heard(&self, at: &Address, taken: Taken) {
        let (now, draw) = (self.now(), self.draw());
        let fault = self.ledger().heard(now, at, taken.outcome, draw);
        self.tell_heard(taken.outcome, fault.as_ref());
        // It is applied: nobody waits for the disk.
        self.wake_waiting();
        if let Some(writing) = taken.writing
            && self.keep_document(taken.text, writing).await == Kept::Long
        {
            self.ledger().take_snapshot(self.now().monotonic);
        }
    }

    fn failed(&self, fault: &FetchFault) {
        if let FetchFault::SharedKey(_) = fault {
            // What was taken in before the keys of tokens were known is believed no more.
            self.verifier.drop_log();
        }
        let (now, draw) = (self.now(), self.draw());
        let is_new = self.ledger().failed(now, fault, draw);
        self.tell_failed(fault, is_new);
    }

    /// Tells when what is known became too old, or young again; says when to look next.
    fn tell_of_age(&self) -> Duration {
        let (turn, next) = self.ledger().aged(&self.verifier.log(), self.policy, self.now());
        if let Some(turn) = turn {
            self.tell_aged(turn);
        }
        next
    }

    pub(super) fn draw(&self) -> u64 {
        let mut bytes = [0; 8];
        self.entropy.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// A document that was taken in.
struct Taken {
    outcome: Outcome,
    text: String,
    /// What to write of it.
    writing: Option<Writing>,
}

impl Taken {
    fn open(
        verifier: &Verifier,
        keys: &RevocationKeys,
        text: String,
        now: Moment,
    ) -> Result<Self, BadDocument> {
        let document = keys.open(&text, verifier.issuer(), now.wall)?;
        let outcome = verifier.accept_revocations(&document, now);
        let log = verifier.log();
        let writing = match &document {
            // It is where we are, so it says it all; but for what was merged, and stands in earlier ones alone.
            Document::Snapshot(snapshot) if log.position() == Some(snapshot.position()) => {
                Some(if log.needs_earlier_documents() { Writing::Behind } else { Writing::Beginning })
            }
            Document::Snapshot(_) => None,
            Document::Delta(_) => match outcome {
                Outcome::Advanced { .. } => Some(Writing::Behind),
                Outcome::Heartbeat => Some(Writing::Beat),
                _ => None,
            },
        };
        Ok(Self { outcome, text, writing })
    }
}

/// The end of the flight; never, when there is none.
async fn landing(flight: &mut Option<Flight>) -> (Brought, Result<Answer, FetchFault>) {
    match flight {
        Some(flight) => flight.await,
        None => future::pending().await,
    }
}

impl fmt::Debug for LogCourse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogCourse").field("issuer", &self.verifier.issuer()).finish_non_exhaustive()
    }
}
