use super::world::World;
use axum::http::StatusCode;
use chancery_issuer::client::{Client, Refresh};
use chancery_issuer::store::Store as _;
use chancery_revocation::{Kill, Kind};
use chancery_verifier::entropy::PredictableEntropy;
use std::time::Duration;

const ENDED: &str = "400 invalid_grant refresh_token_ended";

#[tokio::test]
async fn r50_a_client_ends_a_family_of_its_own_with_every_access_token_of_it_and_no_other() {
    let world = World::open().await;
    let (first, beside) = (world.begin().await, world.begin().await);
    let second = world.go_on(&first.refresh).await;
    // Any token of the family will do, also one that was rotated away.
    assert_eq!(world.revoke(&world.bot, &first.refresh).await.status, StatusCode::OK);
    for pair in [&first, &second] {
        assert!(world.is_over(&pair.access));
        assert_eq!(world.refresh(&pair.refresh).await.refusal(), ENDED);
    }
    let family = world.desk.store.family(world.family(&second)).await.unwrap().unwrap();
    assert!(matches!(family.state, chancery_issuer::family::FamilyState::Ended { .. }));
    assert!(!world.is_over(&beside.access));
    world.go_on(&beside.refresh).await;
    let place = *world.desk.issuer.revocation_log().current().position();
    assert_eq!(world.revoke(&world.bot, &second.refresh).await.status, StatusCode::OK, "it is over already");
    assert_eq!(*world.desk.issuer.revocation_log().current().position(), place);
    assert!(world.metric("chancery_revocation_requests_total{outcome=\"family\"} 1").await);
    assert!(world.metric("chancery_revocation_requests_total{outcome=\"needless\"} 1").await);
}

#[tokio::test]
async fn rfc_7009_garbage_is_over_already_and_another_client_s_family_is_not_the_caller_s() {
    let world = World::open().await;
    let other = world.client("other", |client| Client { refresh: Some(Refresh::default()), ..client }).await;
    let pair = world.begin().await;
    for text in ["chr_test_x", "chr_live_x", &pair.refresh[..30]] {
        assert_eq!(world.revoke(&world.bot, text).await.status, StatusCode::OK, "{text}");
    }
    let refused = world.revoke(&other, &pair.refresh).await.refusal();
    assert_eq!(refused, "400 unauthorized_client token_of_another_client");
    assert!(!world.is_over(&pair.access));
    world.go_on(&pair.refresh).await;
}

#[tokio::test]
async fn r50_what_is_revoked_by_name_ends_the_refreshes_of_families_that_began_before() {
    let world = World::open().await;
    let end = world.desk.issuer.revocation_log().current().retention().family_end(crate::desk::NOW);
    let bot = "bot".parse().unwrap();
    for kill in [
        Kill::tenant(&"acme".parse().unwrap(), end),
        Kill::client(&bot, end),
        Kill::subject(&bot.clone().into(), end),
        Kill::all(end),
    ] {
        let before = world.begin().await;
        world.desk.end_beside(kill).await;
        assert_eq!(world.refresh(&before.refresh).await.refusal(), ENDED, "{kill:?}");
        assert!(world.is_over(&before.access));
        let after = world.begin().await;
        world.go_on(&after.refresh).await;
    }
    let end_of_another = Kill::tenant(&"another".parse().unwrap(), end);
    let pair = world.begin().await;
    world.desk.end_beside(end_of_another).await;
    world.go_on(&pair.refresh).await;
}

#[tokio::test]
async fn r_2_8_what_was_revoked_counts_no_more_and_a_client_begins_anew_at_once() {
    let world = World::open_with(&[], Refresh { most_families: 2, ..Refresh::default() }).await;
    let end = world.desk.issuer.revocation_log().current().retention().family_end(crate::desk::NOW);
    let full = "400 unauthorized_client too_many_families";
    let ask = async || world.ask(&[("scope", "orders:read")]).await;
    // Two that are used, and that nobody shows any more.
    let fill = async || {
        for _ in 0..2 {
            world.go_on(&world.begin().await.refresh).await;
        }
        assert_eq!(ask().await.refusal(), full);
    };
    fill().await;
    world.desk.end_beside(Kill::tenant(&"acme".parse().unwrap(), end)).await;
    fill().await;
    let issuer = &world.desk.issuer;
    world.desk.pass(Duration::from_mins(3)).await;
    let (store, epoch) = (issuer.store(), issuer.keyring().refresh_epochs().lowest);
    let now = world.desk.issuer_now();
    issuer.keyring().revoke_refresh_epoch(&**store, epoch, now, &PredictableEntropy::new(5)).await.unwrap();
    let first = world.begin().await;
    let first = world.go_on(&first.refresh).await;
    let beside = world.begin().await;
    world.go_on(&beside.refresh).await;
    assert_eq!(ask().await.refusal(), full);
    // What lives was not touched, and one that is revoked by its own name makes room for one.
    let first = world.go_on(&first.refresh).await;
    world.desk.end_beside(Kill::family(world.family(&beside), end)).await;
    let third = world.begin().await;
    world.go_on(&third.refresh).await;
    assert_eq!(ask().await.refusal(), full);
    world.go_on(&first.refresh).await;
    assert!(world.desk.store.ended_families(10).await.unwrap().is_empty(), "the log says it already");
}

#[tokio::test]
async fn a_client_that_does_not_listen_costs_the_store_nothing() {
    let world = World::open().await;
    let pair = world.begin().await;
    assert_eq!(world.revoke(&world.bot, &pair.refresh).await.status, StatusCode::OK);
    assert_eq!(world.refresh(&pair.refresh).await.refusal(), ENDED);
    world.desk.store.asked();
    for _ in 0..5 {
        assert_eq!(world.refresh(&pair.refresh).await.refusal(), ENDED);
        tokio::task::yield_now().await;
    }
    assert_eq!(world.desk.store.asked(), 0);
}

#[tokio::test]
async fn r50_a_family_that_an_administrator_revokes_is_refused_at_every_issuer() {
    let world = World::open().await;
    let pair = world.begin().await;
    let end = world.desk.issuer.revocation_log().current().retention().family_end(crate::desk::NOW);
    world.desk.end_beside(Kill::family(world.family(&pair), end)).await;
    assert!(world.is_over(&pair.access));
    assert_eq!(world.refresh(&pair.refresh).await.refusal(), ENDED);
}

#[tokio::test]
async fn what_the_store_says_and_the_log_does_not_is_told_by_whoever_finds_it() {
    let world = World::open().await;
    let pair = world.begin().await;
    let family = world.family(&pair);
    // As if an issuer was killed between the two.
    let why = chancery_issuer::family::WhyEnded::Replayed;
    assert!(world.desk.store.end_family(family, why, crate::desk::NOW).await.unwrap());
    assert!(!world.is_over(&pair.access));
    let before = world.desk.issuer.revocation_log().applied();
    let issuer = std::sync::Arc::clone(&world.desk.issuer);
    let following = tokio::spawn(async move { issuer.follow().await });
    let told = async {
        while !world.is_over(&pair.access) || !world.desk.store.ended_families(10).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), told).await.expect("it is told in time");
    following.abort();
    assert_eq!(world.refresh(&pair.refresh).await.refusal(), ENDED);
    let rows = world.desk.store.log_rows(before, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.kill.kind()).collect::<Vec<_>>(), [Kind::Family], "one is enough");
}
