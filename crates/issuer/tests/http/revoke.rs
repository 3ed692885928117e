use crate::captured;
use crate::desk::Answer;
use crate::presenting::{ARCHIVE, INACTIVE, Presenting, REVOKE, SHOP, Who, presents};
use axum::Router;
use axum::http::StatusCode;
use chancery_issuer::revocation::revoke::{MOST_BY_NAME, MOST_SINGLE};
use chancery_revocation::Kind;
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// RFC 7009 section 2.2: 200, and what the body says matters to nobody.
fn assert_done(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""), "{answer:?}");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.header("www-authenticate"), "");
}

#[tokio::test]
async fn r50_a_client_ends_one_token_of_its_own_and_every_other_one_lives_on() {
    let world = Presenting::open().await;
    for audience in [SHOP, ARCHIVE] {
        let (stolen, sister) =
            (world.token(&world.bot, audience).await, world.token(&world.bot, audience).await);
        let others = world.token(&world.other, audience).await;
        let place = world.position().await;
        assert_done(&world.revoke(&world.bot, &stolen).await);
        let entries = world.entries_after(place).await;
        assert_eq!(entries.iter().map(|entry| entry.kill.kind()).collect::<Vec<_>>(), [Kind::Token]);
        assert_eq!(
            world.position().await.sequence,
            place.sequence.next(),
            "it is stored when it is answered"
        );
        assert!(!world.is_active(&world.bot, &stolen).await);
        assert!(world.is_active(&world.bot, &sister).await);
        assert!(world.is_active(&world.other, &others).await);
        // It gets new ones, and they are good.
        let later = world.token(&world.bot, audience).await;
        assert!(world.is_active(&world.bot, &later).await);
    }
}

#[tokio::test]
async fn what_is_revoked_already_is_answered_likewise_and_appended_once() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    assert_done(&world.revoke(&world.bot, &token).await);
    let place = world.position().await;
    for _ in 0..3 {
        assert_done(&world.revoke(&world.bot, &token).await);
    }
    assert_eq!(world.position().await, place);
    // Also while nothing can be appended: that it is over is durable.
    world.desk.store.take_away(true);
    assert_done(&world.revoke(&world.bot, &token).await);
}

#[tokio::test]
async fn what_is_no_live_token_of_ours_is_200_and_nothing_is_appended() {
    let world = Presenting::open().await;
    let foreign = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    let strangers = [foreign.token(&foreign.bot, SHOP).await, foreign.token(&foreign.bot, ARCHIVE).await];
    let (head, signature) = token.rsplit_once('.').unwrap();
    let place = world.position().await;
    world.desk.store.asked();
    let broken = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let long = "e".repeat(12 * 1024);
    let texts = ["x", "x.y.z", "chr_test_abc", "v4.public.", head, &broken, &long, "\u{fc}", "{}", " "];
    for text in texts.into_iter().chain(strangers.iter().map(String::as_str)) {
        assert_done(&world.revoke(&world.bot, text).await);
    }
    // Its seconds are over, also for a verifier whose clock is slow.
    world.desk.clock.advance(Duration::from_mins(15 + 7));
    assert_done(&world.revoke(&world.bot, &token).await);
    assert_done(&world.revoke(&world.other, &token).await);
    assert_eq!(world.position().await, place);
    assert!(world.desk.store.asked() <= 2, "the two clients were read, and nothing else was asked");
}

#[tokio::test]
async fn a_token_that_slow_verifiers_still_take_can_be_revoked() {
    let world = Presenting::open().await;
    let token = world.token(&world.bot, SHOP).await;
    let place = world.position().await;
    world.desk.clock.advance(Duration::from_mins(15 + 5));
    assert!(!world.is_active(&world.bot, &token).await, "it is past its exp");
    assert_done(&world.revoke(&world.bot, &token).await);
    assert_eq!(world.entries_after(place).await.len(), 1);
}

#[tokio::test]
async fn a_wrong_hint_never_fails() {
    let world = Presenting::open().await;
    for hint in ["access_token", "refresh_token", "pigeon", "", "access_token refresh_token", "\u{fc}"] {
        for audience in [SHOP, ARCHIVE] {
            let token = world.token(&world.bot, audience).await;
            let request =
                presents(REVOKE, &world.bot, &[("token_type_hint", hint), ("token", &token), ("more", "x")]);
            assert_done(&world.desk.send(request).await);
            assert!(!world.is_active(&world.bot, &token).await, "{hint}");
        }
    }
}

#[tokio::test]
async fn the_token_of_another_client_is_refused_and_lives_on() {
    let world = Presenting::open().await;
    for audience in [SHOP, ARCHIVE] {
        let token = world.token(&world.bot, audience).await;
        let place = world.position().await;
        // A resource server may ask about the token; ending it is another thing.
        for who in [&world.other, &world.orders, &world.archive] {
            let refusal = world.revoke(who, &token).await.refusal();
            assert_eq!(refusal, "400 unauthorized_client token_of_another_client", "{}", who.id);
        }
        assert_eq!(world.position().await, place);
        assert!(world.is_active(&world.bot, &token).await);
    }
}

