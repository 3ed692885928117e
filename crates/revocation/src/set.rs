//! The set that is asked: everything that is revoked, as far as it is known.

use crate::entry::{Entry, Kill};
use crate::ids::{BlockNumber, IdSet, NewId};
use crate::kind::Kind;
use crate::mark::{IdMark, NameMark};
use crate::minute::Minute;
use crate::sequence::Sequence;
use crate::standing::{Ended, Standing};
use crate::token_marks::TokenMarks;
use crate::wide::{Latest, WideSet};

/// What is revoked. It never changes: applying more makes another one, which shares what is the same. Cloning is cheap.
///
/// Nothing that is in it goes, except at or below a floor: there every token is refused anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedSet {
    pub(crate) applied: Sequence,
    pub(crate) floor: Sequence,
    pub(crate) tokens: IdSet,
    pub(crate) families: IdSet,
    pub(crate) wide: WideSet,
}

impl RevokedSet {
    /// Nothing is revoked in a log that is at `applied`, and every `rvs` from `floor` on is accepted.
    pub fn empty(applied: Sequence, floor: Sequence) -> Self {
        Self { applied, floor, tokens: IdSet::empty(), families: IdSet::empty(), wide: WideSet::empty() }
    }

    /// The last sequence that is applied.
    pub fn applied(&self) -> Sequence {
        self.applied
    }

    /// The lowest `rvs` that is accepted.
    pub fn floor(&self) -> Sequence {
        self.floor
    }

    /// How a token stands. Allocates nothing.
    #[inline]
    pub fn judge(&self, token: &TokenMarks) -> Standing {
        let rvs = token.rvs;
        if rvs < self.floor {
            return Standing::BelowFloor { rvs, floor: self.floor };
        }
        match self.find(token) {
            Some(ended) => Standing::Revoked(ended),
            None if rvs > self.applied => Standing::AheadOfUs { rvs, applied: self.applied },
            None => Standing::Good,
        }
    }

    /// What ends a token or a family, the floor left out of it. Allocates nothing.
    #[inline]
    pub fn find(&self, token: &TokenMarks) -> Option<Ended> {
        let (tokens, family, prefixes) = token.parts();
        // All marks are tried before anything is decided: looks that do not wait for each other take the time of one.
        let all = self.wide.all().filter(|at| token.rvs < *at);
        let a_name = self.wide.may_hold_any(prefixes);
        let a_family = self.families.may_hold_any(family);
        let a_token = self.tokens.may_hold_any(tokens);
        if !(all.is_some() | a_name | a_family | a_token) {
            return None;
        }
        let all = all.map(|at| Ended { by: Kind::All, at });
        let by_id =
            |ids: &[u64], set: &IdSet, by| ids.iter().find_map(|id| set.find(*id)).map(|at| Ended { by, at });
        all.or_else(|| if a_name { self.by_name(token) } else { None })
            .or_else(|| if a_family { by_id(family, &self.families, Kind::Family) } else { None })
            .or_else(|| if a_token { by_id(tokens, &self.tokens, Kind::Token) } else { None })
    }

    fn by_name(&self, token: &TokenMarks) -> Option<Ended> {
        token.names.iter().find_map(|(by, name)| {
            // The thief of a key chooses the `rvs`.
            let counts = |at: &Sequence| *by == Kind::Key || token.rvs < *at;
            self.wide.find(*by, *name).filter(counts).map(|at| Ended { by: *by, at })
        })
    }

    /// With the entries of a delta, which take it to `applied`, and under its floor.
    pub(crate) fn with(self, entries: &[Entry], applied: Sequence, floor: Sequence) -> Self {
        let ids = |kind: Kind| -> Vec<NewId> {
            let new = entries.iter().filter(|entry| entry.kill.kind() == kind);
            new.filter_map(NewId::of).collect()
        };
        Self {
            applied: self.applied.max(applied),
            tokens: self.tokens.with(&ids(Kind::Token)),
            families: self.families.with(&ids(Kind::Family)),
            wide: self.wide.with(entries.iter().map(|entry| (entry.sequence, entry.kill))),
            ..self
        }
        .above(floor)
    }

    /// Without what is at or below `floor`, unless its own floor is higher already.
    pub(crate) fn above(self, floor: Sequence) -> Self {
        let floor = self.floor.max(floor);
        Self {
            floor,
            tokens: self.tokens.above(floor),
            families: self.families.above(floor),
            wide: self.wide.above(floor),
            ..self
        }
    }

    /// What is in either, at the higher sequence and floor of the two: nothing that one of them ends goes on.
    pub fn merge(self, other: &Self) -> Self {
        let merged = Self {
            applied: self.applied.max(other.applied),
            tokens: self.tokens.union(&other.tokens),
            families: self.families.union(&other.families),
            wide: self.wide.union(&other.wide),
            ..self
        };
        merged.above(other.floor)
    }

