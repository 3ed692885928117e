use super::world::{Pair, World};
use crate::desk::NOW;
use crate::presenting::SHOP;
use axum::http::StatusCode;
use chancery_issuer::client::{Client, Grant, Refresh};
use chancery_issuer::store::Store as _;
use chancery_token::{Everything, ScopePattern};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn r_11_1_an_answer_says_when_both_tokens_expire_and_what_the_access_token_may_do() {
    let world = World::open().await;
    let first = world.begin().await;
    let said = |pair: &Pair, name: &str| pair.body[name].as_u64().unwrap();
    for (pair, now) in [(&first, NOW), (&world.go_on(&first.refresh).await, NOW)] {
        assert_eq!(said(pair, "expires_in"), 900);
        assert_eq!(said(pair, "expires_at"), now.plus(Duration::from_mins(15)).as_secs());
        assert_eq!(said(pair, "refresh_expires_in"), 14 * 24 * 3600);
        assert_eq!(said(pair, "refresh_expires_at"), now.plus(14 * DAY).as_secs());
        assert_eq!(pair.body["scope"], "orders:read orders:update");
        assert_eq!(pair.body["token_type"], "Bearer");
    }
}

#[tokio::test]
async fn r51_a_refresh_token_rotates_at_every_use_within_one_family() {
    let world = World::open().await;
    let mut pair = world.begin().await;
    let family = world.family(&pair);
    let mut seen = vec![pair.refresh.clone()];
    for _ in 0..20 {
        world.desk.pass(Duration::from_mins(10)).await;
        pair = world.go_on(&pair.refresh).await;
        assert_eq!(world.family(&pair), family);
        assert!(!seen.contains(&pair.refresh), "each is another one");
        assert!(pair.refresh.starts_with("chr_test_"));
        seen.push(pair.refresh.clone());
    }
    let claims = world.claims(&pair.access);
    assert_eq!((claims.sub.as_str(), claims.tenant.as_str(), &*claims.aud), ("bot", "acme", SHOP));
    assert!(world.metric("chancery_refreshes_total{outcome=\"rotated\"} 20").await);
    assert!(world.metric("chancery_families_begun_total 1").await);
}

#[tokio::test]
async fn r_11_4_a_client_that_is_not_registered_to_refresh_gets_no_refresh_token() {
    let world = World::open().await;
    let plain = world.client("plain", |client| client).await;
    let answer = world.desk.ask("plain", &plain.secret, &[("resource", SHOP)]).await;
    answer.token();
    assert_eq!(answer.json().get("refresh_token"), None);
    let pair = world.begin().await;
    let refused = world.refresh_with(&plain, &pair.refresh, &[]).await.refusal();
    assert_eq!(refused, "400 unauthorized_client refresh_not_granted");
    world.go_on(&pair.refresh).await;
}

#[tokio::test]
async fn an_access_token_is_narrowed_and_its_family_never_is() {
    let world = World::open().await;
    let pair = world.begin().await;
    let narrow = world.refresh_with(&world.bot, &pair.refresh, &[("scope", "orders:read")]).await;
    assert_eq!(narrow.json()["scope"], "orders:read");
    let whole = world.go_on(&Pair::of(&narrow).refresh).await;
    assert_eq!(whole.body["scope"], "orders:read orders:update");
}

#[tokio::test]
async fn r_5_3_a_refresh_for_more_than_the_family_has_changes_nothing() {
    let world = World::open().await;
    let first = Pair::of(&world.ask(&[("scope", "orders:read")]).await);
    let asked = |name, value| [(name, value)];
    for (parameter, refusal) in [
        (asked("scope", "orders:read orders:update"), "400 invalid_scope scopes_refused"),
        (asked("scope", "boxes:read"), "400 invalid_scope scopes_refused"),
        (asked("scope", "orders:*"), "400 invalid_scope scopes_refused"),
        (asked("resource", "https://archive.example"), "400 invalid_target resource_not_granted"),
        (asked("resource", "https://shop.example/"), "400 invalid_target resource_not_granted"),
        (asked("tenant", "other"), "400 invalid_request tenant_not_allowed"),
    ] {
        let answer = world.refresh_with(&world.bot, &first.refresh, &parameter).await;
        assert_eq!(answer.refusal(), refusal, "{parameter:?}");
    }
    let next = world.refresh_with(&world.bot, &first.refresh, &[("resource", SHOP), ("tenant", "acme")]);
    let next = Pair::of(&next.await);
    // Nothing had rotated: what was refused left the first token the newest.
    assert!(world.metric("chancery_refreshes_total{outcome=\"rotated\"} 1").await);
    assert!(world.metric("chancery_refreshes_total{outcome=\"redelivered\"} 0").await);
    world.go_on(&next.refresh).await;
}