#[tokio::test]
async fn r_7_6_what_is_no_token_is_answered_alike_whoever_it_claims_to_be_of() {
    let world = Presenting::open().await;
    let foreign = Presenting::open().await;
    let forged = foreign.token(&foreign.other, SHOP).await;
    let answers = [
        world.revoke(&world.bot, &forged).await,
        world.revoke(&world.other, &forged).await,
        world.revoke(&world.bot, "garbage").await,
    ];
    answers.iter().for_each(assert_done);
}

#[tokio::test]
async fn r60_who_ended_what_is_written_down_and_the_token_is_not() {
    captured::begin();
    let world = Presenting::open().await;
    let (token, mine) = (world.token(&world.bot, SHOP).await, world.token(&world.other, SHOP).await);
    assert_done(&world.revoke(&world.bot, &token).await);
    world.revoke(&world.bot, &mine).await.refusal();
    assert!(!world.is_active(&world.bot, &token).await);
    let log = captured::end();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = |message: &str| {
        let found = lines.iter().find(|line| line["fields"]["message"] == message);
        found.unwrap_or_else(|| panic!("{message}: {log}"))["fields"].clone()
    };
    let revoked = said("token revoked");
    for (field, value) in [
        ("client.id", "bot"),
        ("client.owner", "testers"),
        ("tenant", "acme"),
        ("audience", SHOP),
        ("scope", "orders:read"),
        ("entry", "token"),
    ] {
        assert_eq!(revoked[field], value, "{revoked}");
    }
    assert!(revoked["token.id"].is_string() && revoked["sequence"].is_number(), "{revoked}");
    let refused = said("revocation refused");
    assert_eq!(
        (&refused["client.id"], &refused["reason"]),
        (&"bot".into(), &"token_of_another_client".into())
    );
    assert!(refused["token.id"].is_string(), "whoever finds a token can say which it is");
    assert_eq!(said("token introspected")["standing"], "revoked");
    for token in [token, mine] {
        assert!(!log.contains(&token) && !log.contains(token.rsplit('.').next().unwrap()));
    }
}

/// Gets a token, and revokes it.
async fn got_and_revoked(router: Router, who: Who) -> StatusCode {
    let form = [("grant_type", "client_credentials"), ("resource", SHOP)];
    let answer = router.clone().oneshot(presents("/oauth2/token", &who, &form)).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let token = body["access_token"].as_str().unwrap();
    router.oneshot(presents(REVOKE, &who, &[("token", token)])).await.unwrap().status()
}

#[tokio::test]
async fn whoever_revokes_more_than_ten_thousand_one_by_one_ends_all_that_it_has() {
    let world = Presenting::open().await;
    let place = world.position().await;
    let sister = world.token(&world.bot, SHOP).await;
    let others = world.token(&world.other, SHOP).await;
    let mut left = MOST_SINGLE;
    while left > 0 {
        let mut together = JoinSet::new();
        for _ in 0..left.min(500) {
            together.spawn(got_and_revoked(world.desk.router.clone(), world.bot.clone()));
        }
        left -= left.min(500);
        while let Some(done) = together.join_next().await {
            assert_eq!(done.unwrap(), StatusCode::OK);
        }
    }
    let after = world.position().await;
    assert_eq!(after.sequence.get() - place.sequence.get(), u64::from(MOST_SINGLE));
    assert!(world.is_active(&world.bot, &sister).await, "each of them ended itself alone");
    let one_more = world.token(&world.bot, SHOP).await;
    assert_done(&world.revoke(&world.bot, &one_more).await);
    let entries = world.entries_after(after).await;
    assert_eq!(entries.iter().map(|entry| entry.kill.kind()).collect::<Vec<_>>(), [Kind::Client]);
    assert_eq!(world.introspect(&world.bot, &sister).await.body, INACTIVE);
    assert!(world.is_active(&world.other, &others).await);
    let later = world.token(&world.bot, SHOP).await;
    assert!(world.is_active(&world.bot, &later).await, "what it gets from here on is good");
    // All of it may end over and over, for a while.
    for _ in 1..MOST_BY_NAME {
        assert_eq!(got_and_revoked(world.desk.router.clone(), world.bot.clone()).await, StatusCode::OK);
    }
    let place = world.position().await;
    let later = world.token(&world.bot, SHOP).await;
    let answer = world.revoke(&world.bot, &later).await;
    assert_eq!(answer.refusal(), "429 temporarily_unavailable revoked_too_often");
    assert_eq!((answer.header("retry-after"), world.position().await), ("60", place));
    assert!(world.is_active(&world.bot, &later).await, "and nobody was told otherwise");
    world.desk.pass(Duration::from_mins(1)).await;
    assert_done(&world.revoke(&world.bot, &later).await);
    // Another client has ten thousand of its own; and this one has again when those are an hour old.
    assert_done(&world.revoke(&world.other, &others).await);
    let place = world.position().await;
    world.desk.clock.advance(Duration::from_mins(61));
    world.desk.issuer.catch_up().await.unwrap();
    world.desk.issuer.revocation_log().look(world.desk.moment()).await.unwrap();
    let later = world.token(&world.bot, SHOP).await;
    assert_done(&world.revoke(&world.bot, &later).await);
    let kinds: Vec<Kind> = world.entries_after(place).await.iter().map(|entry| entry.kill.kind()).collect();
    assert_eq!(kinds, [Kind::Token]);
}
