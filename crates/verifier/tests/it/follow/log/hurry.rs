//! Tokens that are ahead of what is known.

use super::world::{HOUR, World};
use crate::follow::office::DELTA;
use crate::follow::world::issuer;
use chancery_verifier::Freshness;
use chancery_verifier::clock::Clock as _;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn ahead(world: &World, by: u64) -> String {
    let known = world.status().position.unwrap().sequence.get();
    issuer().at(world.clock.now()).token().claim("rvs", known + by).sign()
}

/// A question is held, and was for a second.
async fn holding(world: &World) -> usize {
    world.clock.advance(SECOND);
    world.follower.poll_once().await;
    world.clock.advance(SECOND);
    world.until(|world| world.office.last_query().ends_with("wait=25")).await;
    world.clock.advance(SECOND);
    world.office.asked(DELTA)
}

#[tokio::test]
async fn r50_a_token_that_is_ahead_has_the_issuer_asked_once_a_second_at_most() {
    let world = World::new().await;
    let asked = holding(&world).await;
    for number in 1..1000 {
        assert_eq!(world.said(&ahead(&world, number)), "ok");
    }
    world.until(|world| world.office.asked(DELTA) == asked + 1).await;
    for number in 1..1000 {
        assert_eq!(world.said(&ahead(&world, number)), "ok");
    }
    for _ in 0..10 {
        // The task runs if it was woken.
        tokio::task::yield_now().await;
    }
    world.clock.advance(SECOND);
    assert_eq!(world.said(&ahead(&world, 1)), "ok");
    world.until(|world| world.office.asked(DELTA) == asked + 2).await;
    assert_eq!(world.status().hurried, 2);
}

#[tokio::test]
async fn a_token_that_is_not_ahead_asks_nobody() {
    let world = World::new().await;
    let asked = holding(&world).await;
    for number in 0..100 {
        assert_eq!(world.said(&world.token(number)), "ok");
    }
    tokio::task::yield_now().await;
    assert_eq!((world.office.asked(DELTA), world.status().hurried), (asked, 0));
}

#[tokio::test]
async fn r50_a_strict_verifier_waits_a_moment_for_the_news() {
    let world = World::with(Freshness::Strict { max_staleness: HOUR }, |settings| settings).await;
    holding(&world).await;
    let token = ahead(&world, 1);
    assert_eq!(world.said(&token), "revocation_behind");
    // The news are there, and the follower has not heard of them.
    let stolen = world.token(5);
    world.revoke(&stolen);
    world.verifier.verify_now(&token).await.unwrap();
    assert_eq!(world.said(&stolen), "revoked");
}

#[tokio::test]
async fn r_3_4_a_strict_verifier_says_that_it_does_not_know_when_no_news_come() {
    let world = World::with(Freshness::Strict { max_staleness: HOUR }, |settings| settings).await;
    let refused = world.verifier.verify_now(&ahead(&world, 1)).await.unwrap_err();
    assert_eq!(refused.reason(), "revocation_behind");
    assert_eq!(world.said(&world.token(1)), "ok");
}
