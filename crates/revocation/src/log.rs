//! The log as its issuer holds it.

use crate::chain::{Head, Position};
use crate::delta::Delta;
use crate::entry::{Entry, Kill};
use crate::floor::{Retention, Timeline};
use crate::ids::BlockNumber;
use crate::log_id::LogId;
use crate::minute::Minute;
use crate::sequence::Sequence;
use crate::set::RevokedSet;
use crate::standing::Ended;
use crate::token_marks::TokenMarks;
use crate::trail::Trail;
use chancery_token::UnixTime;

/// Most ids that may be revoked one by one at a time. Their snapshot has about 57 MB, and verifiers read no document
/// over 64 MiB; who has more to revoke has a name for it.
pub const MAX_IDS: usize = 4_000_000;

/// A log and what it ended. It never changes: each step makes another one, which shares what is the same. Cloning is
/// cheap.
#[derive(Clone, Debug)]
pub struct Log {
    start: Sequence,
    position: Position,
    /// What verifiers are told.
    published: RevokedSet,
    /// What a family is asked about at refresh: by name and by family, until no family of that time lives.
    kept: RevokedSet,
    trail: Trail,
    timeline: Timeline,
    retention: Retention,
}

/// What a store holds of a log.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where the log began.
    pub start: Sequence,
    /// The highest floor that was written down.
    pub floor: Sequence,
    /// Up to where entries may be missing, and the chain up to there: the start, until something was pruned.
    pub anchor: (Sequence, Head),
    /// The entries up to there that are still kept, in any order. Several may bear the same sequence.
    pub loose: Vec<Entry>,
    /// All entries after it, in order.
    pub since: Vec<Entry>,
    /// Where the log stands.
    pub tail: Position,
    /// Which sequence was current when: what [`Log::marks`] gave, or the times at which entries were appended.
    pub marks: Vec<(UnixTime, Sequence)>,
}

/// The entries of a store do not lead to the place that it says it is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the entries of the log lead to sequence {reached}, the store says {told}: it lost or changed some; recover"
)]
pub struct DamagedLog {
    /// Where they lead.
    pub reached: Sequence,
    /// Where the store says it is.
    pub told: Sequence,
}

impl DamagedLog {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        "log_damaged"
    }
}

/// There is no room for more revocations one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{ids} tokens and families are revoked one by one, and no more than 4000000 can be: revoke by client or tenant"
)]
pub struct LogFull {
    /// How many there are.
    pub ids: usize,
}

impl LogFull {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        "log_full"
    }
}

/// Entries that are to be appended together: compare the store's place with `from`, set it to `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Where the store must stand.
    pub from: Position,
    /// The entries, each with the chain after it.
    pub entries: Vec<(Entry, Head)>,
    /// Where it stands afterwards.
    pub to: Position,
}

/// What a log and its store are to do, each on its own: neither waits for the other.
#[derive(Debug)]
pub struct Plan<'l> {
    log: &'l Log,
    batch: Batch,
}

impl Plan<'_> {
    /// What the store must do, durably.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The same, for good.
    pub fn into_batch(self) -> Batch {
        self.batch
    }

    /// The log once it has done so. Until then the old one stands.
    pub fn done(&self) -> Log {
        self.log.clone().with(&self.batch.entries, self.batch.to)
    }
}

/// How a store stands with what an issuer knows.
#[derive(Clone, Debug)]
pub enum Meeting {
    /// Nothing has happened.
    InStep,
    /// Somebody else appended: the log with it, for the next attempt.
    Extended(Box<Log>),
    /// The store is not what it was: it lost entries, or never had them. Stop appending, recover.
    Lost(Loss),
}

/// Whether a log went through a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It did.
    Yes,
    /// It may have been there, and what it was like then is forgotten: the place is as old as the floor, and not older
    /// than the log.
    Forgotten,
    /// It did not: the place is of a log that is lost, in part or whole.
    Lost(Loss),
}

/// Why a store must have lost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// It holds another log.
    #[error("the store holds the log {theirs}, not {ours}")]
    AnotherLog {
        /// The log that is known here.
        ours: LogId,
        /// The log of the store.
        theirs: LogId,
    },
    /// It is behind what it once held.
    #[error("the store is at {theirs} and was at {ours}")]
    Behind {
        /// What is known here.
        ours: Sequence,
        /// What the store says.
        theirs: Sequence,
    },
    /// Its entries do not continue those that are known here.
    #[error("the store's entries do not follow on those known here, up to {ours}")]
    Forked {
        /// What is known here.
        ours: Sequence,
    },
}

impl Loss {
    /// The stable name of the alarm; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::AnotherLog { .. } => "log_replaced",
            Self::Behind { .. } => "log_behind",
            Self::Forked { .. } => "log_forked",
        }
    }
}

