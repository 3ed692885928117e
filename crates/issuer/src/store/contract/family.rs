//! What a store does with refresh families.

mod interleavings;
mod likeness;
mod limit;

pub(crate) use interleavings::*;
pub(crate) use likeness::*;
pub(crate) use limit::*;

use super::*;
use crate::family::{Decision, FamilyState, Generation, Granted, OnReplay, Proof, Refused, Rotations};
use chancery_token::{Bounds, Confirmation, ScopeSet};

const KEY: Confirmation = Confirmation::DpopKey([3; 32]);

pub(crate) fn family_id(number: u64) -> FamilyId {
    // Spread over the shards of a store, as random ids are.
    let [.., low] = number.to_be_bytes();
    let number = u128::from(number) | u128::from(low) << 120;
    FamilyId::from_bytes(number.to_be_bytes())
}

pub(crate) fn family(number: u64) -> Family {
    let scopes = |text| ScopeSet::parse(text).unwrap();
    Family {
        id: family_id(number),
        client: id("invoice-reporter"),
        tenant: "acme".parse().unwrap(),
        sub: None,
        act: Vec::new(),
        ancestors: Vec::new(),
        granted: vec![
            Granted {
                audience: "https://api.documint.example".into(),
                scopes: scopes("invoices:read invoices:create"),
            },
            Granted {
                audience: "https://api.payments.example".into(),
                scopes: scopes("payments:read refunds:create"),
            },
        ],
        bounds: serde_json::from_str(r#"{"region":["eu"]}"#).unwrap(),
        cnf: None,
        rvs0: Sequence::new(1_838_392_934_400),
        created_at: NOW,
        absolute_end: NOW.plus(Duration::from_hours(24 * 90)),
        idle: Duration::from_hours(24 * 14),
        idle_end: NOW.plus(Duration::from_hours(24 * 14)),
        generation: Generation(0),
        rotations: Rotations::default(),
        redelivered: None,
        state: FamilyState::Live,
    }
}

/// Everything that a family can have.
pub(crate) fn full_family(number: u64) -> Family {
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    Family {
        sub: Some("user:alice@example.com".parse().unwrap()),
        act: vec!["worker".parse().unwrap(), "planner".parse().unwrap()],
        ancestors: vec![family_id(number + 1), family_id(number + 2)],
        cnf: Some(KEY),
        generation: Generation(u64::MAX / 2),
        rotations: Rotations::from_newest_first((0..8).map(|back| at(800 - back))),
        redelivered: Some((Generation(u64::MAX / 2), 2)),
        ..family(number)
    }
}

pub(crate) async fn begun(store: &dyn Store, family: &Family) {
    store.begin_family(family, u32::MAX, family.created_at).await.unwrap();
}

pub(crate) fn shown(generation: u64, client: &ClientId) -> Presented<'_> {
    Presented {
        generation: Generation(generation),
        client,
        proof: Proof::Authenticated,
        on_replay: OnReplay::Revoke,
    }
}

/// What became of it, and what stands in the store afterwards.
async fn advanced(
    store: &dyn Store,
    number: u64,
    presented: &Presented<'_>,
    now: UnixTime,
) -> (Family, Decision) {
    match store.advance(family_id(number), presented, now).await.unwrap() {
        Advanced::Decided { before, decision } => (*before, decision),
        Advanced::Unknown => panic!("it is there"),
    }
}

/// What a decision leaves behind.
fn left(before: &Family, decision: &Decision) -> Family {
    crate::store::family::written(decision).unwrap_or(before).clone()
}

fn later(seconds: u64) -> UnixTime {
    NOW.plus(Duration::from_secs(seconds))
}

pub(crate) async fn a_new_store_has_no_family(place: &dyn Place) {
    let store = place.connect().await;
    assert_eq!(store.family(family_id(1)).await, Ok(None));
    let client = id("invoice-reporter");
    assert_eq!(store.advance(family_id(1), &shown(0, &client), NOW).await, Ok(Advanced::Unknown));
    assert_eq!(store.end_family(family_id(1), WhyEnded::Revoked, NOW).await, Ok(false));
    assert_eq!(store.ended_families(10).await, Ok(Vec::new()));
    assert_eq!(store.settle_families(&[]).await, Ok(()));
}

