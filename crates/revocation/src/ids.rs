//! Revoked ids: a set of 8-byte marks, kept in blocks.
//!
//! A block is a thousand sequences in a row, aligned. Whether an id is still needed is a question of its sequence
//! alone (see the floor), but a sequence for each id would make the documents half as large again. So an id remembers its
//! block, and a block goes as a whole once its last sequence is at or below the floor. Since blocks are aligned, what is
//! in them depends on the log and the floor, not on the way by which somebody learned of it.

use crate::index::Index;
use crate::mark::IdMark;
use crate::minute::Minute;
use crate::sequence::Sequence;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A block is `2^10` sequences. At this size sorted ids take eight bytes in a snapshot and none is kept for more than
/// a thousand entries after its time.
const BLOCK_BITS: u32 = 10;

/// The newest part, which every append and every delta copies, holds so many ids at most.
const NEWEST: usize = 512;
/// The recent part, into which the newest is merged, holds one id for so many of the main part.
const SHARE: usize = 8;
/// But so many in any case: merging fewer would copy the main part for nothing.
const FEW: usize = 4096;
/// And no more than so many, for it is copied whenever the newest part is full.
const MANY: usize = 1 << 17;

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
    newest: Arc<Run>,
    /// Blocks below this one are dead: nobody sees them, and the next merge leaves them out.
    first_live: BlockNumber,
}

/// Ids in the order of their value, each with its block.
struct Run {
    ids: Box<[u64]>,
    /// For each id, the position of its block in `blocks`.
    block_of: Box<[u32]>,
    /// In ascending order.
    blocks: Box<[RunBlock]>,
    index: Index,
}

#[derive(Clone, Copy, Debug)]
struct RunBlock {
    number: BlockNumber,
    end: Minute,
    ids: usize,
}

/// An id to be added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewId {
    pub(crate) id: IdMark,
    pub(crate) block: BlockNumber,
    pub(crate) end: Minute,
}

impl Run {
    /// `ids` in any order.
    fn new(mut ids: Vec<(u64, BlockNumber)>, ends: &BTreeMap<BlockNumber, Minute>) -> Self {
        // What comes is two sorted lists behind each other, or a few: the stable sort merges what it finds in order.
        ids.sort();
        ids.dedup();
        let mut blocks: Vec<RunBlock> =
            ends.iter().map(|(number, end)| RunBlock { number: *number, end: *end, ids: 0 }).collect();
        let mut block_of = Vec::with_capacity(ids.len());
        for (_, number) in &ids {
            let at = blocks.partition_point(|block| block.number < *number);
            if let Some(block) = blocks.get_mut(at) {
                block.ids += 1;
            }
            block_of.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        let ids: Box<[u64]> = ids.into_iter().map(|(id, _)| id).collect();
        let index = Index::over(&ids);
        Self { ids, block_of: block_of.into(), blocks: blocks.into(), index }
    }

    fn block(&self, at: usize) -> Option<&RunBlock> {
        let block = usize::try_from(*self.block_of.get(at)?).ok()?;
        self.blocks.get(block)
    }

    /// Every id with its block, in the order of the ids.
    fn each(&self) -> impl Iterator<Item = (u64, BlockNumber)> + '_ {
        (0..).zip(&self.ids).filter_map(|(at, id)| Some((*id, self.block(at)?.number)))
    }

    fn dead(&self, first_live: BlockNumber) -> usize {
        self.blocks.iter().take_while(|block| block.number < first_live).map(|block| block.ids).sum()
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.ids)
            + size_of_val(&*self.block_of)
            + size_of_val(&*self.blocks)
            + self.index.bytes()
    }
}

impl IdSet {
    pub(crate) fn empty() -> Self {
        let run = Arc::new(Run::new(Vec::new(), &BTreeMap::new()));
        Self { main: Arc::clone(&run), recent: Arc::clone(&run), newest: run, first_live: BlockNumber(0) }
    }

    fn runs(&self) -> [&Run; 3] {
        [&self.main, &self.recent, &self.newest]
    }

    pub(crate) fn from_blocks(blocks: BTreeMap<BlockNumber, Block>) -> Self {
        let ends = blocks.iter().map(|(number, block)| (*number, block.end)).collect();
        let ids =
            blocks.into_iter().flat_map(|(number, block)| block.ids.into_iter().map(move |id| (id, number)));
        let main = Run::new(ids.collect(), &ends);
        Self { main: Arc::new(main), ..Self::empty() }
    }