impl Log {
    /// A log without entries. `id` is 16 random bytes; `highest_known` the highest sequence that anybody remembers of an
    /// earlier log.
    pub fn begin(id: LogId, highest_known: Option<Sequence>, now: UnixTime, retention: Retention) -> Self {
        let start = Sequence::start(highest_known, now);
        Self::at(start, Position::genesis(id, start), Sequence::new(0), retention)
    }

    fn at(start: Sequence, position: Position, floor: Sequence, retention: Retention) -> Self {
        Self {
            start,
            position,
            published: RevokedSet::empty(position.sequence, floor),
            kept: RevokedSet::empty(position.sequence, Sequence::new(0)),
            trail: Trail::from(position.sequence, position.head),
            timeline: Timeline::default(),
            retention,
        }
    }

    /// The log of a store, once its entries were found to lead to where it says it is.
    pub fn resume(stored: Stored, retention: Retention) -> Result<Self, DamagedLog> {
        let Stored { start, floor, anchor: (sequence, head), loose, since, tail, marks } = stored;
        let anchor = Position { sequence, head, ..tail };
        // Whoever pruned up to there had a floor as high; issuers' floors differ, and the last to write may have a lower.
        let floor = if sequence > start { floor.max(sequence) } else { floor };
        let mut log = Self::at(start, anchor, floor, retention);
        log.published = log.published.with(&loose, sequence, floor);
        log.kept = log.kept.with(&for_families(&loose), sequence, Sequence::new(0));
        log.timeline = Timeline::of(marks);
        let told = tail.sequence;
        let log = log.extended(&since).map_err(|reached| DamagedLog { reached, told })?;
        if log.position == tail { Ok(log) } else { Err(DamagedLog { reached: log.position.sequence, told }) }
    }

    /// A log under a new name that begins with what is `carried` over from earlier ones.
    pub(crate) fn carry_over(
        id: LogId,
        start: Sequence,
        carried: &RevokedSet,
        kept: &RevokedSet,
        marks: impl IntoIterator<Item = (UnixTime, Sequence)>,
        retention: Retention,
    ) -> Self {
        let log = Self::at(start, Position::genesis(id, start), carried.floor(), retention);
        let (published, kept) = (log.published.merge(carried), log.kept.merge(kept));
        Self { published, kept, timeline: Timeline::of(marks), ..log }
    }

    /// The log with one more kill by name, for which there is always room.
    pub(crate) fn with_one(self, kill: Kill) -> Self {
        let entry = Entry { sequence: self.position.sequence.next(), kill };
        let head = self.position.head.next(&entry);
        let to = Position { sequence: entry.sequence, head, ..self.position };
        self.with(&[(entry, head)], to)
    }

    /// Where it began.
    pub fn start(&self) -> Sequence {
        self.start
    }

    /// Where it stands.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// From which `rvs` on tokens are accepted.
    pub fn floor(&self) -> Sequence {
        self.published.floor()
    }

    /// What verifiers are told: everything above the floor, and the keys.
    pub fn published(&self) -> &RevokedSet {
        &self.published
    }

    /// What can end a family: families and names, until no family of their time lives.
    pub fn kept(&self) -> &RevokedSet {
        &self.kept
    }

