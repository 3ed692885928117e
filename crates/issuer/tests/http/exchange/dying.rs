//! A token dies with whatever it comes from.

use super::world::{World, refresh_token};
use crate::presenting::Who;
use chancery_issuer::admin::Authority;
use chancery_revocation::Kill;
use chancery_token::FamilyId;
use serde_json::json;
use std::time::Duration;

/// A session within the planner's: its first access token, and its refresh token.
async fn delegated(world: &World, who: &Who, token: &str) -> (String, String) {
    let answer = world.exchange(who, token, &[("delegate", "true")]).await;
    (answer.token(), refresh_token(&answer))
}

async fn refused(world: &World, who: &Who, refresh: &str) -> String {
    world.refresh(who, refresh).await.refusal()
}

#[tokio::test]
async fn r50_a_token_dies_with_the_one_that_it_was_exchanged_for() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let second = world.exchange(&world.worker, &token, &[]).await.token();
    let third = world.exchange(&world.helper, &second, &[]).await.token();
    let (other, _) = world.begin().await;
    let others = world.exchange(&world.worker, &other, &[]).await.token();
    world.revoke(&world.planner, &token).await;
    assert!([&token, &second, &third].iter().all(|token| world.is_over(token)));
    assert!(!world.is_over(&other) && !world.is_over(&others));
    let refusal = world.exchange(&world.helper, &second, &[]).await.refusal();
    assert_eq!(refusal, "400 invalid_request subject_token_refused");
}

#[tokio::test]
async fn r50_everything_below_a_session_dies_with_it() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let exchanged = world.exchange(&world.worker, &token, &[]).await.token();
    let (second, second_refresh) = delegated(&world, &world.worker, &token).await;
    let (third, third_refresh) = delegated(&world, &world.helper, &second).await;
    let later = world.refresh(&world.helper, &third_refresh).await;
    world.revoke(&world.planner, &refresh).await;
    let dead = [&token, &exchanged, &second, &third, &later.token()];
    assert!(dead.iter().all(|token| world.is_over(token)));
    let over = "400 invalid_grant refresh_token_ended";
    assert_eq!(refused(&world, &world.worker, &second_refresh).await, over);
    assert_eq!(refused(&world, &world.helper, &refresh_token(&later)).await, over);
}

#[tokio::test]
async fn a_branch_dies_alone_with_what_is_below_it() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let (second, second_refresh) = delegated(&world, &world.worker, &token).await;
    let (third, third_refresh) = delegated(&world, &world.helper, &second).await;
    let (sister, sister_refresh) = delegated(&world, &world.worker, &token).await;
    world.revoke(&world.worker, &second_refresh).await;
    assert!(world.is_over(&second) && world.is_over(&third));
    let over = "400 invalid_grant refresh_token_ended";
    assert_eq!(refused(&world, &world.worker, &second_refresh).await, over);
    assert_eq!(refused(&world, &world.helper, &third_refresh).await, over);
    assert!(!world.is_over(&token) && !world.is_over(&sister));
    world.refresh(&world.planner, &refresh).await.token();
    world.refresh(&world.worker, &sister_refresh).await.token();
    // No session begins from a token of one that is over, nor from that of an older one whose record says so.
    let refusal = world.exchange(&world.helper, &second, &[("delegate", "true")]).await.refusal();
    assert_eq!(refusal, "400 invalid_request subject_token_refused");
}

#[tokio::test]
async fn r50_a_branch_that_an_administrator_revokes_by_its_id_ends_with_its_tokens_and_what_is_below_it() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let (second, second_refresh) = delegated(&world, &world.worker, &token).await;
    let (third, third_refresh) = delegated(&world, &world.helper, &second).await;
    let last = world.refresh(&world.worker, &second_refresh).await;
    // What alarms and the audit log call it.
    let branch = FamilyId::from_bytes(*world.claims(&second).anc[0].as_bytes());
    let issuer = &world.desk.issuer;
    let revoke = async |id: FamilyId| {
        let draft = json!({"kind": "family", "id": id.to_string(), "reason": "It leaked."});
        let draft = serde_json::from_value(draft).unwrap();
        issuer.desk().revoke(&Authority::MasterKey, &draft, issuer.keyring()).await.unwrap()
    };
    let told = revoke(branch).await;
    assert_eq!((told.changed, told.breaks.clients[0].id.as_str()), (true, "worker"));
    assert!([&second, &third, &last.token()].iter().all(|token| world.is_over(token)));
    let over = "400 invalid_grant refresh_token_ended";
    assert_eq!(refused(&world, &world.worker, &refresh_token(&last)).await, over);
    assert_eq!(refused(&world, &world.helper, &third_refresh).await, over);
    assert!(!revoke(branch).await.changed, "it is over already");
    assert!(!world.is_over(&token));
    world.refresh(&world.planner, &refresh).await.token();
    let before = issuer.revocation_log().applied();
    assert!(revoke(world.claims(&token).sid.unwrap()).await.changed);
    assert_eq!(issuer.revocation_log().applied().get(), before.get() + 1, "one entry ends the tree");
    assert!(world.is_over(&token));
}

