use super::*;
use crate::keyring::{RETIRE_MARGIN, SETTLE};
use proptest::prelude::*;
use std::time::Duration;

const START: u64 = 1_795_305_600;

fn at(second: u64) -> UnixTime {
    UnixTime::from_secs(START + second)
}

fn schedule(lead: u64, max_age: u64, lifetime: u64) -> Schedule {
    let [lead, max_age, lifetime] = [lead, max_age, lifetime].map(Duration::from_secs);
    Schedule::new(lead, max_age, lifetime).unwrap()
}

fn published(keys: &Succession<u32>, second: u64) -> Vec<u32> {
    keys.published(at(second)).copied().collect()
}

#[test]
fn the_first_key_signs_at_once_and_the_second_is_published_beside_it() {
    let keys = Succession::begin(1, 2, at(0));
    assert_eq!(*keys.signing(at(0)), 1);
    assert_eq!(published(&keys, 0), [1, 2]);
}

#[test]
fn r_1_12_a_rotation_waits_until_the_published_key_is_known_everywhere() {
    let schedule = schedule(3600, 300, 3600);
    let ready = 3600 + SETTLE.as_secs();
    let keys = Succession::begin(1, 2, at(0)).rotate(3, at(100), &schedule).unwrap();
    assert_eq!(
        keys.states().map(|(_, state)| state).collect::<Vec<_>>(),
        [
            KeyState::Retired { at: at(ready), until: at(ready + 3600 + RETIRE_MARGIN.as_secs()) },
            KeyState::Active { since: at(ready) },
            KeyState::Published { at: at(100) },
        ]
    );
    assert_eq!(*keys.signing(at(ready - 1)), 1);
    assert_eq!(*keys.signing(at(ready)), 2);
    assert_eq!(published(&keys, 100), [1, 2, 3]);
}

#[test]
fn r_1_12_a_key_that_waited_long_enough_signs_at_once_and_the_old_one_stays_for_its_tokens() {
    let schedule = schedule(3600, 300, 3600);
    let keys = Succession::begin(1, 2, at(0)).rotate(3, at(10_000), &schedule).unwrap();
    assert_eq!(*keys.signing(at(9_999)), 1, "a process whose clock is behind still signs with the old key");
    assert_eq!(*keys.signing(at(10_000)), 2);
    let end = 10_000 + 3600 + RETIRE_MARGIN.as_secs();
    assert_eq!(published(&keys, end - 1), [1, 2, 3]);
    assert_eq!(published(&keys, end), [2, 3]);
}

#[test]
fn a_second_rotation_waits_for_the_first_and_says_when() {
    let schedule = schedule(3600, 300, 3600);
    let keys = Succession::begin(1, 2, at(0)).rotate(3, at(100), &schedule).unwrap();
    let activates_at = at(3600 + SETTLE.as_secs());
    let refused = keys.clone().rotate(4, at(200), &schedule).unwrap_err();
    assert_eq!(refused, RotationPending { activates_at });
    assert!(refused.to_string().contains(&activates_at.to_string()), "{refused}");
    assert!(keys.rotate(4, activates_at, &schedule).is_ok());
}

#[test]
fn keys_whose_time_is_over_are_dropped_at_the_next_rotation() {
    let schedule = schedule(60, 60, 60);
    let mut keys = Succession::begin(0, 1, at(0));
    for number in 2..100_u32 {
        keys = keys.rotate(number, at(u64::from(number) * 100), &schedule).unwrap();
        assert!(keys.states().count() <= 8, "{keys:?}");
    }
}

#[test]
fn a_clock_that_was_far_ahead_leaves_a_key_that_signs() {
    let keys = Succession::begin(1, 2, at(1_000_000));
    assert_eq!(*keys.signing(at(0)), 1);
    assert_eq!(published(&keys, 0), [1, 2]);
}

#[test]
fn a_key_that_goes_while_a_rotation_is_under_way_leaves_one_that_may_sign() {
    let schedule = schedule(3600, 300, 3600);
    let ready = 3600 + SETTLE.as_secs();
    let under_way = Succession::begin(1, 2, at(0)).rotate(3, at(100), &schedule).unwrap();
    // The one that signs goes: its successor signs at once, known everywhere or not.
    let keys = under_way.clone().without(|key| *key == 1, 4, at(200), &schedule);
    assert_eq!((*keys.signing(at(200)), published(&keys, 200)), (2, vec![2, 3]));
    // The successor goes: the one that signs does so until the next one is known.
    let keys = under_way.clone().without(|key| *key == 2, 4, at(200), &schedule);
    assert_eq!(published(&keys, 200), [1, 3, 4]);
    assert_eq!((*keys.signing(at(100 + ready - 1)), *keys.signing(at(100 + ready))), (1, 3));
    assert_eq!(published(&keys, 100 + ready + 3600), [1, 3, 4], "its tokens are believed as long");
    // Both go.
    let keys = keys.without(|key| *key == 1, 5, at(300), &schedule);
    assert_eq!((*keys.signing(at(300)), published(&keys, 300)), (3, vec![3, 4]));
    let keys = under_way.without(|key| *key == 9, 5, at(300), &schedule);
    assert_eq!((*keys.signing(at(300)), published(&keys, 300)), (1, vec![1, 2, 3]));
}

/// A decision as it was stored, and when.
type History = Vec<(u64, Succession<u32>)>;