    /// Whether any of `ids` may be in it: `false` is certain.
    #[inline]
    pub(crate) fn may_hold_any(&self, ids: &[u64]) -> bool {
        let may_hold = |run: &Run| !run.ids.is_empty() && run.index.may_hold_any(ids);
        may_hold(&self.main) | may_hold(&self.recent) | may_hold(&self.newest)
    }

    /// The last sequence of the block that `id` is in: it was revoked there at the latest.
    #[inline]
    pub(crate) fn find(&self, id: u64) -> Option<Sequence> {
        let [main, recent, newest] = self.runs().map(|run| run.index.find(&run.ids, id));
        if main.is_empty() && recent.is_empty() && newest.is_empty() {
            return None;
        }
        let found = self.runs().into_iter().zip([main, recent, newest]);
        let blocks = found.flat_map(|(run, at)| at.filter_map(|at| run.block(at)));
        let latest = blocks.map(|block| block.number).max()?;
        (latest >= self.first_live).then(|| latest.last())
    }

    /// With more ids in it.
    pub(crate) fn with(self, new: &[NewId]) -> Self {
        if new.is_empty() {
            return self;
        }
        let mut ends = Ends::default();
        ends.note_all(self.newest.blocks.iter().map(|block| (block.number, block.end)));
        ends.note_all(new.iter().map(|new| (new.block, new.end)));
        let ids = self.newest.each().chain(new.iter().map(|new| (new.id.get(), new.block))).collect();
        Self { newest: Arc::new(Run::new(ids, &ends.0)), ..self }.tidy()
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
        if blocks.len() == before {
            self
        } else {
            Self { first_live: self.first_live, ..Self::from_blocks(blocks) }
        }
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
        Self { first_live, ..Self::from_blocks(blocks) }
    }

    /// Merges parts that have grown, and leaves out what is dead when that is much.
    fn tidy(self) -> Self {
        let most = (self.main.ids.len() / SHARE).clamp(FEW, MANY);
        let nothing = || Self::empty().newest;
        if self.recent.ids.len() + self.newest.ids.len() > most || self.dead() > most {
            let main = self.merged(self.runs());
            return Self { main, recent: nothing(), newest: nothing(), ..self };
        }
        if self.newest.ids.len() > NEWEST {
            let recent = self.merged([&self.recent, &self.newest]);
            return Self { recent, newest: nothing(), ..self };
        }
        self
    }

    fn merged<const N: usize>(&self, runs: [&Run; N]) -> Arc<Run> {
        let mut ends = Ends::default();
        let blocks = runs.iter().flat_map(|run| &run.blocks);
        ends.note_all(blocks.filter(|b| b.number >= self.first_live).map(|block| (block.number, block.end)));
        let ids = runs.iter().flat_map(|run| run.each());
        Arc::new(Run::new(ids.filter(|(_, block)| *block >= self.first_live).collect(), &ends.0))
    }

    fn dead(&self) -> usize {
        self.runs().iter().map(|run| run.dead(self.first_live)).sum()
    }

    /// The live blocks, in ascending order.
    pub(crate) fn blocks(&self) -> BTreeMap<BlockNumber, Block> {
        let mut blocks: BTreeMap<BlockNumber, Block> = BTreeMap::new();
        for run in self.runs() {
            // By position first: a look into the map for each id would take longer than all the rest.
            let mut parts: Vec<Vec<u64>> =
                run.blocks.iter().map(|block| Vec::with_capacity(block.ids)).collect();
            for (id, block) in run.ids.iter().zip(&run.block_of) {
                if let Some(part) = usize::try_from(*block).ok().and_then(|block| parts.get_mut(block)) {
                    part.push(*id);
                }
            }
            for (block, mut ids) in run.blocks.iter().zip(parts) {
                if block.number >= self.first_live && !ids.is_empty() {
                    let known = blocks.entry(block.number).or_default();
                    known.end = known.end.max(block.end);
                    known.ids.append(&mut ids);
                }
            }
        }
        for block in blocks.values_mut() {
            block.ids.sort_unstable();
            block.ids.dedup();
        }
        blocks
    }

    /// How many ids it holds; one that was revoked twice may count twice.
    pub(crate) fn len(&self) -> usize {
        self.runs().iter().map(|run| run.ids.len()).sum::<usize>() - self.dead()
    }

    /// What it takes in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.runs().iter().map(|run| run.bytes()).sum()
    }
}

/// When blocks end: each with the last of its ids.
#[derive(Default)]
struct Ends(BTreeMap<BlockNumber, Minute>);

impl Ends {
    fn note_all(&mut self, blocks: impl Iterator<Item = (BlockNumber, Minute)>) {
        for (number, end) in blocks {
            let known = self.0.entry(number).or_insert(end);
            *known = end.max(*known);
        }
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