    /// How long things live.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Which sequence was current when; a store keeps it, so that the floor does not stand still after a restart.
    pub fn marks(&self) -> impl Iterator<Item = (UnixTime, Sequence)> + '_ {
        self.timeline.marks()
    }

    /// What ends a refresh family, by [`TokenMarks::of_family`]: its own entry, or one by name above its `rvs0`.
    pub fn ends(&self, family: &TokenMarks) -> Option<Ended> {
        self.kept.find(family)
    }

    /// The log with `kills` appended, and what a store must do for it to be true: [`Log::plan`], and what comes of it.
    pub fn append(&self, kills: &[Kill]) -> Result<(Self, Batch), LogFull> {
        let plan = self.plan(kills)?;
        Ok((plan.done(), plan.batch))
    }

    /// What is to be done so that `kills` are appended.
    ///
    /// A kill by name is never remembered for less long than an earlier one of the same name.
    pub fn plan(&self, kills: &[Kill]) -> Result<Plan<'_>, LogFull> {
        let ids = self.published.ids();
        let new_ids = kills.iter().filter(|kill| kill.wide().is_none()).count();
        if new_ids > 0 && ids + new_ids > MAX_IDS {
            return Err(LogFull { ids });
        }
        let mut to = self.position;
        let mut entries = Vec::with_capacity(kills.len());
        for kill in kills {
            let known = kill
                .wide()
                .and_then(|(kind, name, _)| self.kept.wide_latest(kind, name))
                .map(|latest| latest.end);
            let entry = Entry { sequence: to.sequence.next(), kill: kill.until(known.unwrap_or_default()) };
            to = Position { sequence: entry.sequence, head: to.head.next(&entry), ..to };
            entries.push((entry, to.head));
        }
        Ok(Plan { log: self, batch: Batch { from: self.position, entries, to } })
    }

    /// Compares what is known here with where a store stands and what it holds after the place that is known here.
    pub fn meet(&self, tail: &Position, since: &[Entry]) -> Meeting {
        let ours = self.position.sequence;
        if tail.log != self.position.log {
            return Meeting::Lost(Loss::AnotherLog { ours: self.position.log, theirs: tail.log });
        }
        if tail.sequence < ours {
            return Meeting::Lost(Loss::Behind { ours, theirs: tail.sequence });
        }
        match self.clone().extended(since) {
            Ok(log) if log.position != *tail => Meeting::Lost(Loss::Forked { ours }),
            Ok(log) if since.is_empty() => {
                debug_assert_eq!(log.position, self.position, "nothing was added");
                Meeting::InStep
            }
            Ok(log) => Meeting::Extended(Box::new(log)),
            Err(_) => Meeting::Lost(Loss::Forked { ours }),
        }
    }

    /// The log after `entries`, or where they stop following on each other.
    fn extended(self, entries: &[Entry]) -> Result<Self, Sequence> {
        let mut to = self.position;
        let mut with_heads = Vec::with_capacity(entries.len());
        for entry in entries {
            to = to.after(entry).ok_or(to.sequence)?;
            with_heads.push((*entry, to.head));
        }
        Ok(self.with(&with_heads, to))
    }

    fn with(self, entries: &[(Entry, Head)], to: Position) -> Self {
        if entries.is_empty() {
            return self;
        }
        let plain: Vec<Entry> = entries.iter().map(|(entry, _)| *entry).collect();
        let floor = self.floor();
        let mut trail = self.trail;
        trail.extend(entries);
        Self {
            position: to,
            published: self.published.with(&plain, to.sequence, floor),
            kept: self.kept.with(&for_families(&plain), to.sequence, Sequence::new(0)),
            trail,
            ..self
        }
    }

    /// Says that the store was asked at `now` and stands where this log stands. The floor moves on by it.
    pub fn confirm(mut self, now: UnixTime) -> Self {
        let window = self.retention.window();
        self.timeline.note(now, self.position.sequence, window);
        match self.timeline.current_at(now.minus(window)) {
            Some(floor) if floor > self.floor() => Self { published: self.published.above(floor), ..self },
            _ => self,
        }
    }

    /// Up to where entries may go. It lies somewhat below the floor, so that a log which is resumed publishes the same.
    pub fn prunable_to(&self) -> Sequence {
        BlockNumber::last_below(self.floor()).max(self.start)
    }

    /// Forgets what can end nothing any more. A store may drop every entry up to [`Log::prunable_to`] that
    /// [`Retention::keeps`] says no to; its anchor is then there, with the chain up to there.
    pub fn prune(self, now: UnixTime) -> Self {
        let kept = self.kept.clone().unexpired(self.prunable_to(), Minute::at_or_after(now));
        Self { kept, ..self }
    }

    /// Whether a later kill of the same name says all that `entry` says: a store may drop such a one up to
    /// [`Log::prunable_to`] also where [`Retention::keeps`] says yes.
    pub fn covers(&self, entry: &Entry) -> bool {
        let latest =
            entry.kill.wide().and_then(|(kind, name, end)| Some((self.kept.wide_latest(kind, name)?, end)));
        latest.is_some_and(|(latest, end)| latest.sequence > entry.sequence && latest.end >= end)
    }

    /// What was appended after `cursor`; `None` when that is not remembered, or has not happened.
    pub fn since(&self, cursor: Sequence) -> Option<Delta> {
        let from = Position { sequence: cursor, head: self.trail.head_at(cursor)?, ..self.position };
        Some(Delta { from, to: self.position, floor: self.floor(), entries: self.trail.after(cursor) })
    }

    /// Whether the log went through a place that somebody wrote down, such as this issuer before it was started again.
    pub fn went_through(&self, place: &Position) -> Passage {
        let ours = place.sequence;
        if place.log != self.position.log {
            Passage::Lost(Loss::AnotherLog { ours: place.log, theirs: self.position.log })
        } else if ours > self.position.sequence {
            Passage::Lost(Loss::Behind { ours, theirs: self.position.sequence })
        } else if ours < self.start {
            // Before its beginning it never was: somebody began it again under its old name.
            Passage::Lost(Loss::Forked { ours })
        } else if ours < self.trail.oldest() {
            Passage::Forgotten
        } else if self.trail.head_at(ours) == Some(place.head) {
            Passage::Yes
        } else {
            Passage::Lost(Loss::Forked { ours })
        }
    }
}

fn for_families(entries: &[Entry]) -> Vec<Entry> {
    entries.iter().filter(|entry| !matches!(entry.kill, Kill::Token { .. })).copied().collect()
}
