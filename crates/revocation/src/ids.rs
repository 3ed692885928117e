//! Revoked ids: a set of 8-byte marks, kept in blocks.
//!
//! A block is a thousand sequences in a row, aligned. Whether an id is still needed is a question of its sequence
//! alone (see the floor), but a sequence for each id would make the documents half as large again. So an id remembers its
//! block, and a block goes as a whole once its last sequence is at or below the floor. Since blocks are aligned, what is
//! in them depends on the log and the floor, not on the way by which somebody learned of it.

mod newest;
mod run;

use crate::filter::Filter;
use crate::mark::IdMark;
use crate::minute::Minute;
use crate::sequence::Sequence;
use newest::Newest;
use run::Run;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A block is `2^10` sequences. At this size sorted ids take eight bytes in a snapshot and none is kept for more than
/// a thousand entries after its time.
const BLOCK_BITS: u32 = 10;

/// The newest part, which every append and every delta copies, holds so many ids at most.
const NEWEST: usize = 1024;
/// The recent part, into which the newest is merged, holds one id for so many of the main part.
const SHARE: usize = 8;
/// But so many in any case: merging fewer would copy the main part for nothing.
const FEW: usize = 4096;
/// And no more than so many, for it is copied whenever the newest part is full.
const MANY: usize = 1 << 17;
/// Bits of the filter for each id. One id in a hundred that is not there gets past it.
const BITS_FOR_EACH: usize = 16;

/// Which block: the sequence without its lowest bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BlockNumber(u64);

impl BlockNumber {
    pub(crate) const fn of(sequence: Sequence) -> Self {
        Self(sequence.get() >> BLOCK_BITS)
    }

    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }

    /// The last sequence in it.
    pub(crate) const fn last(self) -> Sequence {
        Sequence::new((self.0 << BLOCK_BITS) | ((1 << BLOCK_BITS) - 1))
    }

    /// The lowest block that is not wholly at or below `floor`.
    const fn first_above(floor: Sequence) -> Self {
        Self(floor.get().saturating_add(1) >> BLOCK_BITS)
    }

    /// The last sequence of all blocks that are wholly at or below `floor`.
    pub(crate) const fn last_below(floor: Sequence) -> Sequence {
        Sequence::new((Self::first_above(floor).0 << BLOCK_BITS).saturating_sub(1))
    }
}

/// What is in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// When the last of its ids ends.
    pub(crate) end: Minute,
    /// Sorted, none twice.
    pub(crate) ids: Vec<u64>,
}

/// A set of ids. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct IdSet {
    main: Arc<Run>,
    recent: Arc<Run>,
    newest: Arc<Newest>,
    /// Over all three. It is made anew with the main part, with room for what comes until that is made the next time;
    /// until then those that this set was made from share it.
    seen: Arc<Filter>,
    /// Blocks below this one are dead: nobody sees them, and the next merge leaves them out.
    first_live: BlockNumber,
}

/// An id to be added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewId {
    pub(crate) id: IdMark,
    pub(crate) block: BlockNumber,
    pub(crate) end: Minute,
}

/// How many ids may lie beside a main part of so many before all are merged.
fn most_beside(main: usize) -> usize {
    (main / SHARE).clamp(FEW, MANY)
}

impl IdSet {
    pub(crate) fn empty() -> Self {
        Self::from_blocks(BTreeMap::new())
    }

    pub(crate) fn from_blocks(blocks: BTreeMap<BlockNumber, Block>) -> Self {
        Self::of(Run::of(blocks), BlockNumber(0))
    }

    /// Of one part.
    fn of(main: Run, first_live: BlockNumber) -> Self {
        let ids = main.ids();
        let seen = Arc::new(Filter::over(ids, ids.len() + most_beside(ids.len()), BITS_FOR_EACH));
        let recent = Arc::new(Run::of(BTreeMap::new()));
        Self { main: Arc::new(main), recent, newest: Arc::default(), seen, first_live }
    }

