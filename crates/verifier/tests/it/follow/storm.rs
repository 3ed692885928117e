//! Unknown keys, one or ten thousand of them.

use super::office::DEADLINE;
use super::world::{World, keys_of, reason};
use chancery_verifier::Blame;
use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::task::JoinSet;

const COOLDOWN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn r_1_1_tokens_with_known_keys_cause_no_request_and_never_wait() {
    let world = World::new().await;
    // A fetch hangs meanwhile.
    world.office.hold();
    let asking = tokio::spawn({
        let (verifier, token) = (world.verifier.clone(), world.with_unknown_key("nobodys"));
        async move { verifier.verify_now(&token).await }
    });
    world.office.until_asked_for_keys(2).await;
    for number in 0..1000 {
        let token = super::world::issuer().token().number(number).sign();
        let verdict = pin!(world.verifier.verify_now(&token)).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(verdict, Poll::Ready(Ok(_))), "token {number} was refused or waits");
    }
    assert_eq!(world.office.asked_for_keys(), 2);
    world.office.release();
    assert_eq!(reason(asking.await.unwrap()), "unknown_key");
}

#[tokio::test]
async fn r_1_2_ten_thousand_unknown_keys_cause_one_request() {
    let world = World::new().await;
    let mut flood = JoinSet::new();
    for number in 0..10_000 {
        let (verifier, token) =
            (world.verifier.clone(), world.with_unknown_key(&format!("unknown-{number}")));
        flood.spawn(async move { reason(verifier.verify_now(&token).await) });
        if number % 100 == 0 {
            tokio::task::yield_now().await;
            world.verifier.verify_now(&world.token(1)).await.expect("a known key verifies in the flood");
        }
    }
    while let Some(refused) = flood.join_next().await {
        assert_eq!(refused.unwrap(), "unknown_key");
    }
    assert_eq!(world.office.asked_for_keys(), 2, "the one at the start, and one for the flood");
    let counts = world.follower.status().unknown_keys;
    assert_eq!(counts.waited + counts.refused, 10_000);
    assert_eq!(world.follower.status().keys.len(), 1);
    world.verify(&world.token(1)).unwrap();
}

#[tokio::test]
async fn r_1_3_the_first_unknown_key_is_fetched_for_at_once() {
    let world = World::new().await;
    world.office.publish_keys(keys_of(&[1, 2]));
    // Nothing passed since the start.
    world.verifier.verify_now(&world.token(2)).await.unwrap();
    assert_eq!(world.office.asked_for_keys(), 2);

    world.office.publish_keys(keys_of(&[1, 2, 3]));
    assert_eq!(
        reason(world.verifier.verify_now(&world.token(3)).await),
        "unknown_key",
        "within the cooldown"
    );
    assert_eq!(world.office.asked_for_keys(), 2);
    world.clock.advance(COOLDOWN);
    world.verifier.verify_now(&world.token(3)).await.unwrap();
    assert_eq!(world.office.asked_for_keys(), 3);
}

#[tokio::test]
async fn r_1_4_who_meets_an_unknown_key_joins_the_fetch_that_is_under_way() {
    let world = World::with(|settings| settings.wait(DEADLINE)).await;
    world.office.publish_keys(keys_of(&[1, 2]));
    world.office.hold();
    let token = world.token(2);
    let ask = || {
        let (verifier, token) = (world.verifier.clone(), token.clone());
        async move { verifier.verify_now(&token).await }
    };
    // The one who caused the fetch gives up.
    let first = tokio::spawn(ask());
    world.office.until_asked_for_keys(2).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let mut joined = JoinSet::new();
    for _ in 0..100 {
        joined.spawn(ask());
    }
    world.office.release();
    while let Some(verdict) = joined.join_next().await {
        verdict.unwrap().expect("the fetch went on, and brought the key");
    }
    assert_eq!(world.office.asked_for_keys(), 2);
}

#[tokio::test]
async fn r_1_4_whoever_waited_in_vain_is_told_that_keys_are_unavailable() {
    let world =
        World::with(|settings| settings.wait(Duration::from_millis(20)).total_timeout(DEADLINE)).await;
    world.office.publish_keys(keys_of(&[1, 2]));
    world.office.hold();
    let refused = world.verifier.verify_now(&world.token(2)).await.unwrap_err();
    assert_eq!((refused.reason(), refused.blame()), ("keys_unavailable", Blame::Verifier));
    // The fetch goes on without its asker.
    world.office.until_asked_for_keys(2).await;
    world.office.release();
    world.follower.poll_once().await;
    world.verify(&world.token(2)).unwrap();
    assert_eq!(world.office.asked_for_keys(), 2);
}

#[tokio::test]
async fn r_1_4_while_the_issuer_fails_an_unknown_key_is_not_called_a_bad_token() {
    let world = World::new().await;
    world.office.publish_keys(super::office::Reply::status(503));
    for _ in 0..100 {
        assert_eq!(reason(world.verifier.verify_now(&world.token(2)).await), "keys_unavailable");
    }
    assert_eq!(world.office.asked_for_keys(), 2);
    world.verify(&world.token(1)).unwrap();
}

#[tokio::test]
async fn the_first_tokens_after_the_start_wait_for_the_first_keys() {
    let office = super::office::Office::new();
    office.publish_keys(keys_of(&[1]));
    office.hold();
    let clock = super::world::clock();
    let verifier = super::world::verifier(super::world::ISSUER, &clock);
    let from = chancery_verifier::follow::KeysFrom::Url(office.keys_url());
    let settings = super::world::settings(from).wait(DEADLINE);
    let _follower = chancery_verifier::follow::Follower::start(&verifier, settings).unwrap();
    let asking =
        tokio::spawn(async move { verifier.verify_now(&super::world::issuer().token().sign()).await });
    office.until_asked_for_keys(1).await;
    office.release();
    asking.await.unwrap().unwrap();
    assert_eq!(office.asked_for_keys(), 1);
}