pub(crate) async fn a_family_is_found_as_it_was_begun(place: &dyn Place) {
    let (store, other) = (place.connect().await, place.connect().await);
    let bare = Family { bounds: Bounds::default(), granted: Vec::new(), ..family(3) };
    for family in [family(1), full_family(2), bare] {
        begun(&*store, &family).await;
        assert_eq!(store.family(family.id).await, Ok(Some(family.clone())));
        assert_eq!(other.family(family.id).await, Ok(Some(family)));
    }
}

pub(crate) async fn a_family_that_is_begun_again_is_answered_like_the_first_time(place: &dyn Place) {
    let store = place.connect().await;
    let family = family(1);
    for _ in 0..3 {
        assert_eq!(store.begin_family(&family, 1, NOW).await, Ok(()));
    }
    let (_, decision) = advanced(&*store, 1, &shown(0, &family.client), later(5)).await;
    assert!(matches!(decision, Decision::Rotate(_)));
    assert_eq!(store.begin_family(&family, 1, NOW).await, Ok(()));
    assert_eq!(store.family(family.id).await.unwrap().unwrap().generation, Generation(1), "it goes on");
}

/// Every row of the table, over a record that was rotated at these seconds.
pub(crate) async fn a_store_writes_what_is_decided_and_nothing_else(place: &dyn Place) {
    let (store, mut number) = (place.connect().await, 0);
    let (client, other) = (id("invoice-reporter"), id("thief"));
    for cnf in [None, Some(KEY)] {
        for rotated in [&[][..], &[10], &[10, 20], &[10, 200, 500], &[1, 2, 3, 4, 5, 6, 7, 8]] {
            for generation in 0..12 {
                for (proof, client, seconds) in [
                    (Proof::Authenticated, &client, 9),
                    (Proof::Key(&KEY), &client, 501),
                    (Proof::Key(&KEY), &client, 1000),
                    (Proof::Nothing, &client, 1000),
                    (Proof::Key(&KEY), &other, 501),
                    (Proof::Key(&KEY), &client, 14 * 86_400 + 600),
                ]
                .into_iter()
                .flat_map(|case| [case; 2])
                {
                    number += 1;
                    let mut family = Family { cnf: cnf.clone(), ..family(number) };
                    begun(&*store, &family).await;
                    for (second, generation) in rotated.iter().zip(0..) {
                        let presented =
                            Presented { proof: Proof::Key(&KEY), ..shown(generation, &family.client) };
                        let (before, decision) = advanced(&*store, number, &presented, later(*second)).await;
                        assert_eq!(before, family);
                        family = left(&before, &decision);
                    }
                    let presented = Presented { proof, ..shown(generation, client) };
                    let (before, decision) = if number % 2 == 0 {
                        advanced(&*store, number, &presented, later(seconds)).await
                    } else {
                        advanced_like(&*store, &family, &presented, later(seconds)).await
                    };
                    assert_eq!(before, family);
                    assert_eq!(decision, family.present(&presented, later(seconds)));
                    let stored = store.family(family.id).await.unwrap().unwrap();
                    assert_eq!(stored, left(&family, &decision), "{decision:?}");
                }
            }
        }
    }
}

