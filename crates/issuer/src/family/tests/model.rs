//! Many holders, answers that get lost, clocks that go back, a store that forgets: no order of all these forks a family,
//! loses an honest session, or lets a copy live beside its original unseen.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What can happen.
#[derive(Clone, Debug)]
enum Step {
    /// A holder presents the newest token that it has; its answer may get lost.
    Refresh { holder: usize, is_lost: bool },
    /// A holder presents one that it had before.
    Replay { holder: usize, back: u64 },
    /// A holder takes over what another one has: a copied file.
    Copy { from: usize, to: usize },
    /// Time goes on.
    Wait { seconds: u64 },
    /// The clock of the issuer that is asked goes back for one request.
    ClockBack { seconds: u64 },
    /// The store is put back to what it was before the last writes.
    Regress { by: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3usize, prop::bool::weighted(0.3)).prop_map(|(holder, is_lost)| Step::Refresh { holder, is_lost }),
        1 => (0..3usize, 1..12u64).prop_map(|(holder, back)| Step::Replay { holder, back }),
        1 => (0..3usize, 0..3usize).prop_map(|(from, to)| Step::Copy { from, to }),
        3 => prop_oneof![1..60u64, 60..400u64, 3600..200_000u64].prop_map(|seconds| Step::Wait { seconds }),
        1 => (1..5000u64).prop_map(|seconds| Step::ClockBack { seconds }),
        1 => (1..4usize).prop_map(|by| Step::Regress { by }),
    ]
}

struct World {
    family: Family,
    /// What the store held before, the newest last.
    earlier: Vec<Family>,
    /// The newest token that each holder has.
    held: [u64; 3],
    /// Every generation that was ever handed out.
    handed_out: BTreeSet<u64>,
    now: UnixTime,
}

impl World {
    fn present(&mut self, generation: u64, proof: Proof<'_>, now: UnixTime) -> Option<u64> {
        let before = self.family.clone();
        let decision = shown(&before, generation, proof, now);
        prop_assert_pure(&before, generation, proof, now, &decision);
        let (after, delivered) = match decision {
            Decision::Rotate(rotation) => {
                let next = rotation.after.generation.0;
                assert_eq!(next, generation + 1, "a rotation gives the successor of what was presented");
                assert!(next > before.generation.0, "a number is never given twice by a rotation");
                assert_eq!(rotation.regressed_from.is_some(), generation > before.generation.0);
                (Some(rotation.after), Some(next))
            }
            Decision::Redeliver(again) => {
                assert_eq!(again.generation, before.generation, "only ever the newest");
                assert!(generation < before.generation.0);
                (again.noted.map(|noted| *noted), Some(again.generation.0))
            }
            Decision::Replay { after } => {
                assert!(generation < before.generation.0, "the newest token is never a replay");
                (after.map(|after| *after), None)
            }
            Decision::Refuse(_) => (None, None),
        };
        if let Some(after) = after {
            assert!(before.state == FamilyState::Live, "what is over is over");
            assert!(after.generation >= before.generation && after.idle_end >= before.idle_end);
            let times = after.rotations.newest_first();
            assert!(times.is_sorted_by(|newer, older| newer >= older) && times.len() <= KEPT_ROTATIONS);
            let same = |family: &Family| {
                (
                    family.granted.clone(),
                    family.bounds.clone(),
                    family.cnf.clone(),
                    family.rvs0,
                    family.absolute_end,
                )
            };
            assert_eq!(same(&after), same(&before), "no step widens or prolongs it");
            self.earlier.push(std::mem::replace(&mut self.family, after));
        }
        self.handed_out.extend(delivered);
        delivered
    }
}

/// The same question gives the same answer.
fn prop_assert_pure(family: &Family, generation: u64, proof: Proof<'_>, now: UnixTime, decision: &Decision) {
    assert_eq!(shown(family, generation, proof, now), *decision);
}

