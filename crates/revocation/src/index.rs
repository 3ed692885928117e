//! Finding a number in a sorted list in a few nanoseconds.

use std::ops::Range;

/// Entries of the list for each slot of the first table, about.
const PER_SLOT: usize = 4;
/// Parts of the list up to this length are gone through from end to end.
const SHORT: usize = 16;

/// A table over a sorted list of numbers that are spread evenly, as random ids and hashes are. Where they are not, the
/// answers are the same and take longer.
pub(crate) struct Index {
    /// Where in the list the numbers with these highest bits begin, and one more at the end.
    starts: Box<[u32]>,
    /// How far a number is shifted to be left with those bits.
    shift: u32,
}

impl Index {
    /// Over `sorted`, which must be sorted. Lists of more than `u32::MAX` entries are not made.
    pub(crate) fn over(sorted: &[u64]) -> Self {
        let slots = (sorted.len() / PER_SLOT).next_power_of_two().max(2);
        let shift = 64 - slots.trailing_zeros();
        let mut starts = Vec::with_capacity(slots + 1);
        for (at, number) in (0_u32..).zip(sorted) {
            let slot = to_usize(number >> shift);
            while starts.len() <= slot {
                starts.push(at);
            }
        }
        starts.resize(slots + 1, u32::try_from(sorted.len()).unwrap_or(u32::MAX));
        Self { starts: starts.into(), shift }
    }

    /// Where in `sorted`, over which this index was made, `number` stands: an empty range when it does not.
    pub(crate) fn find(&self, sorted: &[u64], number: u64) -> Range<usize> {
        let slot = to_usize(number >> self.shift);
        let (Some(from), Some(to)) = (self.starts.get(slot), self.starts.get(slot + 1)) else { return 0..0 };
        let from = to_usize(u64::from(*from));
        let part = sorted.get(from..to_usize(u64::from(*to))).unwrap_or_default();
        let first = if part.len() <= SHORT {
            // To count without a branch is faster than to search with one that nobody can foresee.
            part.iter().map(|known| usize::from(*known < number)).sum()
        } else {
            part.partition_point(|known| *known < number)
        };
        let twins = part.iter().skip(first).take_while(|known| **known == number).count();
        from + first..from + first + twins
    }

    /// What it takes in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.starts)
    }
}

#[inline]
fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_finds_what_a_search_from_end_to_end_finds(
            mut sorted in proptest::collection::vec(prop_oneof![any::<u64>(), 0_u64..40], 0..300),
            others in proptest::collection::vec(prop_oneof![any::<u64>(), 0_u64..40], 0..30),
        ) {
            sorted.sort_unstable();
            let index = Index::over(&sorted);
            for number in sorted.iter().chain(&others).copied().chain([0, u64::MAX]) {
                let positions: Vec<usize> =
                    (0..sorted.len()).filter(|at| sorted[*at] == number).collect();
                prop_assert_eq!(index.find(&sorted, number).collect::<Vec<_>>(), positions);
            }
        }
    }

    #[test]
    fn it_takes_less_than_two_bytes_for_each_of_many_entries() {
        let sorted: Vec<u64> = (0..250_000_u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let mut sorted = sorted;
        sorted.sort_unstable();
        assert!(Index::over(&sorted).bytes() < 2 * sorted.len());
    }
}
