//! Revocation while the store is away, or hangs: nothing is half applied, and nobody is told what is not so.

use crate::desk::encode;
use crate::presenting::{INTROSPECT, Presenting, REVOKE, SHOP, presents};
use crate::serving::{read_until, start};
use axum::http::StatusCode;
use chancery_revocation::{Kill, Kind};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

#[tokio::test]
async fn r_3_1_while_the_store_is_away_nothing_is_revoked_and_nobody_is_told_that_it_is() {
    let world = Presenting::open().await;
    let (token, place) = (world.token(&world.bot, SHOP).await, world.position().await);
    world.desk.store.take_away(true);
    let answer = world.revoke(&world.bot, &token).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable store_unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    assert!(world.is_active(&world.bot, &token).await, "nothing was half applied");
    world.desk.store.take_away(false);
    assert_eq!(world.position().await, place);
    assert_eq!(world.revoke(&world.bot, &token).await.status, StatusCode::OK);
    assert!(!world.is_active(&world.bot, &token).await);
}

#[tokio::test]
async fn r_3_1_a_token_that_somebody_else_ended_counts_as_over_once_that_is_sure_to_last() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    let end = world.desk.issuer_now().plus(Duration::from_hours(24));
    world.desk.end_beside(Kill::client(&"bot".parse().unwrap(), end)).await;
    assert!(!world.is_active(&world.bot, &token).await);
    world.desk.store.leave_alone(true);
    let answer = world.revoke(&world.bot, &token).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable store_not_durable");
    assert_eq!(answer.header("retry-after"), "2");
    world.desk.store.leave_alone(false);
    assert_eq!(world.revoke(&world.bot, &token).await.status, StatusCode::OK);
    world.desk.store.leave_alone(true);
    assert_eq!(world.revoke(&world.bot, &token).await.status, StatusCode::OK, "it is known from here on");
    let own = world.token(&world.bot, SHOP).await;
    for _ in 0..2 {
        assert_eq!(world.revoke(&world.bot, &own).await.status, StatusCode::OK, "what it appended itself is");
    }
}

#[tokio::test]
async fn r_11_2_a_store_that_is_away_is_no_fault_of_the_client() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    world.desk.store.take_away(true);
    for path in [REVOKE, INTROSPECT] {
        // Not read yet, so nobody can say who it is.
        let answer = world.desk.send(presents(path, &world.other, &[("token", &token)])).await;
        assert_eq!(answer.refusal(), "503 temporarily_unavailable store_unavailable", "{path}");
        assert_eq!(answer.header("retry-after"), "2");
    }
}

#[tokio::test]
async fn r_8_4_an_answer_that_does_not_come_in_time_is_503_and_the_token_is_over_when_it_is_written() {
    let world = Presenting::open().await;
    let (token, place) = (world.token(&world.bot, SHOP).await, world.position().await);
    tokio::time::pause();
    world.desk.store.hold_appends();
    let answer = world.revoke(&world.bot, &token).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable store_timed_out");
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(world.desk.store.waiting_appends(), 1);
    tokio::time::resume();
    world.desk.store.take_appends();
    assert_eq!(
        world.revoke(&world.bot, &token).await.status,
        StatusCode::OK,
        "the same request again does no harm"
    );
    assert!(!world.is_active(&world.bot, &token).await);
    let entries = world.entries_after(place).await;
    assert!((1..=2).contains(&entries.len()) && entries.iter().all(|entry| entry.kill.kind() == Kind::Token));
}

#[tokio::test]
async fn r_8_2_those_who_wait_for_an_entry_to_be_written_keep_nobody_from_a_token() {
    let world = Presenting::open_with(&[("LIMITS__CONCURRENT_REQUESTS", "2")]).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(world.token(&world.bot, SHOP).await);
    }
    world.desk.store.hold_appends();
    let others = async {
        while world.desk.store.waiting_appends() == 0 {
            tokio::task::yield_now().await;
        }
        let third = world.revoke(&world.bot, &tokens[2]).await;
        assert_eq!(third.refusal(), "503 temporarily_unavailable overloaded");
        for _ in 0..5 {
            let token = world.token(&world.bot, SHOP).await;
            assert!(world.is_active(&world.bot, &token).await);
        }
        world.desk.store.take_appends();
    };
    let (first, second, ()) =
        tokio::join!(world.revoke(&world.bot, &tokens[0]), world.revoke(&world.bot, &tokens[1]), others);
    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn an_issuer_that_has_not_seen_the_end_of_its_log_for_long_calls_nothing_good() {
    let world = Presenting::open().await;
    let long = |client| chancery_issuer::client::Client { lifetime: Duration::from_hours(1), ..client };
    let patient = world.client("patient", long).await;
    let (good, revoked) = (world.token(&patient, SHOP).await, world.token(&patient, SHOP).await);
    assert_eq!(world.revoke(&patient, &revoked).await.status, StatusCode::OK);
    world.desk.store.take_away(true);
    world.desk.clock.advance(Duration::from_mins(10));
    assert!(world.is_active(&patient, &good).await, "so long it may be blind");
    world.desk.clock.advance(Duration::from_secs(1));
    let answer = world.introspect(&patient, &good).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable log_unconfirmed");
    assert_eq!(answer.header("retry-after"), "2");
    assert!(!answer.body.contains("active"), "{answer:?}");
    assert!(!world.is_active(&patient, &revoked).await, "what is over stays over");
    world.desk.store.take_away(false);
    world.desk.issuer.revocation_log().look(world.desk.moment()).await.unwrap();
    assert!(world.is_active(&patient, &good).await);
}

#[tokio::test]
async fn a_client_that_goes_away_while_its_token_is_revoked_changes_nothing() {
    let world = Presenting::open().await;
    let (token, place) = (world.token(&world.bot, SHOP).await, world.position().await);
    let served = start(&world.desk).await;
    let body = encode(&[("client_id", "bot"), ("client_secret", &world.bot.secret), ("token", &token)]);
    let head = format!(
        "POST {REVOKE} HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    world.desk.store.hold_appends();
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    while world.desk.store.waiting_appends() == 0 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    world.desk.store.take_appends();
    // Somebody else asks, over a connection of their own.
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await.to_lowercase();
    assert!(answer.starts_with("http/1.1 200") && answer.contains("content-length: 0"), "{answer}");
    let entries = world.entries_after(place).await;
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry.kill.kind() == Kind::Token));
    assert!(!world.is_active(&world.bot, &token).await);
}
