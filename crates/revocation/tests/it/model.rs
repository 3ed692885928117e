//! Issuers, verifiers and a store, in whatever order things can happen to them, against an oracle that remembers all.
//!
//! - No verifier that ever was at or past an entry accepts a token which that entry ends.
//! - Nothing legitimate is refused.
//! - A state that was reached by deltas equals the one that a snapshot leads to.

mod actors;
mod events;
mod oracle;
mod step;
mod world;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::BuildHasher as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::World;

#[expect(clippy::disallowed_methods, reason = "a test is told by the environment how long to look")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
fn r50_no_interleaving_revives_what_was_revoked_or_refuses_what_was_not() {
    let cases = if setting("CHANCERY_TEST_FULL").is_some() { 5000 } else { 400 };
    let seed = setting("CHANCERY_TEST_SEED").and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| std::hash::RandomState::new().hash_one("model"));
    println!("CHANCERY_TEST_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() };

    let seen: RefCell<BTreeMap<&'static str, u64>> = RefCell::default();
    let ran = TestRunner::new_with_rng(config, rng).run(&step::steps(), |steps| {
        let mut world = World::new();
        let ran = catch_unwind(AssertUnwindSafe(|| {
            for step in &steps {
                world.take(step);
                world.check();
            }
        }));
        for (event, times) in world.seen() {
            *seen.borrow_mut().entry(event).or_default() += times;
        }
        ran.map_err(|_| TestCaseError::fail("see the assertion above"))
    });
    if let Err(failed) = ran {
        panic!("CHANCERY_TEST_SEED={seed}: {failed}");
    }
    // What never happened was not tested.
    let seen = seen.into_inner();
    println!("{seen:?}");
    for event in events::EVENTS {
        assert!(seen.contains_key(event), "'{event}' never happened in {cases} cases: {seen:?}");
    }
}
