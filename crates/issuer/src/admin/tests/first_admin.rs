//! The first administrator, and the way back.

use super::world::{ADMINISTRATION, ALL, DAY, NOW, World, acting, admin, name, reason, service};
use crate::admin::{Authority, ClientDraft, Desk, FIRST_ADMIN, first, reset};
use crate::client::{ClientKind, ClientState, DEFAULT_ADMIN_LIFETIME, Reach};
use std::sync::Arc;
use tokio::task::JoinSet;

const BY: Authority = Authority::MasterKey;

#[tokio::test]
async fn the_first_administrator_can_do_everything_for_a_year() {
    let world = World::new().await;
    let secret = world.secret();
    let text = secret.reveal().to_owned();
    let made = first(&world.desk(), secret).await.unwrap().unwrap();
    assert_eq!(world.stored(FIRST_ADMIN).await, made);
    assert_eq!((made.kind, made.lifetime), (ClientKind::Admin, DEFAULT_ADMIN_LIFETIME));
    assert_eq!((made.tenants[0].as_str(), made.expires_at), ("chancery", NOW.plus(365 * DAY)));
    assert!(matches!(made.reach, Reach::Unbounded { .. }));
    let grants: Vec<String> =
        made.grants.iter().map(|grant| format!("{} {}", grant.audience, grant.scope)).collect();
    assert_eq!(grants, ALL.map(|scope| format!("{ADMINISTRATION} {scope}")));
    assert_eq!(made.clone().validate(&world.catalog), Ok(made.clone()));
    let secret = crate::secret::ClientSecret::parse(&text, chancery_token::Environment::Test).unwrap();
    assert!(made.authenticate(&secret, &world.hasher).is_some());
    let by = acting(made);
    assert_eq!(reason(world.desk().create_client(&by, admin("b", "chancery", &ALL)).await), "done");
    assert_eq!(reason(world.desk().create_client(&by, service("x")).await), "done");
}

#[tokio::test]
async fn there_is_one_first_administrator_and_it_is_not_made_over() {
    let world = World::new().await;
    assert!(first(&world.desk(), world.secret()).await.unwrap().is_some());
    let made = world.stored(FIRST_ADMIN).await;
    assert!(first(&world.desk(), world.secret()).await.unwrap().is_none());
    assert_eq!(world.stored(FIRST_ADMIN).await, made);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_processes_that_start_one_makes_the_first_administrator() {
    let world = Arc::new(World::new().await);
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            let store = world.another_process();
            first(&world.desk_over(&*store), world.secret()).await.unwrap()
        });
    }
    let made: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    assert_eq!(world.stored(FIRST_ADMIN).await, made[0]);
}

#[tokio::test]
async fn a_reset_makes_the_first_administrator_where_there_is_none() {
    let world = World::new().await;
    let made = reset(&world.desk(), world.secret()).await.unwrap();
    assert_eq!(world.stored(FIRST_ADMIN).await, made);
}

#[tokio::test]
async fn a_reset_revives_the_first_administrator_with_the_new_secret_alone() {
    let world = World::new().await;
    let desk = world.desk();
    let lost = world.secret();
    let lost_text = lost.reveal().to_owned();
    let made = first(&desk, lost).await.unwrap().unwrap();
    world.create(admin("other", "chancery", &ALL)).await;
    desk.add_secret(&BY, &made.id).await.unwrap();
    let narrow = serde_json::from_value(
        serde_json::json!({"grants": [{"scope": "keys:read", "reason": "r"}], "expires_at": "1d"}),
    );
    desk.update_client(&BY, &made.id, narrow.unwrap()).await.unwrap();
    desk.disable_client(&BY, &made.id, "lost").await.unwrap();
    let later = Desk { now: NOW.plus(400 * DAY), ..desk };
    let fresh = world.secret();
    let fresh_text = fresh.reveal().to_owned();
    let again = reset(&later, fresh).await.unwrap();
    assert_eq!(world.stored(FIRST_ADMIN).await, again);
    assert_eq!((&again.state, again.grants.len(), again.secrets.len()), (&ClientState::Active, 4, 1));
    assert_eq!((again.created_at, again.expires_at), (NOW, NOW.plus(765 * DAY)));
    let read =
        |text: &str| crate::secret::ClientSecret::parse(text, chancery_token::Environment::Test).unwrap();
    assert!(again.authenticate(&read(&fresh_text), &world.hasher).is_some());
    assert!(again.authenticate(&read(&lost_text), &world.hasher).is_none());
}

#[tokio::test]
async fn a_reset_never_ends_the_last_administrator_sooner() {
    let world = World::new().await;
    let desk = world.desk();
    let made = first(&desk, world.secret()).await.unwrap().unwrap();
    let longer = serde_json::from_value(serde_json::json!({"expires_at": "800d"})).unwrap();
    desk.update_client(&BY, &made.id, longer).await.unwrap();
    assert_eq!(reset(&desk, world.secret()).await.unwrap().expires_at, NOW.plus(800 * DAY));
}

#[tokio::test]
async fn a_reset_takes_the_id_back_from_whoever_has_it() {
    let world = World::new().await;
    world.create(ClientDraft { id: Some(FIRST_ADMIN.into()), ..service("x") }).await;
    assert_eq!(first(&world.desk(), world.secret()).await, Ok(None));
    assert_eq!(reset(&world.desk(), world.secret()).await.unwrap().kind, ClientKind::Admin);
    assert_eq!(reason(world.desk().disable_client(&BY, &name(FIRST_ADMIN), "x").await), "last_admin");
}
