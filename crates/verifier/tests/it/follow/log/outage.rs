//! Offices that are away, fail, or ask for patience.

use super::world::{HOUR, RETRY, World, office, settings};
use crate::follow::office::{ClosedOffice, DEADLINE, DELTA, Office, Reply};
use crate::follow::world::{clock, issuer};
use chancery_verifier::Freshness;
use chancery_verifier::follow::{DiskState, Follower, InvalidFollow, LogFrom, LogStanding, Notice};
use std::time::Duration;

#[tokio::test]
async fn r_3_4_the_verifier_closes_when_news_stay_away_and_opens_when_they_come() {
    let world = World::new().await;
    world.office.publish(DELTA, Reply::status(500));
    world.pass(HOUR).await;
    assert_eq!((world.said(&world.token(1)), world.follower.ready()), ("ok", true));
    world.pass(Duration::from_secs(1)).await;
    assert_eq!((world.said(&world.token(1)), world.follower.ready()), ("revocation_stale", false));
    assert_eq!(world.status().standing, LogStanding::Stale);
    assert_eq!(world.last_reason(), Some("unexpected_status"));
    world.office.withdraw(DELTA);
    world.pass(RETRY).await;
    assert_eq!((world.said(&world.token(1)), world.follower.ready()), ("ok", true));
    let age = HOUR + Duration::from_secs(1);
    let told: Vec<Notice> = world
        .notices
        .lock()
        .unwrap()
        .iter()
        .filter(|notice| matches!(notice, Notice::LogStale { .. } | Notice::LogFresh))
        .cloned()
        .collect();
    assert_eq!(told, [Notice::LogStale { age }, Notice::LogFresh]);
}

#[tokio::test]
async fn the_next_place_is_asked_when_one_fails() {
    let clock = clock();
    let (mut first, second) = (office(&clock), office(&clock));
    let urls = vec![first.url().to_owned(), second.url().to_owned()];
    let world = World::started(Office::new(), clock, Freshness::MaxStaleness(HOUR), |_| {
        settings(&second, DiskState::Nowhere).log_from(LogFrom::Urls(urls))
    });
    world.follower.wait_ready(DEADLINE).await.unwrap();
    assert!(first.asked(DELTA) + first.asked("/revocation/snapshot") > 0);
    let token = world.token(1);
    first.close();
    second.change_log(|log| {
        log.revoke_token(&token);
    });
    world.pass(Duration::from_secs(1)).await;
    world.pass(RETRY).await;
    assert_eq!(world.said(&token), "revoked");
}

#[tokio::test]
async fn an_issuer_that_asks_for_patience_is_given_it() {
    let world = World::new().await;
    let busy = Reply::status(503).header(http::header::RETRY_AFTER, "20");
    world.office.publish(DELTA, busy);
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(world.last_reason(), Some("issuer_busy"));
    let asked = world.office.asked(DELTA);
    world.pass(Duration::from_secs(19)).await;
    assert_eq!(world.office.asked(DELTA), asked);
    world.office.withdraw(DELTA);
    world.pass(Duration::from_secs(11)).await;
    assert_eq!(world.last_reason(), None);
}

#[tokio::test]
async fn r_3_4_an_issuer_where_too_many_wait_is_asked_without_waiting_and_keeps_the_verifier_open() {
    let clock = clock();
    let office = office(&clock);
    let full = r#"{"error":"temporarily_unavailable","reason":"overloaded"}"#;
    office.answer_waiting(Reply::status(503).body(full).header(http::header::RETRY_AFTER, "20"));
    let world = World::started(office, clock, Freshness::MaxStaleness(HOUR), |settings| settings);
    world.follower.wait_ready(DEADLINE).await.unwrap();
    world.office.until_asked(DELTA, 2).await;
    assert!(world.office.last_query().ends_with("&wait=0"));
    let token = world.token(1);
    world.revoke(&token);
    world.pass(Duration::from_secs(1)).await;
    assert_eq!((world.said(&token), world.last_reason()), ("revoked", None));
    assert!(world.status().failures.is_empty());
}

#[tokio::test]
async fn it_starts_with_the_issuer_unreachable_and_recovers() {
    let (closed, clock) = (ClosedOffice::new(), clock());
    let url = closed.url().to_owned();
    let keys = issuer().log().keys();
    let world = World::started(Office::new(), clock, Freshness::MaxStaleness(HOUR), |settings| {
        settings
            .log_from(LogFrom::Urls(vec![url]))
            .log_keys_from(chancery_verifier::follow::LogKeysFrom::Pinned(keys))
    });
    world.verifier.install_keys(issuer().keys()).unwrap();
    world.follower.poll_once().await;
    assert_eq!(
        (world.last_reason(), world.said(&world.token(1))),
        (Some("unreachable"), "revocation_never_heard")
    );
    let office = closed.open();
    office.publish_log(issuer().log(), &world.clock);
    world.pass(RETRY).await;
    assert_eq!((world.last_reason(), world.said(&world.token(1))), (None, "ok"));
}

#[tokio::test]
async fn addresses_that_cannot_work_are_refused() {
    let clock = clock();
    let office = office(&clock);
    for (urls, reason) in [
        (vec![], "no_log_url"),
        (vec!["http://log.example.com".to_owned()], "invalid_log_url"),
        (vec![office.url().to_owned(), "log".to_owned()], "invalid_log_url"),
        (vec!["https://me:hunter2@log.example.com".to_owned()], "invalid_log_url"),
    ] {
        let verifier = super::world::verifier(Freshness::MaxStaleness(HOUR), &clock);
        let settings = settings(&office, DiskState::Nowhere).log_from(LogFrom::Urls(urls));
        let why: InvalidFollow = Follower::start(&verifier, settings).unwrap_err();
        assert_eq!(why.reason(), reason);
        assert!(!format!("{why} {why:?}").contains("hunter2"));
    }
}
