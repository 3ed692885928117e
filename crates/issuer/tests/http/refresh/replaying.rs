use super::world::{Pair, World};
use chancery_issuer::client::Refresh;
use chancery_issuer::family::OnReplay;
use chancery_revocation::Kind;
use std::time::Duration;

const REPLAYED: &str = "400 invalid_grant refresh_token_replayed";

#[tokio::test]
async fn r_2_6_a_lost_answer_is_answered_again_with_the_same_refresh_token() {
    let world = World::open().await;
    let first = world.begin().await;
    let lost = world.go_on(&first.refresh).await;
    let again = world.go_on(&first.refresh).await;
    assert_eq!(again.refresh, lost.refresh, "byte for byte");
    assert_ne!(again.access, lost.access, "an access token is always a new one");
    let next = world.go_on(&lost.refresh).await;
    assert_ne!(next.refresh, lost.refresh);
}

#[tokio::test]
async fn r_2_2_a_client_that_was_killed_before_it_stored_its_token_goes_on_four_days_later() {
    let world = World::open().await;
    let first = world.begin().await;
    let lost = world.go_on(&first.refresh).await;
    world.desk.pass(Duration::from_hours(4 * 24)).await;
    let again = world.go_on(&first.refresh).await;
    assert_eq!(again.refresh, lost.refresh);
    world.go_on(&again.refresh).await;
}

#[tokio::test]
async fn r_2_3_late_workers_get_the_newest_token_and_no_fork() {
    let world = World::open().await;
    let first = world.begin().await;
    let second = world.go_on(&first.refresh).await;
    let third = world.go_on(&second.refresh).await;
    world.desk.pass(Duration::from_mins(1)).await;
    for late in [&first, &second] {
        assert_eq!(world.go_on(&late.refresh).await.refresh, third.refresh);
    }
    assert_eq!(world.go_on(&first.refresh).await.refresh, third.refresh);
    assert!(world.metric("chancery_refreshes_total{outcome=\"redelivered\"} 3").await);
}

#[tokio::test]
async fn r51_a_replayed_token_ends_its_family_and_every_access_token_of_it_and_nothing_else() {
    let world = World::open().await;
    let (first, beside) = (world.begin().await, world.begin().await);
    let second = world.go_on(&first.refresh).await;
    let third = world.go_on(&second.refresh).await;
    world.desk.pass(Duration::from_secs(121)).await;
    let before = *world.desk.issuer.revocation_log().current().position();
    assert!(!world.is_over(&third.access));
    assert_eq!(world.refresh(&first.refresh).await.refusal(), REPLAYED);
    for of_it in [&first, &second, &third] {
        assert!(world.is_over(&of_it.access), "told to every verifier before the answer");
        assert_eq!(world.refresh(&of_it.refresh).await.refusal(), "400 invalid_grant refresh_token_ended");
    }
    let entries = entries_after(&world, before).await;
    assert_eq!(entries.iter().map(|entry| entry.kill.kind()).collect::<Vec<_>>(), [Kind::Family]);
    assert!(owed(&world).await.is_empty(), "the store owes nothing any more");
    assert!(!world.is_over(&beside.access));
    world.go_on(&beside.refresh).await;
    assert!(world.metric("chancery_alarms_total{alarm=\"refresh_replayed\"} 1").await);
}

async fn entries_after(
    world: &World,
    place: chancery_revocation::Position,
) -> Vec<chancery_revocation::Entry> {
    use chancery_issuer::store::Store as _;
    world.desk.store.log_rows(place.sequence, 100).await.unwrap()
}

async fn owed(world: &World) -> Vec<chancery_issuer::store::EndedFamily> {
    use chancery_issuer::store::Store as _;
    world.desk.store.ended_families(100).await.unwrap()
}

#[tokio::test]
async fn r_2_4_a_client_may_be_registered_so_that_a_replay_is_refused_and_its_family_goes_on() {
    let terms = Refresh { on_replay: OnReplay::Refuse, ..Refresh::default() };
    let world = World::open_with(&[], terms).await;
    let first = world.begin().await;
    let second = world.go_on(&first.refresh).await;
    let third = world.go_on(&second.refresh).await;
    world.desk.pass(Duration::from_secs(121)).await;
    for _ in 0..3 {
        assert_eq!(world.refresh(&first.refresh).await.refusal(), REPLAYED);
    }
    assert!(!world.is_over(&third.access));
    world.go_on(&third.refresh).await;
    assert!(world.metric("chancery_alarms_total{alarm=\"refresh_replayed\"} 3").await);
}

#[tokio::test]
async fn r_2_5_who_rotates_too_often_waits_and_loses_nothing() {
    let world = World::open().await;
    let mut pair = world.begin().await;
    for _ in 0..8 {
        pair = world.go_on(&pair.refresh).await;
    }
    let answer = world.refresh(&pair.refresh).await;
    assert_eq!(answer.refusal(), "429 temporarily_unavailable refreshed_too_often");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=121).contains(&wait), "{wait}");
    world.desk.pass(Duration::from_secs(wait)).await;
    world.go_on(&pair.refresh).await;
}

#[tokio::test]
async fn two_holders_in_lockstep_raise_an_alarm() {
    let world = World::open().await;
    let mut pair = world.begin().await;
    for _ in 0..3 {
        let mine = world.go_on(&pair.refresh).await;
        let thiefs: Pair = world.go_on(&pair.refresh).await;
        assert_eq!(mine.refresh, thiefs.refresh);
        world.desk.pass(Duration::from_mins(15)).await;
        pair = mine;
    }
    assert!(world.metric("chancery_alarms_total{alarm=\"refresh_in_lockstep\"} 1").await);
    world.go_on(&pair.refresh).await;
}
