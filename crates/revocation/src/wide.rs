//! Kills by name: few, and each ends many tokens.

use crate::entry::Kill;
use crate::filter::Filter;
use crate::index::Index;
use crate::kind::Kind;
use crate::mark::NameMark;
use crate::minute::Minute;
use crate::sequence::Sequence;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Bits of the filter for each name: they are few, and a token has a dozen that are asked for.
const BITS_FOR_EACH: usize = 64;

/// The latest kill of each name. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct WideSet(Arc<Table>);

struct Table {
    known: BTreeMap<(Kind, NameMark), Latest>,
    /// The first eight bytes of the marks in `known`, sorted, over all kinds: the kind is in the hash.
    prefixes: Box<[u64]>,
    /// In the order of `prefixes`.
    records: Box<[(Kind, NameMark, Sequence)]>,
    index: Index,
    seen: Filter,
    all: Option<Sequence>,
    /// The lowest sequence of a kill that goes with the floor.
    lowest: Option<Sequence>,
}

/// One name's latest kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Latest {
    pub(crate) sequence: Sequence,
    pub(crate) end: Minute,
}

impl WideSet {
    pub(crate) fn empty() -> Self {
        Self::of(BTreeMap::new())
    }

    pub(crate) fn of(known: BTreeMap<(Kind, NameMark), Latest>) -> Self {
        let mut records: Vec<(Kind, NameMark, Sequence)> =
            known.iter().map(|((kind, name), latest)| (*kind, *name, latest.sequence)).collect();
        records.sort_unstable_by_key(|(kind, name, _)| (name.prefix(), *kind, *name));
        let prefixes: Box<[u64]> = records.iter().map(|(_, name, _)| name.prefix()).collect();
        let index = Index::over(&prefixes);
        let seen = Filter::over(&prefixes, prefixes.len(), BITS_FOR_EACH);
        let all = known.get(&(Kind::All, NameMark::NOBODY)).map(|latest| latest.sequence);
        let goes = known.iter().filter(|((kind, _), _)| *kind != Kind::Key);
        let lowest = goes.map(|(_, latest)| latest.sequence).min();
        Self(Arc::new(Table { known, prefixes, records: records.into(), index, seen, all, lowest }))
    }

    /// Whether a kill of a name whose mark begins like one of these may be in it: `false` is certain.
    #[inline]
    pub(crate) fn may_hold_any(&self, prefixes: &[u64]) -> bool {
        self.0.seen.may_hold_any(prefixes)
    }

    /// The sequence of the latest kill of this name.
    #[inline]
    pub(crate) fn find(&self, kind: Kind, name: NameMark) -> Option<Sequence> {
        let table = &*self.0;
        if !table.seen.may_hold_any(&[name.prefix()]) {
            return None;
        }
        let found = table.index.find(&table.prefixes, name.prefix());
        let records = table.records.get(found).unwrap_or_default();
        records
            .iter()
            .find(|(its, known, _)| *its == kind && *known == name)
            .map(|(_, _, sequence)| *sequence)
    }

    /// The sequence of the latest kill of everything.
    #[inline]
    pub(crate) fn all(&self) -> Option<Sequence> {
        self.0.all
    }

    /// The latest kill of this name, in full.
    pub(crate) fn latest(&self, kind: Kind, name: NameMark) -> Option<Latest> {
        self.0.known.get(&(kind, name)).copied()
    }

    /// With more kills; of one name the one with the highest sequence stays. Those by id are not for this set.
    pub(crate) fn with(self, new: impl IntoIterator<Item = (Sequence, Kill)>) -> Self {
        let mut new = new
            .into_iter()
            .filter_map(|(sequence, kill)| {
                kill.wide().map(|(kind, name, end)| (kind, name, Latest { sequence, end }))
            })
            .peekable();
        if new.peek().is_none() {
            return self;
        }
        let mut known = self.0.known.clone();
        for (kind, name, latest) in new {
            let kept = known.entry((kind, name)).or_insert(latest);
            if latest.sequence > kept.sequence {
                *kept = latest;
            }
        }
        Self::of(known)
    }

    /// What is in either; of one name the kill with the highest sequence.
    pub(crate) fn union(self, other: &Self) -> Self {
        self.with(other.kills())
    }

    /// Without the kills that `keep` says no to. Keys stay.
    pub(crate) fn retain(self, keep: impl Fn(Latest) -> bool) -> Self {
        let stays = |kind: Kind, latest: Latest| kind == Kind::Key || keep(latest);
        if self.0.known.iter().all(|((kind, _), latest)| stays(*kind, *latest)) {
            return self;
        }
        let mut known = self.0.known.clone();
        known.retain(|(kind, _), latest| stays(*kind, *latest));
        Self::of(known)
    }

