//! A log whose store was lost, in part or whole: what everybody still holds, under a new name.

use crate::chain::{Head, Position};
use crate::entry::{Entry, Kill};
use crate::floor::Retention;
use crate::follow::Follow;
use crate::log::{Log, Passage, Stored};
use crate::log_id::LogId;
use crate::sequence::Sequence;
use crate::set::RevokedSet;
use crate::snapshot::VerifiedSnapshot;
use chancery_token::UnixTime;

/// What to do when nobody can prove that all of a lost log was found again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUnprovableLoss {
    /// Revoke everything that was ever issued. Clients get new tokens; nothing that was revoked comes back.
    #[default]
    RevokeAll,
    /// Go on with what was found. **What was revoked and is not among it comes back.**
    Union,
}

impl OnUnprovableLoss {
    /// The word for it in configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RevokeAll => "revoke_all",
            Self::Union => "union",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::RevokeAll, Self::Union].into_iter().find(|policy| policy.as_str() == word)
    }
}

/// Whether every issuer that may have appended was asked what it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuers {
    /// All of them, and their last places are among the traces.
    AllAnswered,
    /// One may have appended something that nobody else has heard of.
    SomeSilent,
}

/// Somebody who still holds entries.
#[derive(Clone, Debug)]
pub enum Survivor {
    /// An issuer, or the remains of a store: [`Log::resume`].
    Log(Box<Log>),
    /// A verifier, with all that it followed.
    Verifier(Box<Follow>),
    /// A snapshot that lay somewhere.
    Snapshot(Box<VerifiedSnapshot>),
}

/// A place in a log that existed, though whoever knows of it need not hold what led there: the last place that an issuer
/// wrote down on its disk, or what a verifier said it had applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The log.
    pub log: LogId,
    /// The place.
    pub sequence: Sequence,
    /// The chain up to there, if it was written down.
    pub head: Option<Head>,
}

impl From<Position> for Trace {
    fn from(position: Position) -> Self {
        Self { log: position.log, sequence: position.sequence, head: Some(position.head) }
    }
}

/// The log that goes on, and how it came about.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The log.
    pub log: Log,
    /// What the store is to hold, before anything else is appended.
    pub stored: Stored,
    /// What was decided.
    pub decision: Decision,
}

/// What a recovery came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Everything that was ever acknowledged is there.
    Complete,
    /// Something may be missing, and everything was revoked.
    RevokedAll(Doubt),
    /// Something may be missing, and what it ended may come back.
    WentOn(Doubt),
}

/// Why something may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Whether an issuer was not asked.
    pub issuers: Issuers,
    /// Places that existed and to which nobody has all that led there.
    pub unreached: Vec<Trace>,
}

/// Puts a log together from what everybody holds. Entries are sets and maxima, so the order of the survivors does not
/// matter, nor that they knew different logs, or different branches of one.
///
/// `id` is 16 random bytes. The new log begins above every sequence that anybody remembers.
pub fn recover(
    survivors: &[Survivor],
    traces: &[Trace],
    issuers: Issuers,
    policy: OnUnprovableLoss,
    id: LogId,
    now: UnixTime,
    retention: Retention,
) -> Recovered {
    let traces: Vec<Trace> =
        survivors.iter().filter_map(Survivor::trace).chain(traces.iter().copied()).collect();
    let start = Sequence::start(traces.iter().map(|trace| trace.sequence).max(), now);
    let unreached: Vec<Trace> = traces
        .into_iter()
        .filter(|trace| !survivors.iter().any(|survivor| survivor.reaches(trace)))
        .collect();

    let nothing = || RevokedSet::empty(Sequence::new(0), Sequence::new(0));
    let carried = survivors.iter().filter_map(Survivor::published).fold(nothing(), RevokedSet::merge);
    let kept = survivors.iter().filter_map(Survivor::kept).fold(nothing(), |all, kept| all.merge(&kept));
    let loose = rows(&carried, &kept);
    let marks = survivors.iter().flat_map(Survivor::marks);
    let log = Log::carry_over(id, start, &carried, &kept, marks, retention);

    let anchor = (log.position().sequence, log.position().head);
    let is_certain = issuers == Issuers::AllAnswered && unreached.is_empty();
    let doubt = Doubt { issuers, unreached };
    let (decision, log) = match policy {
        _ if is_certain => (Decision::Complete, log),
        OnUnprovableLoss::Union => (Decision::WentOn(doubt), log),
        OnUnprovableLoss::RevokeAll => {
            (Decision::RevokedAll(doubt), log.with_one(Kill::all(retention.family_end(now))))
        }
    };
    let stored = Stored {
        start,
        floor: log.floor(),
        anchor,
        loose,
        since: log.since(start).map(|delta| delta.entries).unwrap_or_default(),
        tail: *log.position(),
        marks: log.marks().collect(),
    };
    Recovered { log, stored, decision }
}

/// Everything that a store is to hold of both sets. What can end a family is in `kept`, and more of it than verifiers
/// still need.
fn rows(carried: &RevokedSet, kept: &RevokedSet) -> Vec<Entry> {
    let tokens = carried.entries().into_iter().filter(|entry| matches!(entry.kill, Kill::Token { .. }));
    tokens.chain(kept.entries()).collect()
}

impl Survivor {
    fn trace(&self) -> Option<Trace> {
        match self {
            Self::Log(log) => Some((*log.position()).into()),
            Self::Verifier(follow) => follow.position().map(|position| (*position).into()),
            Self::Snapshot(snapshot) => Some((*snapshot.position()).into()),
        }
    }

    fn published(&self) -> Option<&RevokedSet> {
        match self {
            Self::Log(log) => Some(log.published()),
            Self::Verifier(follow) => follow.set(),
            Self::Snapshot(snapshot) => Some(snapshot.set()),
        }
    }

    fn kept(&self) -> Option<RevokedSet> {
        match self {
            Self::Log(log) => Some(log.kept().clone()),
            Self::Verifier(_) | Self::Snapshot(_) => self.published().map(RevokedSet::for_families),
        }
    }

    fn marks(&self) -> Vec<(UnixTime, Sequence)> {
        match self {
            Self::Log(log) => log.marks().collect(),
            Self::Verifier(_) | Self::Snapshot(_) => Vec::new(),
        }
    }

    /// Whether it holds all that led to `trace`. That it is further along proves nothing: it may be on another branch.
    fn reaches(&self, trace: &Trace) -> bool {
        let Some(own) = self.trace().filter(|own| own.log == trace.log) else { return false };
        match (self, trace.head) {
            (Self::Log(log), None) => (log.start()..=own.sequence).contains(&trace.sequence),
            (Self::Verifier(_) | Self::Snapshot(_), None) => own.sequence >= trace.sequence,
            (Self::Log(log), Some(head)) => {
                let place = Position { log: trace.log, sequence: trace.sequence, head };
                // Forgotten places are as old as the floor. A branch from there would have been met by every issuer
                // since.
                matches!(log.went_through(&place), Passage::Yes | Passage::Forgotten)
            }
            (Self::Verifier(_) | Self::Snapshot(_), Some(_)) => own == *trace,
        }
    }
}