fn world() -> World {
    World { family: begun(), earlier: Vec::new(), held: [0; 3], handed_out: BTreeSet::from([0]), now: BEGUN }
}

fn run(steps: &[Step], proof: Proof<'_>) -> World {
    let mut world = world();
    for step in steps {
        let now = world.now;
        match step {
            Step::Refresh { holder, is_lost } => {
                let delivered = world.present(world.held[*holder], proof, now);
                if let (Some(delivered), false) = (delivered, is_lost) {
                    world.held[*holder] = world.held[*holder].max(delivered);
                }
            }
            Step::Replay { holder, back } => {
                world.present(world.held[*holder].saturating_sub(*back), proof, now);
            }
            Step::Copy { from, to } => world.held[*to] = world.held[*from],
            Step::Wait { seconds } => world.now = now.plus(Duration::from_secs(*seconds)),
            Step::ClockBack { seconds } => {
                let back = UnixTime::from_secs(now.as_secs().saturating_sub(*seconds));
                world.present(world.held[0], proof, back);
            }
            Step::Regress { by } => {
                let ended = world.family.state != FamilyState::Live;
                for _ in 0..*by {
                    if let Some(earlier) = world.earlier.pop() {
                        world.family = earlier;
                    }
                }
                // The revocation log keeps what ended, whatever the store forgets.
                if ended {
                    world.family.state = FamilyState::Ended { at: now, why: WhyEnded::Revoked };
                }
            }
        }
        assert!(
            world.held.iter().all(|held| world.handed_out.contains(held)),
            "nobody holds what nobody gave"
        );
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn r_2_3_no_interleaving_forks_a_family(steps in prop::collection::vec(step(), 1..40), is_public in any::<bool>()) {
        run(&steps, if is_public { Proof::Nothing } else { Proof::Authenticated });
    }

    /// One holder, whatever happens to its answers and to the store, as long as it comes before the idle end and not more
    /// often than eight times in two minutes: it is never turned away.
    #[test]
    fn r_2_7_an_honest_client_that_proves_itself_never_loses_its_session(
        turns in prop::collection::vec((30..500_000u64, prop::bool::weighted(0.4), prop::bool::weighted(0.1)), 1..60)
    ) {
        let mut world = world();
        for (wait, is_lost, regresses) in turns {
            world.now = world.now.plus(Duration::from_secs(wait));
            if world.now >= begun().absolute_end {
                break;
            }
            if regresses && let Some(earlier) = world.earlier.pop() {
                world.family = earlier;
            }
            // A store that went back may think that it lay unused for longer than it did.
            if world.now >= world.family.idle_end {
                break;
            }
            let delivered = world.present(world.held[0], Proof::Authenticated, world.now);
            prop_assert!(delivered.is_some(), "turned away with {} at {:?}", world.held[0], world.family);
            if let (Some(delivered), false) = (delivered, is_lost) {
                world.held[0] = delivered;
            }
        }
    }

    /// Two holders of one public token, each of whom uses what it got: before either has gone through four generations
    /// the family is over.
    #[test]
    fn r51_a_copy_of_a_public_token_does_not_live_beside_its_original(
        turns in prop::collection::vec((any::<bool>(), 130..100_000u64), 20..40)
    ) {
        let mut world = world();
        let mut uses = [0, 0];
        for (is_thief, wait) in turns {
            world.now = world.now.plus(Duration::from_secs(wait));
            let holder = usize::from(is_thief);
            if world.family.state != FamilyState::Live || world.now >= world.family.idle_end {
                break;
            }
            if let Some(delivered) = world.present(world.held[holder], Proof::Nothing, world.now) {
                world.held[holder] = delivered;
                uses[holder] += 1;
            }
            if uses[0] > 0 && uses[1] > 0 {
                prop_assert!(world.family.state != FamilyState::Live || world.held[0] != world.held[1],
                    "both hold the newest token, behind the grace: {uses:?}");
            }
        }
    }
}
