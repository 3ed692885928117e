//! The older ids of a set: sorted, under a table that finds them.

use super::newest::Newest;
use super::{Block, BlockNumber};
use crate::index::Index;
use crate::minute::Minute;
use std::collections::BTreeMap;

/// Ids in the order of their value, each with its block.
pub(super) struct Run {
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

impl Run {
    pub(super) fn of(blocks: BTreeMap<BlockNumber, Block>) -> Self {
        let ends = blocks.iter().map(|(number, block)| (*number, block.end)).collect();
        let ids = (0..).zip(blocks.into_values());
        Self::new(ids.flat_map(|(at, block)| block.ids.into_iter().map(move |id| (id, at))).collect(), ends)
    }

    /// What is in any of these, but for the blocks below `first_live`.
    pub(super) fn merged<const N: usize>(runs: [&Self; N], newest: &Newest, first_live: BlockNumber) -> Self {
        let mut ends: BTreeMap<BlockNumber, Minute> = BTreeMap::new();
        let of_runs = runs.iter().flat_map(|run| &run.blocks).map(|block| (block.number, block.end));
        let of_newest = newest.each().map(|new| (new.block, new.end));
        for (number, end) in of_runs.chain(of_newest).filter(|(number, _)| *number >= first_live) {
            let known = ends.entry(number).or_insert(end);
            *known = end.max(*known);
        }
        let numbers: Vec<BlockNumber> = ends.keys().copied().collect();
        let place = |number| numbers.binary_search(&number).ok().and_then(|at| u32::try_from(at).ok());
        let mut ids = Vec::with_capacity(runs.iter().map(|run| run.ids.len()).sum::<usize>() + newest.len());
        for run in runs {
            // By position: to search for the block of each id would take longer than all the rest.
            let places: Vec<Option<u32>> = run.blocks.iter().map(|block| place(block.number)).collect();
            let placed = |block: u32| places.get(usize::try_from(block).ok()?).copied()?;
            ids.extend(run.ids.iter().zip(&run.block_of).filter_map(|(id, at)| Some((*id, placed(*at)?))));
        }
        ids.extend(newest.each().filter_map(|new| Some((new.id.get(), place(new.block)?))));
        Self::new(ids, ends.into_iter().collect())
    }

    /// `ids` in any order, each with the position of its block.
    fn new(mut ids: Vec<(u64, u32)>, blocks: Vec<(BlockNumber, Minute)>) -> Self {
        #[expect(
            clippy::stable_sort_primitive,
            reason = "it merges sorted lists that lie behind each other, as these do"
        )]
        ids.sort();
        ids.dedup();
        let mut blocks: Box<[RunBlock]> =
            blocks.into_iter().map(|(number, end)| RunBlock { number, end, ids: 0 }).collect();
        for (_, at) in &ids {
            if let Some(block) = usize::try_from(*at).ok().and_then(|at| blocks.get_mut(at)) {
                block.ids += 1;
            }
        }
        let block_of = ids.iter().map(|(_, at)| *at).collect();
        let ids: Box<[u64]> = ids.iter().map(|(id, _)| *id).collect();
        let index = Index::over(&ids);
        Self { ids, block_of, blocks, index }
    }

    /// The latest block that `id` is in.
    pub(super) fn latest(&self, id: u64) -> Option<BlockNumber> {
        let block = |at: usize| self.blocks.get(usize::try_from(*self.block_of.get(at)?).ok()?);
        let found = self.index.find(&self.ids, id);
        found.filter_map(|at| Some(block(at)?.number)).max()
    }

    pub(super) fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// How many ids are in blocks below `first_live`.
    pub(super) fn dead(&self, first_live: BlockNumber) -> usize {
        self.blocks.iter().take_while(|block| block.number < first_live).map(|block| block.ids).sum()
    }

    /// Adds the ids of the blocks from `first_live` on to those in `blocks`, in any order.
    pub(super) fn add_to(&self, blocks: &mut BTreeMap<BlockNumber, Block>, first_live: BlockNumber) {
        // By position first: a look into the map for each id would take longer than all the rest.
        let mut parts: Vec<Vec<u64>> =
            self.blocks.iter().map(|block| Vec::with_capacity(block.ids)).collect();
        for (id, block) in self.ids.iter().zip(&self.block_of) {
            if let Some(part) = usize::try_from(*block).ok().and_then(|block| parts.get_mut(block)) {
                part.push(*id);
            }
        }
        for (block, mut ids) in self.blocks.iter().zip(parts) {
            if block.number >= first_live && !ids.is_empty() {
                let known = blocks.entry(block.number).or_default();
                known.end = known.end.max(block.end);
                known.ids.append(&mut ids);
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.ids)
            + size_of_val(&*self.block_of)
            + size_of_val(&*self.blocks)
            + self.index.bytes()
    }
}
