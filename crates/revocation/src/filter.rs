//! Saying of most numbers at once that they are not in a set.

use std::sync::atomic::{AtomicU64, Ordering};

/// A Bloom filter whose bits for one number lie in one word.
///
/// Almost every number that is asked for is in no set. This says so with one look at memory and without a branch, and the
/// processor has many such looks under way at once: a token with eight ancestors costs little more than one without.
///
/// Bits are only added, by whoever holds it. So several sets share one, of which each was made from the one before: an
/// older one asks its lists in vain at worst.
pub(crate) struct Filter {
    /// Never empty.
    words: Box<[AtomicU64]>,
}

impl Filter {
    /// Over `numbers`, with room for so many, and so many bits for each of them.
    pub(crate) fn over(numbers: &[u64], room: usize, bits_for_each: usize) -> Self {
        let mut words = vec![0_u64; (room * bits_for_each).div_ceil(64).max(1)];
        for number in numbers {
            let (word, bits) = place(*number, words.len());
            if let Some(word) = words.get_mut(word) {
                *word |= bits;
            }
        }
        Self { words: words.into_iter().map(AtomicU64::new).collect() }
    }

    /// From now on it says of `number` that it may be there. Whoever is given a set that has it sees that: handing a set
    /// over is what orders the two.
    pub(crate) fn add(&self, number: u64) {
        let (word, bits) = place(number, self.words.len());
        if let Some(word) = self.words.get(word) {
            word.fetch_or(bits, Ordering::Relaxed);
        }
    }

    /// Whether any of `numbers` may be there: `false` is certain.
    #[inline]
    pub(crate) fn may_hold_any(&self, numbers: &[u64]) -> bool {
        let words = &*self.words;
        numbers.iter().any(|number| {
            let (word, bits) = place(*number, words.len());
            words.get(word).is_some_and(|word| word.load(Ordering::Relaxed) & bits == bits)
        })
    }

    /// What it takes in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.words)
    }
}

/// The word for a number, by its lower half, and three bits in it, by parts of its upper half.
#[inline]
fn place(number: u64, words: usize) -> (usize, u64) {
    let words = u64::try_from(words).unwrap_or(u64::MAX);
    let word = ((number & 0xffff_ffff) * words) >> 32;
    let bit = |from: u32| 1 << ((number >> from) & 63);
    (usize::try_from(word).unwrap_or(usize::MAX), bit(32) | bit(38) | bit(44))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(at: u64) -> u64 {
        let mixed = (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    #[test]
    fn what_is_there_is_never_denied() {
        let numbers: Vec<u64> = (0..1000).map(spread).collect();
        let filter = Filter::over(&numbers[..500], 1000, 16);
        for number in &numbers[500..] {
            filter.add(*number);
        }
        assert!(numbers.iter().all(|number| filter.may_hold_any(&[*number])));
        assert!(filter.may_hold_any(&[spread(5000), spread(5001), numbers[7]]));
        assert!(!filter.may_hold_any(&[]) && !Filter::over(&[], 0, 16).may_hold_any(&numbers));
    }

    #[test]
    fn of_what_is_not_there_few_get_past_it() {
        let numbers: Vec<u64> = (0..10_000).map(spread).collect();
        for (bits, most) in [(16, 80), (64, 8)] {
            let filter = Filter::over(&numbers, numbers.len(), bits);
            let past = (10_000..20_000).filter(|at| filter.may_hold_any(&[spread(*at)])).count();
            assert!(past <= most, "{past} of 10000, with {bits} bits for each");
        }
    }
}
