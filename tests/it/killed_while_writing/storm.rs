//! Administrators that write as fast as they can, until something dies.

use super::record::Written;
use crate::support::{Office, until};
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

pub(super) const ROUNDS: usize = 10;

const WRITERS: usize = 3;

/// The most writes that are acknowledged before the kill, which comes some moments after one of them.
const MOST_WRITES: u64 = 40;
const MOST_MOMENTS: u64 = 600;

/// Says when to kill. What it decided is printed, and shown when the test fails.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn thrown(test: &str) -> Self {
        let mut seed = [0; 8];
        SystemEntropy.fill(&mut seed);
        let seed = u64::from_le_bytes(seed);
        println!("{test}: seed {seed:#018x}");
        Self(seed)
    }

    /// A number below `end` (SplitMix64).
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Lets administrators, each in an `office` of its own, write until `kill` was called at a moment that the dice choose. Answers what they wrote, each
/// with at most one write that had no answer.
pub(super) fn storm(
    office: impl Fn() -> Office + Sync,
    round: usize,
    dice: &mut Dice,
    kill: impl FnOnce(),
) -> Vec<Written> {
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let enough = usize::try_from(1 + dice.below(MOST_WRITES)).unwrap();
    let moments = dice.below(MOST_MOMENTS);
    let written: Vec<Written> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (acknowledged, is_over, office) = (&acknowledged, &is_over, &office);
                scope.spawn(move || {
                    let office = office();
                    let mut written = Vec::new();
                    while !is_over.load(Ordering::SeqCst) {
                        let mut client = Written::new(format!("storm-{round}-{writer}-{}", written.len()));
                        client.go(&office, &|| {
                            acknowledged.fetch_add(1, Ordering::SeqCst);
                        });
                        let is_open = client.is_open();
                        written.push(client);
                        if is_open {
                            break;
                        }
                    }
                    written
                })
            })
            .collect();
        until("enough writes", || (acknowledged.load(Ordering::SeqCst) >= enough).then_some(()));
        for _ in 0..moments {
            thread::yield_now();
        }
        kill();
        is_over.store(true, Ordering::SeqCst);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let count = acknowledged.load(Ordering::SeqCst);
    println!("round {round}: killed {moments} moments after write {enough}; {count} were acknowledged");
    written
}
