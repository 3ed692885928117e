//! Fetches that nobody asked for.

use super::office::{DEADLINE, Reply};
use super::world::{INTERVAL, World, document_of, keys_of, reason};
use axum::http::header;
use chancery_verifier::UnixTime;
use chancery_verifier::clock::Clock as _;
use chancery_verifier::follow::Standing;
use chancery_verifier::testing::TestIssuer;
use std::time::Duration;

const HALF_A_DAY: Duration = Duration::from_hours(12);

#[tokio::test]
async fn r_1_5_keys_are_fetched_again_before_their_lifetime_ends() {
    let world = World::new().await;
    // 600 s: three quarters less a tenth is 405.
    world.pass(Duration::from_secs(404)).await;
    assert_eq!(world.office.asked_for_keys(), 1);
    world.pass(Duration::from_secs(496 - 404)).await;
    assert_eq!(world.office.asked_for_keys(), 2);
    assert_eq!(world.follower.status().standing, Standing::Fresh);
    assert_eq!(world.follower.status().age, Some(Duration::ZERO));
}

#[tokio::test]
async fn r_1_5_a_failure_is_retried_within_a_second_and_never_remembered_as_an_answer() {
    let world = World::new().await;
    world.office.publish_keys(Reply::status(500));
    world.pass(INTERVAL).await;
    assert_eq!(world.office.asked_for_keys(), 2);
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(world.office.asked_for_keys(), 3);
    assert_eq!(world.follower.status().last_failure.unwrap().in_a_row, 2);

    world.office.publish_keys(keys_of(&[1, 2]));
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(world.follower.status().last_failure, None);
    world.verify(&world.token(2)).unwrap();
    let fetches = world.follower.status().fetches;
    assert_eq!((fetches.begun, fetches.installed, fetches.failed), (4, 2, 2));
}

#[tokio::test]
async fn r_1_5_an_answer_that_takes_too_long_is_given_up() {
    let world = World::with(|settings| settings.total_timeout(Duration::from_millis(250))).await;
    world.office.hold();
    world.pass(INTERVAL).await;
    assert_eq!(world.last_reason(), Some("timed_out"));
    world.verify(&world.token(1)).unwrap();
}

#[tokio::test]
async fn r_1_7_a_key_that_was_removed_stops_verifying_at_the_next_fetch() {
    let world = World::new().await;
    let token = world.token(1);
    world.verify(&token).expect("good, and now remembered as good");
    world.office.publish_keys(keys_of(&[2]));
    world.pass(INTERVAL).await;
    assert_eq!(reason(world.verify(&token)), "unknown_key");
    assert_eq!(reason(world.verifier.verify_now(&token).await), "unknown_key");
    world.verify(&world.token(2)).unwrap();
}

#[tokio::test]
async fn r_1_7_a_lifetime_of_a_day_is_cut_to_an_hour() {
    let world = World::new().await;
    world.office.publish_keys(Reply::ok(document_of(&[1])).max_age(86_400));
    world.pass(INTERVAL).await;
    world.office.publish_keys(keys_of(&[2]));
    world.pass(Duration::from_hours(1)).await;
    assert_eq!(reason(world.verify(&world.token(1))), "unknown_key");
}

#[tokio::test]
async fn r_1_13_the_issuers_max_age_decides_when_to_ask_again() {
    let world = World::new().await;
    world.office.publish_keys(Reply::ok(document_of(&[1])).max_age(120));
    world.pass(INTERVAL).await;
    assert_eq!(world.office.asked_for_keys(), 2);
    // 120 s: between 81 and 99.
    world.pass(Duration::from_secs(80)).await;
    assert_eq!(world.office.asked_for_keys(), 2);
    world.pass(Duration::from_secs(20)).await;
    assert_eq!(world.office.asked_for_keys(), 3);
}

#[tokio::test]
async fn r_1_13_an_issuer_that_says_no_store_is_asked_once_a_minute_at_most() {
    let world = World::new().await;
    world.office.publish_keys(Reply::ok(document_of(&[1])).header(header::CACHE_CONTROL, "no-store"));
    world.pass(INTERVAL).await;
    for _ in 0..40 {
        world.pass(Duration::from_secs(1)).await;
    }
    assert_eq!(world.office.asked_for_keys(), 2);
}

#[tokio::test]
async fn r_1_13_not_modified_makes_the_keys_young_again() {
    let world = World::new().await;
    world.office.publish_keys(keys_of(&[1]).etag("\"one\""));
    world.pass(INTERVAL).await;
    // Without the 304s the keys would end after half a day.
    for _ in 0..100 {
        world.pass(INTERVAL).await;
    }
    assert!(INTERVAL * 100 > HALF_A_DAY);
    let status = world.follower.status();
    assert_eq!((status.fetches.installed, status.fetches.unchanged), (2, 100));
    assert_eq!(status.age, Some(Duration::ZERO));
    assert_eq!(status.confirmed_at, Some(world.clock.now()));
    assert_eq!(status.good_until, Some(world.clock.now().plus(HALF_A_DAY)));
    world.verify(&world.token(1)).unwrap();

    world.office.publish_keys(keys_of(&[2]).etag("\"two\""));
    world.pass(INTERVAL).await;
    assert_eq!(reason(world.verify(&world.token(1))), "unknown_key");
}

#[tokio::test]
async fn r_1_13_not_modified_leaves_verified_tokens_verified() {
    let world = World::new().await;
    world.office.publish_keys(keys_of(&[1]).etag("\"one\""));
    world.pass(INTERVAL).await;
    world.verify(&world.token(1)).unwrap();
    let remembered = world.verifier.cached_bytes();
    assert!(remembered > 0);
    world.pass(INTERVAL).await;
    assert_eq!(world.verifier.cached_bytes(), remembered);
    assert_eq!(world.follower.status().fetches.unchanged, 1);
}

#[tokio::test]
async fn r_10_8_it_shows_which_keys_are_held_and_since_when() {
    let world = World::new().await;
    let begun = world.clock.now();
    world.office.publish_keys(keys_of(&[1, 2]));
    world.pass(INTERVAL).await;
    let since = |number: u8| -> UnixTime {
        let kid = TestIssuer::new("i", "a").key_number(number).kid();
        world.follower.status().keys.into_iter().find(|key| *key.kid == *kid).expect("it is held").since
    };
    assert_eq!(since(1), begun);
    assert_eq!(since(2), begun.plus(INTERVAL));
}

#[tokio::test]
async fn a_follower_that_is_dropped_asks_no_more_and_its_keys_stay() {
    let world = World::new().await;
    let (verifier, token) = (world.verifier.clone(), world.with_unknown_key("nobodys"));
    drop(world.follower);
    let stopped = async {
        while reason(verifier.verify_now(&token).await) != "unknown_key" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, stopped).await.unwrap();
    assert_eq!(world.office.asked_for_keys(), 1);
    verifier.verify_now(&super::world::issuer().token().sign()).await.unwrap();
}