    /// Whether any of `ids` may be in it: `false` is certain.
    #[inline]
    pub(crate) fn may_hold_any(&self, ids: &[u64]) -> bool {
        self.seen.may_hold_any(ids)
    }

    /// The last sequence of the block that `id` is in: it was revoked there at the latest.
    pub(crate) fn find(&self, id: u64) -> Option<Sequence> {
        if !self.seen.may_hold_any(&[id]) {
            return None;
        }
        let latest = self.newest.latest(id).max(self.recent.latest(id)).max(self.main.latest(id))?;
        (latest >= self.first_live).then(|| latest.last())
    }

    /// With more ids in it.
    pub(crate) fn with(self, new: &[NewId]) -> Self {
        if new.is_empty() {
            return self;
        }
        for new in new {
            self.seen.add(new.id.get());
        }
        Self { newest: Arc::new(self.newest.with(new)), ..self }.tidy()
    }

    /// Without the blocks that are at or below `floor`.
    pub(crate) fn above(self, floor: Sequence) -> Self {
        let first_live = self.first_live.max(BlockNumber::first_above(floor));
        Self { first_live, ..self }.tidy()
    }

    /// Without the blocks that `keep` says no to.
    pub(crate) fn retain(self, keep: impl Fn(BlockNumber, Minute) -> bool) -> Self {
        let mut blocks = self.blocks();
        let before = blocks.len();
        blocks.retain(|number, block| keep(*number, block.end));
        if blocks.len() == before { self } else { Self::of(Run::of(blocks), self.first_live) }
    }

    /// What is in either.
    pub(crate) fn union(self, other: &Self) -> Self {
        let first_live = self.first_live.min(other.first_live);
        let mut blocks = self.blocks();
        for (number, theirs) in other.blocks() {
            let ours = blocks.entry(number).or_default();
            ours.end = ours.end.max(theirs.end);
            ours.ids.extend(theirs.ids);
        }
        Self::of(Run::of(blocks), first_live)
    }

    /// Merges parts that have grown, and leaves out what is dead when that is much.
    fn tidy(self) -> Self {
        let most = most_beside(self.main.ids().len());
        if self.recent.ids().len() + self.newest.len() > most || self.dead() > most {
            let main = Run::merged([&self.main, &self.recent], &self.newest, self.first_live);
            return Self::of(main, self.first_live);
        }
        if self.newest.len() > NEWEST {
            let recent = Arc::new(Run::merged([&self.recent], &self.newest, self.first_live));
            return Self { recent, newest: Arc::default(), ..self };
        }
        self
    }

    fn dead(&self) -> usize {
        let Self { main, recent, newest, .. } = self;
        main.dead(self.first_live) + recent.dead(self.first_live) + newest.dead(self.first_live)
    }

    /// The live blocks, in ascending order.
    pub(crate) fn blocks(&self) -> BTreeMap<BlockNumber, Block> {
        let mut blocks: BTreeMap<BlockNumber, Block> = BTreeMap::new();
        self.main.add_to(&mut blocks, self.first_live);
        self.recent.add_to(&mut blocks, self.first_live);
        self.newest.add_to(&mut blocks, self.first_live);
        for block in blocks.values_mut() {
            block.ids.sort_unstable();
            block.ids.dedup();
        }
        blocks
    }

    /// How many ids it holds; one that was revoked twice may count twice.
    pub(crate) fn len(&self) -> usize {
        self.main.ids().len() + self.recent.ids().len() + self.newest.len() - self.dead()
    }

    /// What it takes in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.main.bytes() + self.recent.bytes() + self.newest.bytes() + self.seen.bytes()
    }
}

/// A million ids help nobody.
impl fmt::Debug for IdSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdSet({} ids)", self.len())
    }
}

/// The same ids in the same blocks, whatever the way there.
impl PartialEq for IdSet {
    fn eq(&self, other: &Self) -> bool {
        self.blocks() == other.blocks()
    }
}

impl Eq for IdSet {}

#[cfg(test)]
mod tests;
