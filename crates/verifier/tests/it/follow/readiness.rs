//! What a readiness probe is told.

use super::log::world::{HOUR, World};
use super::office::{ClosedOffice, DEADLINE, DELTA, Reply};
use super::world::{clock, issuer, keys_of, settings, verifier};
use axum::response::Response;
use chancery_verifier::follow::{Follower, KeysFrom, Missing, Readiness};
use http_body_util::BodyExt as _;
use std::time::Duration;

async fn told(readiness: &Readiness) -> (u16, serde_json::Value) {
    let answer: Response = readiness.answer();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers().contains_key("retry-after"), answer.status() == 503);
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap())
}

#[tokio::test]
async fn r_1_10_a_service_whose_issuer_is_away_is_not_ready_until_it_is_back() {
    let (closed, clock) = (ClosedOffice::new(), clock());
    let verifier = verifier(closed.url(), &clock);
    let follower =
        Follower::start(&verifier, settings(KeysFrom::Url(format!("{}/keys.json", closed.url())))).unwrap();
    let readiness = follower.readiness();
    follower.poll_once().await;
    assert_eq!(readiness.missing(), [Missing::Keys]);
    assert_eq!(
        told(&readiness).await,
        (503, serde_json::json!({"status": "not_ready", "missing": ["keys"]}))
    );
    let office = closed.open();
    office.publish_keys(keys_of(&[1]));
    clock.advance(Duration::from_mins(10));
    follower.wait_ready(DEADLINE).await.unwrap();
    assert_eq!(told(&readiness).await, (200, serde_json::json!({"status": "ready"})));
}

#[tokio::test]
async fn r_3_4_a_service_that_knows_too_little_of_the_log_is_not_ready() {
    let world = World::new().await;
    let readiness = world.follower.readiness();
    assert!(readiness.is_ready());
    world.office.publish(DELTA, Reply::status(500));
    world.pass(HOUR + Duration::from_secs(1)).await;
    assert_eq!(readiness.missing(), [Missing::RevocationLog]);
    let answer = serde_json::json!({"status": "not_ready", "missing": ["revocation_log"]});
    assert_eq!(told(&readiness).await, (503, answer));
}

#[tokio::test]
async fn whoever_waits_for_a_sequence_is_told_when_it_is_applied() {
    let world = World::new().await;
    let token = issuer().token().number(7).sign();
    let before = world.status().position.unwrap().sequence;
    assert!(world.follower.wait_applied(before, Duration::ZERO).await);
    world.revoke(&token);
    let next = before.next();
    assert!(world.follower.wait_applied(next, DEADLINE).await);
    assert_eq!(world.said(&token), "revoked");
    assert!(!world.follower.wait_applied(next.next(), Duration::from_millis(1)).await);
}
