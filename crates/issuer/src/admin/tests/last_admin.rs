//! The last administrator stays.

use super::world::{ADMINISTRATION, ALL, NOW, World, admin, bounded, grant, name, reason, service};
use crate::admin::{AdminRefusal, Authority, Changed, ClientDraft, ClientPatch, Effect, Exposure};
use crate::client::Client;
use std::sync::Arc;

const BY: Authority = Authority::MasterKey;

fn patch(value: serde_json::Value) -> ClientPatch {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn the_last_administrator_cannot_be_disabled_narrowed_or_moved_not_even_with_the_master_key() {
    let world = World::new().await;
    let desk = world.desk();
    let root = world.admin(admin("root", "chancery", &ALL)).await;
    let id = name("root");
    for by in [&BY, &root] {
        assert_eq!(reason(desk.disable_client(by, &id, "x").await), "last_admin");
        for narrower in [
            serde_json::json!({"grants": [{"scope": "clients:*", "reason": "r"}, {"scope": "keys:*", "reason": "r"}]}),
            serde_json::json!({"grants": [{"scope": "clients:create", "reason": "r"}, {"scope": "secrets:*", "reason": "r"}]}),
            serde_json::json!({"grants": [{"scope": "clients:update", "reason": "r"}, {"scope": "secrets:*", "reason": "r"}]}),
            serde_json::json!({"tenants": ["acme"]}),
            serde_json::json!({"grants": [{"scope": "clients:*", "reason": "r"}, {"scope": "secrets:*", "reason": "r"}],
                "bounds": {"owner": ["operators"], "audience": [ADMINISTRATION]}}),
        ] {
            let outcome = desk.update_client(by, &id, patch(narrower.clone())).await;
            assert_eq!(reason(outcome), "last_admin", "{narrower}");
        }
        // What leaves it an administrator is allowed.
        let fewer = serde_json::json!({"grants": [
            {"scope": "clients:*", "reason": "It is needed."}, {"scope": "secrets:*", "reason": "It is needed."},
            {"scope": "keys:*", "reason": "It is needed."}], "owner": "others"});
        assert_eq!(reason(desk.update_client(by, &id, patch(fewer)).await), "done");
    }
    let sooner = || patch(serde_json::json!({"expires_at": "1s"}));
    assert_eq!(reason(desk.update_client(&BY, &id, sooner()).await), "last_admin");
    let secret = world.stored("root").await.secrets[0].id.clone();
    assert_eq!(reason(desk.drop_secret(&BY, &id, &secret, Exposure::Kept).await), "last_secret");
}

#[tokio::test]
async fn only_one_who_could_restore_all_administration_counts_as_another() {
    let world = World::new().await;
    let desk = world.desk();
    world.create(admin("root", "chancery", &ALL)).await;
    let scopes = ["clients:*", "secrets:*"];
    world.create(admin("of-a-tenant", "acme", &ALL)).await;
    world.create(admin("without-secrets", "chancery", &["clients:*", "keys:*"])).await;
    let bounds = format!(r#"{{"owner":["operators"],"audience":["{ADMINISTRATION}"]}}"#);
    world.create(bounded(admin("bounded", "chancery", &scopes), &bounds)).await;
    world.create(admin("off", "chancery", &ALL)).await;
    desk.disable_client(&BY, &name("off"), "No longer needed.").await.unwrap();
    let odd = |id: &str, change: fn(Client) -> Client| {
        let id = name(id);
        let world = &world;
        async move {
            let like = world.stored("root").await;
            world.insert(&change(Client { id, ..like })).await;
        }
    };
    odd("expired", |client| Client { expires_at: NOW, ..client }).await;
    odd("secretless", |client| Client { secrets: Vec::new(), ..client }).await;
    odd("service", |client| Client { kind: crate::client::ClientKind::Service, ..client }).await;
    assert_eq!(reason(desk.disable_client(&BY, &name("root"), "x").await), "last_admin");
    let three = ["clients:create", "clients:update", "secrets:create"];
    world.create(admin("another", "chancery", &three)).await;
    assert_eq!(reason(desk.disable_client(&BY, &name("root"), "x").await), "done");
    assert_eq!(reason(desk.disable_client(&BY, &name("another"), "x").await), "last_admin");
}

#[tokio::test]
async fn an_administrator_may_end_sooner_where_another_one_outlasts_it() {
    let world = World::new().await;
    let desk = world.desk();
    world.create(admin("root", "chancery", &ALL)).await;
    let other = ClientDraft { expires_at: Some("2d".into()), ..admin("other", "chancery", &ALL) };
    world.create(other).await;
    let ends = |id: &'static str, end: &'static str| {
        let patch = patch(serde_json::json!({ "expires_at": end }));
        async move { reason(desk.update_client(&BY, &name(id), patch).await) }
    };
    assert_eq!(ends("root", "2d").await, "last_admin", "nobody outlasts it");
    assert_eq!(ends("other", "1d").await, "done");
    assert_eq!(ends("other", "300d").await, "done");
    assert_eq!(ends("root", "1d").await, "done");
    assert_eq!(ends("other", "1d").await, "last_admin");
}

#[tokio::test]
async fn where_nobody_is_left_everything_else_can_still_be_done() {
    let world = World::new().await;
    let desk = world.desk();
    world.create(service("x")).await;
    world.create(admin("weak", "chancery", &["clients:read"])).await;
    for id in ["x", "weak"] {
        assert!(matches!(
            desk.disable_client(&BY, &name(id), "x").await,
            Ok(Effect { client: Changed::Now(_), .. })
        ));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_administrators_who_switch_each_other_off_at_the_same_time_leave_one() {
    let world = World::new().await;
    let other = world.another_process();
    let (mut first_won, mut second_won) = (0, 0);
    for round in 0..60_usize {
        let ids = [format!("a{round}"), format!("b{round}")].map(|id| name(&id));
        let mut admins = Vec::new();
        for id in &ids {
            admins.push(world.admin(admin(id.as_str(), "chancery", &ALL)).await);
        }
        if let Some(before) = round.checked_sub(1) {
            // The survivor of the round before goes; these two are the last.
            for letter in ["a", "b"] {
                let _ = world.desk().disable_client(&BY, &name(&format!("{letter}{before}")), "over").await;
            }
        }
        let (desk, other) = (world.desk(), world.desk_over(&*other));
        let a = desk.disable_client(&admins[0], &ids[1], "b must go");
        let b = other.disable_client(&admins[1], &ids[0], "a must go");
        // Both orders: whoever is polled first has a head start.
        let (a, b) = if round % 2 == 0 {
            tokio::join!(a, b)
        } else {
            let (b, a) = tokio::join!(b, a);
            (a, b)
        };
        let mut told = [reason(a), reason(b)];
        first_won += usize::from(told[0] == "done");
        second_won += usize::from(told[1] == "done");
        told.sort_unstable();
        assert_eq!(told, ["client_disabled", "done"], "round {round}");
        let mut alive = 0;
        for id in &ids {
            alive += usize::from(world.stored(id.as_str()).await.usable(NOW).is_ok());
        }
        assert_eq!(alive, 1, "round {round}");
    }
    assert!(first_won > 0 && second_won > 0, "one order alone was tried: {first_won} {second_won}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_administrators_who_go_at_the_same_time_one_stays() {
    for _ in 0..8 {
        let world = Arc::new(World::new().await);
        for number in 0..8 {
            world.create(admin(&format!("a{number}"), "chancery", &ALL)).await;
        }
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..8 {
            let world = Arc::clone(&world);
            tasks.spawn(async move {
                let store = world.another_process();
                world.desk_over(&*store).disable_client(&BY, &name(&format!("a{number}")), "over").await
            });
        }
        let told: Vec<_> = tasks.join_all().await.into_iter().map(reason).collect();
        assert_eq!(told.iter().filter(|told| **told == "done").count(), 7, "{told:?}");
        assert_eq!(told.iter().filter(|told| **told == "last_admin").count(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let world = World::new().await;
    world.create(admin("root", "chancery", &ALL)).await;
    let refused = world.desk().disable_client(&BY, &name("root"), "x").await.unwrap_err();
    assert_eq!(refused, AdminRefusal::LastAdmin { id: name("root") });
    assert!(refused.to_string().contains("make another one first"), "{refused}");
    let draft = ClientDraft { grants: vec![grant("clients:*")], ..admin("b", "chancery", &[]) };
    world.create(draft).await;
}
