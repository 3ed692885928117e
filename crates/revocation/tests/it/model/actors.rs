//! Issuers, verifiers and their store, as thin as they can be over the crate.

use crate::world::{ISSUER, NOW, keys};
use chancery_revocation::{
    BadDocument, Batch, Follow, Keep, Log, Meeting, Moment, Outcome, Passage, Position, Retention, Stored,
};
use chancery_token::UnixTime;
use std::collections::BTreeSet;
use std::time::Duration;

/// Any two clocks, or one at two times, differ by two hours at most: twice that is allowed for, since a floor is made of
/// two readings of one clock and then read by another.
pub(super) const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_hours(4),
    longest_family: Duration::from_hours(24),
};

pub(super) fn wall(time: u64, offset: i64) -> UnixTime {
    UnixTime::from_secs((NOW.as_secs() + time).saturating_add_signed(offset))
}

/// What a compare-and-set on the store does.
pub(super) fn compare_and_set(store: &mut Stored, batch: &Batch) -> bool {
    if store.tail != batch.from {
        return false;
    }
    store.since.extend(batch.entries.iter().map(|(entry, _)| *entry));
    store.tail = batch.to;
    true
}

#[derive(Clone, Debug, Default)]
pub(super) struct Issuer {
    /// `None` until it has started.
    pub(super) log: Option<Log>,
    /// The last place that it wrote to its own disk.
    pub(super) journal: Option<Position>,
    pub(super) offset: i64,
    pub(super) is_cut: bool,
    /// It found its store wanting.
    pub(super) is_lost: bool,
    /// The last good look at the store: by the true time, and by its own clock.
    pub(super) looked: Option<(u64, UnixTime)>,
    /// Whether that store was whole.
    pub(super) saw_whole_log: bool,
}

/// What a look at the store came to.
pub(super) enum Look {
    Good,
    /// The store holds a later log, which this issuer has no part in yet.
    LaterLog(Box<Log>),
    Lost,
}

impl Issuer {
    pub(super) fn may_issue(&self, time: u64) -> bool {
        let blind = self.looked.map(|(looked, _)| Duration::from_secs(time - looked));
        self.log.is_some() && blind.is_some_and(|blind| blind <= RETENTION.max_blind)
    }

    pub(super) fn look(&mut self, store: &mut Stored, time: u64) -> Look {
        let met = match &self.log {
            Some(log)
                if log.position().log == store.tail.log && log.position().sequence >= store.anchor.0 =>
            {
                let ours = log.position().sequence;
                let news: Vec<_> =
                    store.since.iter().filter(|entry| entry.sequence > ours).copied().collect();
                match log.meet(&store.tail, &news) {
                    Meeting::InStep => Ok(log.clone()),
                    Meeting::Extended(log) => Ok(*log),
                    Meeting::Lost(_) => Err(Look::Lost),
                }
            }
            _ => self.start(store),
        };
        match met {
            Ok(log) => {
                self.is_lost = false;
                self.use_log(log, store, time);
                Look::Good
            }
            Err(look) => {
                self.is_lost = matches!(look, Look::Lost);
                look
            }
        }
    }

    /// What a process does that finds a store: it must go through what the process remembers.
    fn start(&self, store: &Stored) -> Result<Log, Look> {
        let stored = Log::resume(store.clone(), RETENTION).unwrap();
        match self.journal {
            None => Ok(stored),
            Some(journal) => match stored.went_through(&journal) {
                Passage::Yes | Passage::Forgotten => Ok(stored),
                Passage::Lost(_) if journal.log != store.tail.log && store.start > journal.sequence => {
                    Err(Look::LaterLog(Box::new(stored)))
                }
                Passage::Lost(_) => Err(Look::Lost),
            },
        }
    }

    pub(super) fn use_log(&mut self, log: Log, store: &mut Stored, time: u64) {
        let now = wall(time, self.offset);
        let log = log.confirm(now);
        self.looked = Some((time, now));
        self.journal = Some(*log.position());
        store.floor = log.floor();
        store.marks = log.marks().collect();
        self.log = Some(log);
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Verifier {
    pub(super) follow: Follow,
    pub(super) disk: Vec<String>,
    pub(super) offset: i64,
    /// When its process began.
    pub(super) began: u64,
    /// The revocations that it must obey, by the oracle's count: of every place that it ever was at.
    pub(super) knows: BTreeSet<usize>,
    /// The true time at which the process first heard what confirms what it knows.
    pub(super) confirmed: Option<u64>,
}

impl Verifier {
    pub(super) fn moment(&self, time: u64) -> Moment {
        Moment { wall: wall(time, self.offset), monotonic: Duration::from_secs(time - self.began) }
    }

    pub(super) fn receive(&mut self, text: &str, time: u64) -> Option<Outcome> {
        let (now, confirmed_at) = (self.moment(time), self.follow.confirmed_at());
        let (follow, received) = std::mem::take(&mut self.follow).receive(text, &keys(), ISSUER, now);
        self.follow = follow;
        let outcome = match received {
            Ok(outcome) => outcome,
            Err(BadDocument::FromFuture { .. }) => return None,
            Err(bad) => panic!("an issuer signed {bad}"),
        };
        match outcome.keep() {
            Keep::AsBeginning => {
                if !self.follow.needs_earlier_documents() {
                    self.disk.clear();
                }
                self.disk.push(text.to_owned());
            }
            Keep::Behind => self.disk.push(text.to_owned()),
            Keep::Not => {}
        }
        if self.follow.confirmed_at() != confirmed_at {
            self.confirmed = Some(time);
        }
        Some(outcome)
    }

    pub(super) fn restart(&mut self, time: u64) {
        self.began = time;
        let restored =
            Follow::restore(self.disk.iter().map(String::as_str), &keys(), ISSUER, self.moment(time));
        assert!(restored.refused.iter().all(|(_, bad)| bad.reason() == "document_from_future"));
        self.follow = restored.follow;
        self.confirmed = None;
        if self.follow.position().is_none() {
            // Its clock was set back: it is closed, and begins anew.
            self.knows.clear();
            self.disk.clear();
        }
    }
}