pub(crate) async fn r_2_1_of_many_that_show_one_token_one_rotates_and_all_get_the_same(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await, place.connect().await];
    for round in 0..10 {
        begun(&*stores[0], &family(round)).await;
        let mut tasks = JoinSet::new();
        for store in stores.iter().cycle().take(64).cloned() {
            tasks.spawn(async move {
                advanced(&*store, round, &shown(0, &id("invoice-reporter")), later(5)).await.1
            });
        }
        let (mut rotated, mut noted) = (0, 0);
        for decision in tasks.join_all().await {
            match decision {
                Decision::Rotate(rotation) => {
                    rotated += 1;
                    assert_eq!(rotation.after.generation, Generation(1));
                }
                Decision::Redeliver(again) => {
                    noted += usize::from(again.noted.is_some());
                    assert_eq!((again.generation, again.is_suspicious), (Generation(1), false));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((rotated, noted), (1, 1));
        let stored = stores[1].family(family_id(round)).await.unwrap().unwrap();
        assert_eq!((stored.generation, stored.state), (Generation(1), FamilyState::Live));
    }
}

pub(crate) async fn r51_a_family_that_a_replay_ends_is_owed_an_entry_from_that_instant_on(place: &dyn Place) {
    let (store, other) = (place.connect().await, place.connect().await);
    let family = family(1);
    begun(&*store, &family).await;
    for (generation, seconds) in [(0, 10), (1, 500), (2, 1000)] {
        advanced(&*store, 1, &shown(generation, &family.client), later(seconds)).await;
        assert_eq!(store.ended_families(10).await, Ok(Vec::new()));
    }
    let (_, decision) = advanced(&*store, 1, &shown(0, &family.client), later(1001)).await;
    assert!(matches!(decision, Decision::Replay { after: Some(_) }));
    let owed = EndedFamily {
        id: family.id,
        client: family.client.clone(),
        tenant: family.tenant.clone(),
        at: later(1001),
    };
    assert_eq!(other.ended_families(10).await, Ok(vec![owed.clone()]));
    for generation in 0..4 {
        let (_, decision) = advanced(&*other, 1, &shown(generation, &family.client), later(1002)).await;
        assert_eq!(decision, Decision::Refuse(Refused::Ended(WhyEnded::Replayed)));
    }
    assert_eq!(store.end_family(family.id, WhyEnded::Revoked, later(1003)).await, Ok(false), "it is over");
    assert_eq!(store.ended_families(10).await, Ok(vec![owed.clone()]));
    for _ in 0..2 {
        other.settle_families(std::slice::from_ref(&owed)).await.unwrap();
        assert_eq!(store.ended_families(10).await, Ok(Vec::new()));
    }
}

pub(crate) async fn a_family_is_ended_once_and_for_good(place: &dyn Place) {
    let (store, other) = (place.connect().await, place.connect().await);
    for number in 0..40 {
        begun(&*store, &family(number)).await;
    }
    let client = family(0).client;
    advanced(&*store, 7, &shown(0, &client), later(5)).await;
    for number in 0..30 {
        assert_eq!(store.end_family(family_id(number), WhyEnded::Revoked, later(10)).await, Ok(true));
        assert_eq!(other.end_family(family_id(number), WhyEnded::Revoked, later(11)).await, Ok(false));
        let (before, decision) = advanced(&*other, number, &shown(1, &client), later(12)).await;
        assert_eq!(decision, Decision::Refuse(Refused::Ended(WhyEnded::Revoked)));
        assert_eq!(before.state, FamilyState::Ended { at: later(10), why: WhyEnded::Revoked });
    }
    assert_eq!(store.ended_families(0).await, Ok(Vec::new()));
    assert_eq!(store.ended_families(7).await.unwrap().len(), 7);
    let mut owed = store.ended_families(100).await.unwrap();
    owed.sort();
    let mut ids: Vec<FamilyId> = (0..30).map(family_id).collect();
    ids.sort();
    assert_eq!(owed.iter().map(|ended| ended.id).collect::<Vec<_>>(), ids);
    store.settle_families(&owed[..20]).await.unwrap();
    let mut rest = other.ended_families(100).await.unwrap();
    rest.sort();
    assert_eq!(rest, owed[20..]);
    // One that has expired is over already.
    let expired = later(14 * 86_400);
    assert_eq!(store.end_family(family_id(35), WhyEnded::Revoked, expired).await, Ok(false));
}

pub(crate) async fn what_can_be_used_once_is_used_once_on_every_issuer(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let until = later(300);
    assert_eq!(stores[0].first_use(&[1; 32], until, NOW).await, Ok(true));
    for store in &stores {
        assert_eq!(store.first_use(&[1; 32], until, NOW).await, Ok(false));
    }
    assert_eq!(stores[1].first_use(&[2; 32], until, NOW).await, Ok(true));
    for round in 10..15_u8 {
        let mut tasks = JoinSet::new();
        for nth in 0..32 {
            let store = Arc::clone(&stores[nth % 2]);
            tasks.spawn(async move { store.first_use(&[round; 32], until, NOW).await.unwrap() });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
    }
}
