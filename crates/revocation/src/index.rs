//! Finding a number in a sorted list in a few nanoseconds.

use std::ops::Range;

/// Entries of the list for each slot of the first table, about.
const PER_SLOT: usize = 4;
/// Parts of the list up to this length are gone through from end to end.
const SHORT: usize = 16;
/// Bits of the second table for each entry. With three bits set for each, one number in seventy that is not in the list
/// gets past it.
const BITS_PER_ENTRY: usize = 16;

/// Two tables over a sorted list of numbers that are spread evenly, as random ids and hashes are. Where they are not,
/// the answers are the same and take longer.
///
/// Almost every number that is asked for is not in the list. A table of bits says so with one look at memory and without
/// a branch, and the processor has many such looks under way at once: a token with eight ancestors costs little more
/// than one without. Only who passes is looked for in the list.
pub(crate) struct Index {
    /// Where in the list the numbers with these highest bits begin, and one more at the end.
    starts: Box<[u32]>,
    /// How far a number is shifted to be left with those bits.
    shift: u32,
    /// Words of bits (a Bloom filter whose bits for one number lie in one word). Never empty.
    seen: Box<[u64]>,
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

        let mut seen = vec![0; (sorted.len() * BITS_PER_ENTRY).div_ceil(64).max(1)];
        for number in sorted {
            let (word, bits) = place(*number, seen.len());
            if let Some(word) = seen.get_mut(word) {
                *word |= bits;
            }
        }
        Self { starts: starts.into(), shift, seen: seen.into() }
    }

    /// Whether any of `numbers` may be in the list: `false` is certain.
    #[inline]
    pub(crate) fn may_hold_any(&self, numbers: &[u64]) -> bool {
        let seen = &*self.seen;
        let may_hold = |number: &u64| {
            let (word, bits) = place(*number, seen.len());
            seen.get(word).is_some_and(|word| word & bits == bits)
        };
        numbers.iter().fold(false, |any, number| any | may_hold(number))
    }

    /// Where in `sorted`, over which this index was made, `number` stands: an empty range when it does not.
    #[inline]
    pub(crate) fn find(&self, sorted: &[u64], number: u64) -> Range<usize> {
        if self.may_hold_any(&[number]) { self.search(sorted, number) } else { 0..0 }
    }

    fn search(&self, sorted: &[u64], number: u64) -> Range<usize> {
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
        size_of_val(&*self.starts) + size_of_val(&*self.seen)
    }
}

/// The word for a number, by its lower half, and three bits in it, by parts of its upper half.
#[inline]
fn place(number: u64, words: usize) -> (usize, u64) {
    let words = u64::try_from(words).unwrap_or(u64::MAX);
    let word = ((number & 0xffff_ffff) * words) >> 32;
    let bits = (1 << ((number >> 32) & 63)) | (1 << ((number >> 38) & 63)) | (1 << ((number >> 44) & 63));
    (to_usize(word), bits)
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
    fn it_takes_less_than_four_bytes_for_each_of_many_entries() {
        let sorted: Vec<u64> = (0..250_000_u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let mut sorted = sorted;
        sorted.sort_unstable();
        assert!(Index::over(&sorted).bytes() < 4 * sorted.len());
    }
}