#[tokio::test]
async fn r_2_2_a_replay_in_a_branch_ends_the_branch_and_its_tokens_and_not_the_tree() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let (second, old) = delegated(&world, &world.worker, &token).await;
    let mut newest = old.clone();
    for _ in 0..2 {
        world.desk.pass(Duration::from_mins(3)).await;
        newest = refresh_token(&world.refresh(&world.worker, &newest).await);
    }
    let last = world.refresh(&world.worker, &newest).await;
    let refusal = refused(&world, &world.worker, &old).await;
    assert_eq!(refusal, "400 invalid_grant refresh_token_replayed");
    assert!(world.is_over(&second) && world.is_over(&last.token()), "its live access tokens with it");
    assert!(!world.is_over(&token));
    world.refresh(&world.planner, &refresh).await.token();
}

#[tokio::test]
async fn whoever_acts_in_a_chain_can_be_cut_off_by_name() {
    let end = |world: &World| world.desk.issuer_now().plus(Duration::from_hours(24));
    for (name, dies) in [("planner", true), ("worker", true), ("helper", true), ("clerk", false)] {
        let world = World::open().await;
        let (token, _) = world.begin().await;
        let (second, _) = delegated(&world, &world.worker, &token).await;
        let (third, third_refresh) = delegated(&world, &world.helper, &second).await;
        world.desk.end_beside(Kill::client(&name.parse().unwrap(), end(&world))).await;
        assert_eq!(world.is_over(&third), dies, "{name}");
        let answer = world.refresh(&world.helper, &third_refresh).await;
        assert_eq!(!answer.status.is_success(), dies, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn a_tenant_that_is_revoked_takes_delegated_sessions_along() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let (second, refresh) = delegated(&world, &world.worker, &token).await;
    let end = world.desk.issuer_now().plus(Duration::from_hours(24));
    world.desk.end_beside(Kill::tenant(&"acme".parse().unwrap(), end)).await;
    assert!(world.is_over(&second));
    assert_eq!(refused(&world, &world.worker, &refresh).await, "400 invalid_grant refresh_token_ended");
    let refusal = world.exchange(&world.worker, &token, &[]).await.refusal();
    assert_eq!(refusal, "400 invalid_request subject_token_refused");
}

#[tokio::test]
async fn r50_a_refresh_token_that_was_found_is_enough_to_end_its_session() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let (second, found) = delegated(&world, &world.worker, &token).await;
    let issuer = &world.desk.issuer;
    let revoke = async |kind: &str, token: &str| {
        let draft = json!({"kind": kind, "token": token, "reason": "It stood in a log."});
        let draft = serde_json::from_value(draft).unwrap();
        issuer.desk().revoke(&Authority::MasterKey, &draft, issuer.keyring()).await
    };
    let newest = refresh_token(&world.refresh(&world.worker, &found).await);
    // Nobody is told that nothing has to be done.
    let cut = &found[..found.len() - 1];
    for (kind, token, reason) in [
        ("token", &*found, "refresh_token_itself"),
        ("family", cut, "refresh_token_unreadable"),
        ("family", &found.replace("_test_", "_live_"), "refresh_token_unreadable"),
    ] {
        assert_eq!(revoke(kind, token).await.unwrap_err().reason(), reason, "{kind}");
    }
    assert!(!world.is_over(&second));
    let told = revoke("family", &found).await.unwrap();
    assert_eq!((told.changed, told.breaks.clients[0].id.as_str()), (true, "worker"));
    assert!(world.is_over(&second) && !world.is_over(&token));
    let over = "400 invalid_grant refresh_token_ended";
    assert_eq!(refused(&world, &world.worker, &newest).await, over);
    world.refresh(&world.planner, &refresh).await.token();
}
