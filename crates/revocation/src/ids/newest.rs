//! The newest ids of a set, which are copied whenever more come: as they came, and sorted.

use super::{Block, BlockNumber, NewId};
use std::collections::BTreeMap;

/// Sorted by their value.
#[derive(Default)]
pub(super) struct Newest(Vec<NewId>);

impl Newest {
    pub(super) fn with(&self, new: &[NewId]) -> Self {
        let mut all = Vec::with_capacity(self.0.len() + new.len());
        all.extend_from_slice(&self.0);
        all.extend_from_slice(new);
        // The stable sort merges what it finds in order.
        all.sort_by_key(|new| new.id);
        Self(all)
    }

    /// The latest block that `id` is in.
    pub(super) fn latest(&self, id: u64) -> Option<BlockNumber> {
        let first = self.0.partition_point(|known| known.id.get() < id);
        let known = self.0.iter().skip(first).take_while(|known| known.id.get() == id);
        known.map(|known| known.block).max()
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &NewId> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many ids are in blocks below `first_live`.
    pub(super) fn dead(&self, first_live: BlockNumber) -> usize {
        self.0.iter().filter(|new| new.block < first_live).count()
    }

    /// Adds the ids of the blocks from `first_live` on to those in `blocks`, in any order.
    pub(super) fn add_to(&self, blocks: &mut BTreeMap<BlockNumber, Block>, first_live: BlockNumber) {
        for new in self.0.iter().filter(|new| new.block >= first_live) {
            let known = blocks.entry(new.block).or_default();
            known.end = known.end.max(new.end);
            known.ids.push(new.id.get());
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}