    /// Without the kills at or below `floor`: what they end is refused by the floor.
    pub(crate) fn above(self, floor: Sequence) -> Self {
        if self.0.lowest.is_none_or(|lowest| lowest > floor) {
            return self;
        }
        self.retain(|latest| latest.sequence > floor)
    }

    /// In the order of documents: by kind, then by mark.
    pub(crate) fn kills(&self) -> impl Iterator<Item = (Sequence, Kill)> + '_ {
        self.0.known.iter().filter_map(|((kind, name), latest)| {
            Some((latest.sequence, Kill::from_wide(*kind, *name, latest.end)?))
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.0.known.len()
    }

    /// What it takes in memory, in bytes, as far as it can be counted.
    pub(crate) fn bytes(&self) -> usize {
        let record = size_of::<((Kind, NameMark), Latest)>() + size_of::<(Kind, NameMark, Sequence)>() + 8;
        self.len() * record + self.0.index.bytes() + self.0.seen.bytes()
    }
}

impl fmt::Debug for WideSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WideSet({} names)", self.len())
    }
}

impl PartialEq for WideSet {
    fn eq(&self, other: &Self) -> bool {
        self.0.known == other.0.known
    }
}

impl Eq for WideSet {}

#[cfg(test)]
mod tests {
    use super::*;

    fn kill(kind: Kind, byte: u8, end: u32) -> Kill {
        Kill::from_wide(kind, NameMark::from_bytes([byte; 16]), Minute::new(end)).unwrap()
    }

    fn set(kills: &[(u64, Kill)]) -> WideSet {
        WideSet::empty().with(kills.iter().map(|(sequence, kill)| (Sequence::new(*sequence), *kill)))
    }

    #[test]
    fn of_one_name_the_highest_sequence_stays_whatever_the_order() {
        let (early, late) = ((5, kill(Kind::Tenant, 1, 90)), (9, kill(Kind::Tenant, 1, 80)));
        let expected = set(&[late]);
        assert_eq!(set(&[early, late]), expected);
        assert_eq!(set(&[late, early]), expected);
        assert_eq!(set(&[early]).union(&set(&[late])), expected);
        assert_eq!(expected.find(Kind::Tenant, NameMark::from_bytes([1; 16])), Some(Sequence::new(9)));
    }

    #[test]
    fn kinds_do_not_meet_though_their_marks_are_equal() {
        let set = set(&[(5, kill(Kind::Tenant, 1, 9)), (6, kill(Kind::Key, 1, 9))]);
        let mark = NameMark::from_bytes([1; 16]);
        assert_eq!(set.find(Kind::Client, mark), None);
        assert_eq!(set.find(Kind::Tenant, mark), Some(Sequence::new(5)));
        assert_eq!(set.find(Kind::Key, mark), Some(Sequence::new(6)));
        assert_eq!(set.find(Kind::Tenant, NameMark::from_bytes([2; 16])), None);
    }

    #[test]
    fn marks_that_begin_alike_are_told_apart() {
        let (mut one, mut two) = ([7; 16], [7; 16]);
        (one[15], two[15]) = (1, 2);
        let of = |bytes| Kill::from_wide(Kind::Client, NameMark::from_bytes(bytes), Minute::new(1)).unwrap();
        let set = set(&[(5, of(one)), (6, of(two))]);
        assert_eq!(set.find(Kind::Client, NameMark::from_bytes(one)), Some(Sequence::new(5)));
        assert_eq!(set.find(Kind::Client, NameMark::from_bytes(two)), Some(Sequence::new(6)));
        assert_eq!(set.find(Kind::Client, NameMark::from_bytes([7; 16])), None);
    }

    #[test]
    fn only_keys_outlive_the_floor() {
        let set = set(&[
            (5, kill(Kind::Client, 1, 9)),
            (5, Kill::All { end: Minute::new(9) }),
            (5, kill(Kind::Key, 2, 9)),
            (6, kill(Kind::Client, 3, 9)),
        ]);
        assert_eq!(set.all(), Some(Sequence::new(5)));
        let left = set.above(Sequence::new(5));
        let kinds: Vec<Kind> = left.kills().map(|(_, kill)| kill.kind()).collect();
        assert_eq!((kinds, left.all()), (vec![Kind::Client, Kind::Key], None));
    }
}
