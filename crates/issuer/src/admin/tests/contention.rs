//! Many change one client at the same time.

use super::neighbour::{Neighbour, Neighboured};
use super::world::{ADMINISTRATION, World, admin, held, name, reason, service};
use crate::admin::{Authority, Changed, ClientPatch, Exposure};
use crate::client::{Client, ClientState, DisabledBy};
use crate::store::ChangeCounter;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

const BY: Authority = Authority::MasterKey;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_patches_at_the_same_time_none_is_lost() {
    for round in 1..=10_u64 {
        let world = Arc::new(World::new().await);
        world.create(service("x")).await;
        let text = |what: &str| Some(format!("{what} {round}"));
        let patches = [
            ClientPatch { name: text("name"), ..ClientPatch::default() },
            ClientPatch { purpose: text("purpose"), ..ClientPatch::default() },
            ClientPatch { owner: text("owner"), ..ClientPatch::default() },
            ClientPatch { tenants: Some(vec![format!("t{round}")]), ..ClientPatch::default() },
            ClientPatch { lifetime_secs: Some(round), ..ClientPatch::default() },
            ClientPatch { expires_at: Some("300d".into()), ..ClientPatch::default() },
            ClientPatch { unbounded: text("because"), ..ClientPatch::default() },
        ];
        let mut tasks = JoinSet::new();
        for patch in patches {
            let world = Arc::clone(&world);
            tasks.spawn(async move {
                let store = world.another_process();
                reason(world.desk_over(&*store).update_client(&BY, &name("x"), patch).await)
            });
        }
        let adds = Arc::clone(&world);
        tasks.spawn(async move { reason(adds.desk().add_secret(&BY, &name("x")).await) });
        let stops = Arc::clone(&world);
        tasks.spawn(async move { reason(stops.desk().disable_client(&BY, &name("x"), "off").await) });
        let told = tasks.join_all().await;
        assert_eq!(told, ["done"; 9]);
        let left = world.stored("x").await;
        assert_eq!(left.name, format!("name {round}"));
        assert_eq!(left.purpose, format!("purpose {round}"));
        assert_eq!(left.owner, format!("owner {round}"));
        assert_eq!(left.tenants[0].as_str(), format!("t{round}"));
        assert_eq!(left.lifetime, Duration::from_secs(round));
        assert_eq!(left.expires_at, super::world::NOW.plus(300 * super::world::DAY));
        assert_eq!(left.reach, crate::client::Reach::Unbounded { reason: format!("because {round}") });
        assert_eq!(left.secrets.len(), 2);
        assert!(matches!(left.state, ClientState::Disabled { .. }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_patch_that_is_answered_was_written() {
    let world = Arc::new(World::new().await);
    world.create(service("x")).await;
    let before = world.store.changes(ChangeCounter::START).await.unwrap().counter;
    let mut tasks = JoinSet::new();
    for number in 0..48 {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            let patch = ClientPatch { owner: Some(format!("team-{number}")), ..ClientPatch::default() };
            world.desk().update_client(&BY, &name("x"), patch).await.unwrap().into_inner().owner
        });
    }
    let owners = tasks.join_all().await;
    let after = world.store.changes(ChangeCounter::START).await.unwrap().counter;
    assert_eq!(after.0 - before.0, 48);
    assert!(owners.contains(&world.stored("x").await.owner));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_7_5_of_many_secrets_at_the_same_time_one_fits() {
    for _ in 0..5 {
        let world = Arc::new(World::new().await);
        let first = world.create(service("x")).await.secret.unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let world = Arc::clone(&world);
            tasks.spawn(async move { world.desk().add_secret(&BY, &name("x")).await });
        }
        let answers = tasks.join_all().await;
        let added: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(added.len(), 1);
        let left = world.stored("x").await;
        assert!(left.authenticate(&first, &world.hasher).is_some());
        assert!(left.authenticate(&added[0].secret, &world.hasher).is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_drop_the_two_secrets_at_the_same_time_one_is_refused() {
    for round in 0..20 {
        let world = World::new().await;
        world.create(service("x")).await;
        world.desk().add_secret(&BY, &name("x")).await.unwrap();
        let [a, b] = [0, 1].map(|at| async move { at });
        let held = world.stored("x").await.secrets;
        let (desk, x) = (world.desk(), name("x"));
        let (a, b) = (held[a.await].id.clone(), held[b.await].id.clone());
        let (a, b) = tokio::join!(
            desk.drop_secret(&BY, &x, &a, Exposure::Kept),
            desk.drop_secret(&BY, &x, &b, Exposure::Kept)
        );
        let mut told = [reason(a), reason(b)];
        told.sort_unstable();
        assert_eq!(told, ["done", "last_secret"], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_switch_a_client_off_one_hears_that_they_did() {
    let world = Arc::new(World::new().await);
    world.create(service("x")).await;
    let mut tasks = JoinSet::new();
    for number in 0..16 {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            world.desk().disable_client(&BY, &name("x"), &format!("reason {number}")).await.unwrap()
        });
    }
    let answers = tasks.join_all().await;
    let now: Vec<_> = answers.iter().filter(|answer| matches!(answer.client, Changed::Now(_))).collect();
    assert_eq!(now.len(), 1);
    let stored = world.stored("x").await;
    assert!(answers.into_iter().all(|answer| answer.into_inner() == stored));
}

#[tokio::test]
async fn a_change_that_never_gets_through_is_given_up_and_changes_nothing() {
    let world = World::new().await;
    world.create(service("x")).await;
    let restless = Neighboured::over(&world.store, Neighbour::AlwaysFaster(AtomicUsize::new(0)));
    let patch = ClientPatch { owner: Some("team-b".into()), ..ClientPatch::default() };
    let outcome = world.desk_over(&restless).update_client(&BY, &name("x"), patch).await;
    assert_eq!(reason(outcome), "contended");
    let Neighbour::AlwaysFaster(attempts) = &restless.neighbour else { panic!() };
    let attempts = attempts.load(Ordering::SeqCst);
    assert!((2..1000).contains(&attempts), "{attempts}");
    let left = world.stored("x").await;
    assert_eq!(
        (left.owner.as_str(), left.purpose),
        ("team-billing", format!("Changed {} times.", attempts - 1))
    );
}

/// What becomes of a change by `by` if `meanwhile` is done between its decision and its writing.
async fn with_a_neighbour(
    world: &World,
    by: &Authority,
    id: &str,
    meanwhile: Vec<(Client, Client)>,
) -> &'static str {
    let store = Neighboured::over(&world.store, Neighbour::once(meanwhile));
    let patch = ClientPatch { owner: Some("team-b".into()), ..ClientPatch::default() };
    reason(world.desk_over(&store).update_client(by, &name(id), patch).await)
}

#[tokio::test]
async fn an_administrator_who_is_switched_off_meanwhile_changes_nothing_any_more() {
    for also_the_client in [false, true] {
        let world = World::new().await;
        world.create(admin("root", "chancery", &["clients:*", "secrets:*"])).await;
        let by = world.admin(admin("ada", "chancery", &["clients:update"])).await;
        let client = world.create(service("x")).await.client;
        let ada = world.stored("ada").await;
        let off = ada.clone().disable(super::world::NOW, "a leak", DisabledBy::Operator);
        let mut meanwhile = vec![(ada, off)];
        if also_the_client {
            meanwhile.push((client.clone(), Client { purpose: "Changed.".into(), ..client.clone() }));
        }
        assert_eq!(with_a_neighbour(&world, &by, "x", meanwhile).await, "client_disabled");
        assert_eq!(world.stored("x").await.owner, client.owner);
    }
}

#[tokio::test]
async fn an_administrator_who_loses_the_scope_or_is_itself_the_client_is_judged_by_what_it_is_now() {
    let world = World::new().await;
    world.create(admin("root", "chancery", &["clients:*", "secrets:*"])).await;
    let by = world.admin(admin("ada", "chancery", &["clients:update", "clients:read"])).await;
    world.create(service("x")).await;
    let ada = world.stored("ada").await;
    let narrower = Client { grants: vec![ada.grants[1].clone()], ..ada.clone() };
    assert_eq!(with_a_neighbour(&world, &by, "x", vec![(ada, narrower)]).await, "scope_not_held");
    // What it held before does not help it to change itself either.
    assert_eq!(with_a_neighbour(&world, &by, "ada", Vec::new()).await, "scope_not_held");
    let by = world.admin(admin("bea", "chancery", &["clients:update"])).await;
    let bea = world.stored("bea").await;
    let off = bea.clone().disable(super::world::NOW, "a leak", DisabledBy::Operator);
    assert_eq!(with_a_neighbour(&world, &by, "bea", vec![(bea.clone(), off)]).await, "client_disabled");
    assert_eq!(world.stored("bea").await.owner, bea.owner);
}

#[tokio::test]
async fn a_harmless_change_of_the_administrator_meanwhile_is_no_obstacle() {
    let world = World::new().await;
    let by = world.admin(admin("root", "chancery", &["clients:*", "secrets:*"])).await;
    world.create(service("x")).await;
    let root = world.stored("root").await;
    let renamed = Client { name: "Root".into(), ..root.clone() };
    assert_eq!(with_a_neighbour(&world, &by, "x", vec![(root, renamed)]).await, "done");
    assert_eq!(world.stored("x").await.owner, "team-b");
}

#[tokio::test]
async fn a_change_that_rests_on_another_administrator_rests_on_who_acts_as_well() {
    let world = World::new().await;
    for id in ["one", "two"] {
        world.create(admin(id, "chancery", &["clients:*", "secrets:*"])).await;
    }
    let by = world.admin(admin("ada", "chancery", &["clients:disable"])).await;
    let ada = world.stored("ada").await;
    let off = ada.clone().disable(super::world::NOW, "a leak", DisabledBy::Operator);
    let store = Neighboured::over(&world.store, Neighbour::once(vec![(ada, off)]));
    let told = world.desk_over(&store).disable_client(&by, &name("one"), "no longer needed").await;
    assert_eq!(reason(told), "client_disabled");
    assert_eq!(world.stored("one").await.state, ClientState::Active);
}

#[tokio::test]
async fn an_administrator_whose_record_went_stale_is_judged_by_its_present_one_also_where_it_is_the_other_keeper()
 {
    let world = World::new().await;
    world.create(admin("root", "chancery", &["clients:*", "secrets:*"])).await;
    // The record that acts may switch off, and keeps nothing.
    let by = world.admin(admin("ada", "chancery", &["clients:disable"])).await;
    let ada = world.stored("ada").await;
    let keeps = ["clients:create", "clients:update", "secrets:create"];
    let keeper = Client { grants: keeps.map(|scope| held(ADMINISTRATION, scope)).into(), ..ada.clone() };
    // It became the other keeper, on which the change rests, and may not switch off any more.
    world.store.replace_client(&ada, &keeper, &[]).await.unwrap();
    let told = world.desk().disable_client(&by, &name("root"), "no longer needed").await;
    assert_eq!(reason(told), "scope_not_held");
    assert_eq!(world.stored("root").await.state, ClientState::Active);
}