    /// What of it can end a family, whatever the floor.
    pub(crate) fn for_families(&self) -> Self {
        Self { tokens: IdSet::empty(), floor: Sequence::new(0), ..self.clone() }
    }

    /// What an issuer keeps when it prunes: all after `prunable_to`, and before it what can still end a family at `now`.
    pub(crate) fn unexpired(self, prunable_to: Sequence, now: Minute) -> Self {
        let needed = |at: Sequence, end: Minute| at > prunable_to || end > now;
        Self {
            families: self.families.retain(|block, end| needed(block.last(), end)),
            wide: self.wide.retain(|latest| needed(latest.sequence, latest.end)),
            ..self
        }
    }

    /// The latest kill of this name.
    pub(crate) fn wide_latest(&self, kind: Kind, name: NameMark) -> Option<Latest> {
        self.wide.latest(kind, name)
    }

    /// Everything in it as entries, those by id at the last sequence at which they can have been appended.
    pub fn entries(&self) -> Vec<Entry> {
        let ids = |set: &IdSet, kill: fn(u64, Minute) -> Kill| -> Vec<Entry> {
            let blocks = set.blocks().into_iter();
            blocks
                .flat_map(|(number, block)| {
                    let sequence = number.last().min(self.applied);
                    block.ids.into_iter().map(move |id| Entry { sequence, kill: kill(id, block.end) })
                })
                .collect()
        };
        let mut entries = ids(&self.tokens, |id, end| Kill::Token { jti: IdMark::new(id), end });
        entries.extend(ids(&self.families, |id, end| Kill::Family { sid: IdMark::new(id), end }));
        entries.extend(self.wide.kills().map(|(sequence, kill)| Entry { sequence, kill }));
        entries
    }

    /// Whether it ends a key that `other` does not.
    pub(crate) fn ends_a_key_beside(&self, other: &Self) -> bool {
        let is_beside = |kid| other.wide.find(Kind::Key, kid).is_none();
        self.wide.kills().any(|(_, kill)| matches!(kill, Kill::Key { kid } if is_beside(kid)))
    }

    /// What this set ends and `other` does not, as kills to be appended to the log of `other`: an issuer that joins a
    /// log which was recovered without it owes them. A kill by name ends more when it is appended again: everything
    /// that was issued in between, too.
    pub fn missing_from(&self, other: &Self) -> Vec<Kill> {
        let is_missing = |entry: &Entry| match entry.kill {
            Kill::Token { jti, .. } => other.tokens.find(jti.get()).is_none(),
            Kill::Family { sid, .. } => other.families.find(sid.get()).is_none(),
            _ => entry.kill.wide().is_some_and(|(kind, name, _)| {
                other.wide.latest(kind, name).is_none_or(|known| known.sequence < entry.sequence)
            }),
        };
        let needed = |entry: &Entry| entry.sequence > other.floor || entry.kill.kind() == Kind::Key;
        let entries = self.entries().into_iter();
        entries.filter(|entry| needed(entry) && is_missing(entry)).map(|entry| entry.kill).collect()
    }

    /// The entry that ends this for good already: what `kill` says of a token, a family or a key. An entry by another
    /// name ends more when it is appended again, so none of them answers.
    pub fn ended_at(&self, kill: &Kill) -> Option<Sequence> {
        match kill {
            Kill::Token { jti, .. } => self.tokens.find(jti.get()),
            Kill::Family { sid, .. } => self.families.find(sid.get()),
            Kill::Key { kid } => self.wide.find(Kind::Key, *kid),
            Kill::Client { .. } | Kill::Tenant { .. } | Kill::Subject { .. } | Kill::All { .. } => None,
        }
    }

    /// How many of one kind it holds; ids as in [`RevokedSet::ids`].
    pub fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Token => self.tokens.len(),
            Kind::Family => self.families.len(),
            name => self.wide.kills().filter(|(_, kill)| kill.kind() == name).count(),
        }
    }

    /// How many ids it holds, at most: one that was revoked twice may count twice.
    pub fn ids(&self) -> usize {
        self.tokens.len() + self.families.len()
    }

    /// How many names it holds, `all` among them.
    pub fn names(&self) -> usize {
        self.wide.len()
    }

    /// What it takes in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.tokens.bytes() + self.families.bytes() + self.wide.bytes()
    }
}

impl NewId {
    fn of(entry: &Entry) -> Option<Self> {
        let (id, end) = match entry.kill {
            Kill::Token { jti, end } => (jti, end),
            Kill::Family { sid, end } => (sid, end),
            _ => return None,
        };
        Some(Self { id, block: BlockNumber::of(entry.sequence), end })
    }
}