/// What a process knows that read the store `delay` seconds ago.
fn known(history: &History, second: u64, delay: u64) -> Option<&Succession<u32>> {
    let seen = second.checked_sub(delay)?;
    history.iter().rev().find(|(stored, _)| *stored <= seen).map(|(_, keys)| keys)
}

fn rotations() -> impl Strategy<Value = Vec<u64>> {
    proptest::collection::vec(1u64..8000, 1..25)
}

/// A token's life: signed `offset` seconds after the `anchor`-th instant at which something happened, by a process
/// that last read the store `signer_delay` seconds before; met when `met` thousandths of its life are over, by a
/// verifier whose keys have `age` thousandths of the greatest age, fetched from a process with `server_delay`.
#[derive(Clone, Debug)]
struct Life {
    anchor: prop::sample::Index,
    offset: u64,
    signer_delay: u64,
    server_delay: u64,
    met: u64,
    age: u64,
}

fn life() -> impl Strategy<Value = Life> {
    let delay = || prop_oneof![Just(0), Just(SETTLE.as_secs()), 0..=SETTLE.as_secs()];
    let thousandths = || prop_oneof![Just(0u64), Just(1000), 0u64..=1000];
    let offset = prop_oneof![0u64..15, 0u64..10_000];
    (any::<prop::sample::Index>(), offset, delay(), delay(), thousandths(), thousandths()).prop_map(
        |(anchor, offset, signer_delay, server_delay, met, age)| Life {
            anchor,
            offset,
            signer_delay,
            server_delay,
            met,
            age,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Issuers that share a store and hear of a change up to `SETTLE` later; verifiers that fetch the keys from
    /// any of them at any time and keep them for `max_age`; tokens that any of them signs at any time. Whoever
    /// meets a token within its life, and within the leeway after it, knows its key.
    #[test]
    fn r_1_12_no_verifier_that_honours_max_age_meets_an_unknown_kid(
        gaps in rotations(),
        max_age in 1u64..3000,
        more in prop_oneof![Just(0u64), 0u64..5000],
        lifetime in 60u64..3600,
        lives in proptest::collection::vec(life(), 1..60),
    ) {
        const LEEWAY: u64 = 30;
        let schedule = schedule(max_age + more, max_age, lifetime);
        let mut history: History = vec![(0, Succession::begin(0, 1, at(0)))];
        let mut instants = vec![0];
        let (mut second, mut key) = (0, 2);
        for gap in gaps {
            second += gap;
            let keys = history.last().unwrap().1.clone();
            // A rotation that comes too early is refused, and nothing changes.
            if let Ok(keys) = keys.rotate(key, at(second), &schedule) {
                instants.extend([second, keys.active.since.as_secs() - START]);
                history.push((second, keys));
                key += 1;
            }
        }
        for life in lives {
            let signed = life.anchor.get(&instants) + life.offset;
            let Some(issuer) = known(&history, signed, life.signer_delay) else { continue };
            let kid = *issuer.signing(at(signed));
            let met = signed + (lifetime + LEEWAY) * life.met / 1000;
            let Some(fetched) = met.checked_sub(max_age * life.age / 1000) else { continue };
            let Some(server) = known(&history, fetched, life.server_delay) else { continue };
            let keys = published(server, fetched);
            prop_assert!(
                keys.contains(&kid),
                "signed at {signed} with {kid}, met at {met}, keys of {fetched}: {keys:?}; {history:?}"
            );
        }
    }

    /// Whatever is taken out, and when: what signs is published and was not taken out.
    #[test]
    fn r_1_13_taking_keys_out_leaves_one_that_signs_and_is_published(
        steps in proptest::collection::vec((1u64..8000, any::<prop::sample::Index>(), any::<bool>()), 1..25),
    ) {
        let schedule = schedule(3600, 300, 3600);
        let (mut keys, mut second, mut gone) = (Succession::begin(0, 1, at(0)), 0, Vec::new());
        for (number, (gap, which, out)) in (2..).zip(steps) {
            second += gap;
            if out {
                let known: Vec<u32> = keys.states().map(|(key, _)| *key).collect();
                let key = *which.get(&known);
                keys = keys.without(|it| *it == key, number, at(second), &schedule);
                gone.push(key);
            } else {
                keys = keys.clone().rotate(number, at(second), &schedule).unwrap_or(keys);
            }
            for later in [0, 1, 3600, 3611, 9000] {
                let signing = *keys.signing(at(second + later));
                prop_assert!(!gone.contains(&signing), "{keys:?}");
                prop_assert!(published(&keys, second + later).contains(&signing), "{keys:?}");
            }
        }
    }

    #[test]
    fn r_1_13_there_are_always_keys_and_the_one_that_signs_is_published(
        gaps in rotations(), lead in 1u64..5000, seconds in proptest::collection::vec(0u64..200_000, 1..20),
    ) {
        let schedule = schedule(lead, 1, 3600);
        let (mut keys, mut second) = (Succession::begin(0, 1, at(0)), 0);
        for (number, gap) in (2..).zip(gaps) {
            second += gap;
            keys = keys.clone().rotate(number, at(second), &schedule).unwrap_or(keys);
        }
        for at_second in seconds {
            let published = published(&keys, at_second);
            prop_assert!(published.len() >= 2 && published.contains(keys.signing(at(at_second))));
        }
    }
}
