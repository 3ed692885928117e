//! Whoever still holds something of the log.

use super::report::{Finding, Source, State};
use crate::revocation::journal::Journal;
use chancery_revocation::{
    Follow, Log, Moment, Passage, Position, Retention, RevocationKeys, RevokedSet, Stored, Survivor, Trace,
};
use chancery_token::UnixTime;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where to look, beside the store itself.
#[derive(Clone, Debug, Default)]
pub struct Remains {
    /// The journals of issuers; what an issuer kept lies beside its journal.
    pub journals: Vec<PathBuf>,
    /// What verifiers kept, and what issuers that run still publish.
    pub documents: Vec<KeptDocuments>,
}

/// Documents of the log from one place, a snapshot and what came after it.
#[derive(Clone, Debug)]
pub struct KeptDocuments {
    /// Who had them: a file, an address.
    pub from: String,
    /// The documents, in the order in which they were kept.
    pub texts: Vec<String>,
}

pub(super) struct Found {
    pub(super) survivors: Vec<Survivor>,
    pub(super) traces: Vec<Trace>,
    pub(super) findings: Vec<Finding>,
    /// Whether an issuer was cut off while it appended: what became of that is not known.
    is_cut_off: bool,
    /// The store's log, if all of it is there.
    whole_store: Option<Log>,
    retention: Retention,
}

impl Found {
    pub(super) fn new(retention: Retention) -> Self {
        Self {
            survivors: Vec::new(),
            traces: Vec::new(),
            findings: Vec::new(),
            is_cut_off: false,
            whole_store: None,
            retention,
        }
    }

    pub(super) fn look_into_store(&mut self, stored: Option<Stored>) {
        let Some(stored) = stored else {
            return self.nothing("the store", Source::Store, State::Nothing);
        };
        let tail = stored.tail;
        if let Ok(log) = Log::resume(stored.clone(), self.retention) {
            self.whole_store = Some(log.clone());
            return self.log("the store", Source::Store, State::Whole, log);
        }
        // Somebody was at the place that it names; what led there is not all of it.
        self.traces.push(tail.into());
        match Log::resume(without_order(stored), self.retention) {
            Ok(log) => self.log("the store", Source::Store, State::Damaged, log),
            Err(_) => self.nothing("the store", Source::Store, State::Unreadable),
        }
    }

    pub(super) fn look_into_journal(&mut self, path: &Path) {
        let from = path.display().to_string();
        let Ok(journal) = Journal::open(path.to_owned()) else {
            return self.nothing(&from, Source::Journal, State::Unreadable);
        };
        let Some(place) = journal.position() else {
            return self.nothing(&from, Source::Journal, State::Nothing);
        };
        self.traces.push(place.into());
        self.is_cut_off |= journal.is_cut_off();
        match journal.knowledge(self.retention) {
            Some(log) if *log.position() == place => {
                let state = if journal.is_cut_off() { State::CutOff } else { State::Whole };
                self.log(&from, Source::Journal, state, log);
            }
            Some(log) => {
                let is_earlier = log.position().log == place.log && log.position().sequence < place.sequence;
                let state = if is_earlier { State::Trailing } else { State::Damaged };
                self.log(&from, Source::Journal, state, log);
            }
            None => self.findings.push(Finding::at(from, Source::Journal, State::PlaceOnly, &place, (0, 0))),
        }
    }

    pub(super) fn look_into_documents(
        &mut self,
        kept: &KeptDocuments,
        keys: Option<&RevocationKeys>,
        issuer: &str,
        now: UnixTime,
    ) {
        let moment = Moment { wall: now, monotonic: Duration::ZERO };
        let texts = kept.texts.iter().map(String::as_str);
        let Some(restored) = keys.map(|keys| Follow::restore(texts, keys, issuer, moment)) else {
            return self.nothing(&kept.from, Source::Documents, State::Unreadable);
        };
        let state = if restored.refused.is_empty() { State::Whole } else { State::Damaged };
        let (Some(position), Some(set)) = (restored.follow.position(), restored.follow.set()) else {
            let state = if kept.texts.is_empty() { State::Nothing } else { State::Unreadable };
            return self.nothing(&kept.from, Source::Documents, state);
        };
        let counts = (set.ids(), set.names());
        self.findings.push(Finding::at(kept.from.clone(), Source::Documents, state, position, counts));
        self.survivors.push(Survivor::Verifier(Box::new(restored.follow)));
    }

    /// Whether every journal that was named can be read, and says all that its issuer appended.
    pub(super) fn is_all_readable(&self) -> bool {
        !self.is_cut_off && !self.findings.iter().any(Finding::is_silent_issuer)
    }

    /// The log of a store that lacks nothing of what was found elsewhere. An issuer that was cut off, or whose journal
    /// says nothing, may have revoked what nobody wrote down: then nobody can say so.
    pub(super) fn healthy_log(&self) -> Option<&Log> {
        let store = self.whole_store.as_ref().filter(|_| self.is_all_readable())?;
        let was_at =
            |place: &Position| matches!(store.went_through(place), Passage::Yes | Passage::Forgotten);
        let is_read = |found: &Finding| {
            found.source != Source::Documents || !matches!(found.state, State::Damaged | State::Unreadable)
        };
        let has_all_of = |survivor: &Survivor| match survivor {
            Survivor::Log(log) => was_at(log.position()),
            Survivor::Verifier(follow) => {
                let knows_no_more = |set: &RevokedSet| set.missing_from(store.published()).is_empty();
                follow.position().is_none_or(was_at) && follow.set().is_none_or(knows_no_more)
            }
            Survivor::Snapshot(snapshot) => {
                was_at(snapshot.position()) && snapshot.set().missing_from(store.published()).is_empty()
            }
        };
        let was_at_trace = |trace: &Trace| {
            let place = |head| Position { log: trace.log, sequence: trace.sequence, head };
            trace.head.is_some_and(|head| was_at(&place(head)))
        };
        let is_healthy = self.findings.iter().all(is_read)
            && self.survivors.iter().all(has_all_of)
            && self.traces.iter().all(was_at_trace);
        is_healthy.then_some(store)
    }

    fn log(&mut self, from: &str, source: Source, state: State, log: Log) {
        let counts = (log.published().ids(), log.published().names());
        self.findings.push(Finding::at(from.to_owned(), source, state, log.position(), counts));
        self.survivors.push(Survivor::Log(Box::new(log)));
    }

    fn nothing(&mut self, from: &str, source: Source, state: State) {
        self.findings.push(Finding::without_place(from.to_owned(), source, state));
    }
}

/// All entries of a log that does not hold together, as if none had to follow on another.
fn without_order(stored: Stored) -> Stored {
    let Stored { start, floor, anchor, mut loose, since, tail, marks } = stored;
    loose.extend(since);
    let (sequence, head) = anchor;
    let tail = Position { sequence, head, ..tail };
    Stored { start, floor, anchor, loose, since: Vec::new(), tail, marks }
}
