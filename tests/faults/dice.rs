//! Chance that can be had again: what is thrown follows from a seed, which is printed and can be given back.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Rounds of each kind of kill in `cargo xtask test`, and under `--full`.
const ROUNDS: u32 = 30;
const FULL_ROUNDS: u32 = 200;

/// Hours of a fleet under `--full`.
const FULL_HOURS: u32 = 8;

/// The settings of this suite.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where this suite is told how long to look, and where"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// How often each thing is killed.
pub(crate) fn rounds() -> u32 {
    if setting("CHANCERY_TEST_FULL").is_some() { FULL_ROUNDS } else { ROUNDS }
}

/// How long a fleet works, by its own clock.
pub(crate) fn hours() -> u32 {
    if setting("CHANCERY_TEST_FULL").is_some() { FULL_HOURS } else { 1 }
}

/// The dice of one test (SplitMix64).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Takes the seed that was given, else a new one. It is printed: a test that fails shows it.
    pub(crate) fn thrown(test: &str) -> Self {
        let given =
            setting("CHANCERY_TEST_SEED").map(|seed| seed.parse().expect("CHANCERY_TEST_SEED is a number"));
        let seed: u64 = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("{test}: CHANCERY_TEST_SEED={seed}");
        Self(seed)
    }

    /// Any number.
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Dice of their own, for somebody else to throw.
    pub(crate) fn another(&mut self) -> Self {
        Self(self.number())
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap();
        usize::try_from(self.number() % end).unwrap()
    }

    /// Heads or tails.
    pub(crate) fn heads(&mut self) -> bool {
        self.below(2) == 0
    }

    /// One of them.
    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