#[tokio::test]
async fn r06_what_was_taken_from_the_client_is_gone_at_the_next_refresh_and_what_it_got_is_not_there() {
    let world = World::open().await;
    let pair = Pair::of(&world.ask(&[("scope", "orders:read orders:update")]).await);
    let narrow = Pair::of(&world.ask(&[("scope", "orders:read")]).await);
    change(&world, |client| {
        let only = |grant: &Grant| grant.audience == SHOP;
        let read = ScopePattern::parse("orders:read", Everything::Refuse).unwrap();
        let grants = client.grants.iter().filter(|grant| only(grant));
        let grants = grants.map(|grant| Grant { scope: read.clone(), ..grant.clone() }).collect();
        Client { grants, ..client }
    })
    .await;
    let pair = world.go_on(&pair.refresh).await;
    assert_eq!(pair.body["scope"], "orders:read");
    change(&world, |client| Client { grants: Vec::new(), ..client }).await;
    let none = world.refresh(&pair.refresh).await;
    assert_eq!(none.refusal(), "400 invalid_scope scopes_refused");
    change(&world, |client| {
        let every = ScopePattern::parse("orders:*", Everything::Refuse).unwrap();
        let grant = Grant { audience: SHOP.into(), scope: every, reason: "A test.".into(), unbounded: None };
        Client { grants: vec![grant], ..client }
    })
    .await;
    assert_eq!(world.go_on(&pair.refresh).await.body["scope"], "orders:read orders:update");
    assert_eq!(world.go_on(&narrow.refresh).await.body["scope"], "orders:read", "it never widens");
}

async fn change(world: &World, change: impl FnOnce(Client) -> Client) {
    let stored = world.desk.store.client(&"bot".parse().unwrap()).await.unwrap().unwrap();
    world.desk.store.replace_client(&stored, &change(stored.clone()), &[]).await.unwrap();
    world.desk.issuer.catch_up().await.unwrap();
}

#[tokio::test]
async fn r_2_8_a_family_that_lay_unused_for_too_long_is_over() {
    let terms = Refresh { idle: DAY, absolute: 3 * DAY, ..Refresh::default() };
    let world = World::open_with(&[], terms).await;
    let pair = world.begin().await;
    world.desk.pass(DAY.saturating_sub(Duration::from_secs(1))).await;
    let pair = world.go_on(&pair.refresh).await;
    world.desk.pass(DAY).await;
    let refused = world.refresh(&pair.refresh).await.refusal();
    assert_eq!(refused, "400 invalid_grant refresh_token_expired");
}

#[tokio::test]
async fn r_2_8_no_family_goes_on_beyond_its_last_day_nor_does_a_token_of_it() {
    let terms = Refresh { idle: DAY, absolute: 2 * DAY, ..Refresh::default() };
    let world = World::open_with(&[], terms).await;
    let mut pair = world.begin().await;
    for _ in 0..47 {
        world.desk.pass(Duration::from_hours(1)).await;
        pair = world.go_on(&pair.refresh).await;
    }
    world.desk.pass(Duration::from_mins(55)).await;
    pair = world.go_on(&pair.refresh).await;
    let end = NOW.plus(2 * DAY).as_secs();
    assert_eq!(pair.body["refresh_expires_at"], end);
    assert_eq!((&pair.body["expires_at"], &pair.body["expires_in"]), (&end.into(), &300.into()));
    world.desk.pass(Duration::from_mins(5)).await;
    let refused = world.refresh(&pair.refresh).await.refusal();
    assert_eq!(refused, "400 invalid_grant refresh_token_expired");
}

#[tokio::test]
async fn r_2_8_as_many_families_live_as_may_and_one_whose_answer_was_lost_makes_room() {
    let world = World::open_with(&[], Refresh { most_families: 2, ..Refresh::default() }).await;
    let (first, _lost) = (world.begin().await, world.begin().await);
    let refusal = "400 unauthorized_client too_many_families";
    assert_eq!(world.ask(&[("scope", "orders:read")]).await.refusal(), refusal);
    let first = world.go_on(&first.refresh).await;
    world.desk.pass(Duration::from_mins(20)).await;
    let second = world.begin().await;
    world.go_on(&first.refresh).await;
    world.go_on(&second.refresh).await;
    assert_eq!(world.ask(&[("scope", "orders:read")]).await.refusal(), refusal);
    world.revoke(&world.bot, &second.refresh).await;
    world.begin().await;
}

#[tokio::test]
async fn a_client_that_is_switched_off_or_past_its_end_goes_on_with_nothing() {
    let world = World::open().await;
    let pair = world.begin().await;
    let by = chancery_issuer::client::DisabledBy::Tenant;
    change(&world, |client| client.disable(NOW, "leaked", by)).await;
    assert_eq!(world.refresh(&pair.refresh).await.refusal(), "401 invalid_client client_disabled");
    change(&world, |client| Client { state: chancery_issuer::client::ClientState::Active, ..client }).await;
    let pair = world.go_on(&pair.refresh).await;
    world.desk.pass(30 * DAY).await;
    assert_eq!(world.refresh(&pair.refresh).await.refusal(), "401 invalid_client client_expired");
    assert_eq!(world.refresh(&pair.refresh).await.status, StatusCode::UNAUTHORIZED);
}
