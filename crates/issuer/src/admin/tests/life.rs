//! Clients get secrets, lose them, go off and on.

use super::world::{DAY, NOW, World, name, reason, service};
use crate::admin::{AdminRefusal, Authority, Changed, Desk, Effect, Exposure};
use crate::client::{ClientState, TextFault};
use crate::secret::ClientSecret;
use chancery_token::Environment;

const BY: Authority = Authority::MasterKey;

#[tokio::test]
async fn r08_a_new_client_has_one_secret_which_is_good_and_is_stored_as_a_digest() {
    let world = World::new().await;
    let made = world.create(service("x")).await;
    let stored = world.stored("x").await;
    assert_eq!(stored, made.client);
    assert_eq!(stored.secrets.len(), 1);
    let secret = made.secret.as_ref().unwrap();
    assert!(stored.authenticate(secret, &world.hasher).is_some());
    assert!(secret.reveal().starts_with("chs_test_"));
    assert!(!format!("{made:?}").contains(secret.reveal()));
}

#[tokio::test]
async fn r52_a_secret_changes_without_an_outage() {
    let world = World::new().await;
    let desk = world.desk();
    let (old, id) = (world.create(service("x")).await.secret.unwrap(), name("x"));
    let added = desk.add_secret(&BY, &id).await.unwrap();
    let both = world.stored("x").await;
    assert!(both.authenticate(&old, &world.hasher).is_some(), "adding one breaks the other");
    assert_eq!(both.authenticate(&added.secret, &world.hasher).unwrap().id, added.id);
    let old_id = both.authenticate(&old, &world.hasher).unwrap().id.clone();
    let left = desk.drop_secret(&BY, &id, &old_id, Exposure::Kept).await.unwrap().into_inner();
    assert!(left.authenticate(&old, &world.hasher).is_none());
    assert!(left.authenticate(&added.secret, &world.hasher).is_some());
    assert_eq!(world.stored("x").await, left);
}

#[tokio::test]
async fn r_7_5_at_most_two_secrets_are_live_and_never_none() {
    let world = World::new().await;
    let desk = world.desk();
    world.create(service("x")).await;
    let id = name("x");
    let only = world.stored("x").await.secrets[0].id.clone();
    assert_eq!(reason(desk.drop_secret(&BY, &id, &only, Exposure::Kept).await), "last_secret");
    let second = desk.add_secret(&BY, &id).await.unwrap();
    let Err(AdminRefusal::TooManySecrets(why)) = desk.add_secret(&BY, &id).await else { panic!() };
    assert_eq!(why.held, [only.clone(), second.id.clone()]);
    let Err(AdminRefusal::SecretUnknown { held, .. }) =
        desk.drop_secret(&BY, &id, "ffffffff", Exposure::Kept).await
    else {
        panic!()
    };
    assert_eq!(held, [only.clone(), second.id.clone()]);
    desk.drop_secret(&BY, &id, &second.id, Exposure::Kept).await.unwrap();
    assert_eq!(reason(desk.drop_secret(&BY, &id, &second.id, Exposure::Kept).await), "secret_unknown");
    assert_eq!(reason(desk.drop_secret(&BY, &id, &only, Exposure::Kept).await), "last_secret");
    assert_eq!(reason(desk.add_secret(&BY, &name("nobody")).await), "client_unknown");
}

#[tokio::test]
async fn a_secret_that_its_owner_has_already_is_registered_once() {
    let world = World::new().await;
    let desk = world.desk();
    world.create(service("x")).await;
    let secret = world.secret();
    let again = ClientSecret::parse(secret.reveal(), Environment::Test).unwrap();
    let first = desk.register_secret(&BY, &name("x"), secret).await.unwrap();
    let second = desk.register_secret(&BY, &name("x"), again).await.unwrap();
    assert_eq!((first.id, first.client), (second.id, second.client));
}

#[tokio::test]
async fn a_client_goes_off_for_its_first_reason_and_on_again_with_its_secrets() {
    let world = World::new().await;
    let desk = world.desk();
    let (made, id) = (world.create(service("x")).await, name("x"));
    let Changed::Now(off) = desk.disable_client(&BY, &id, "Its secret leaked.").await.unwrap().client else {
        panic!()
    };
    assert_eq!(
        off.state,
        ClientState::Disabled {
            at: NOW,
            reason: "Its secret leaked.".into(),
            by: crate::client::DisabledBy::Operator
        }
    );
    let later = Desk { now: NOW.plus(DAY), ..desk };
    let again = later.disable_client(&BY, &id, "Again.").await.unwrap();
    assert_eq!(again, Effect { client: Changed::Before(off), sequence: None });
    let Changed::Now(on) = desk.enable_client(&BY, &id).await.unwrap().client else { panic!() };
    assert_eq!(on, made.client);
    assert_eq!(desk.enable_client(&BY, &id).await.unwrap().client, Changed::Before(on));
    assert_eq!(reason(desk.disable_client(&BY, &name("nobody"), "x").await), "client_unknown");
}

#[tokio::test]
async fn a_client_is_switched_off_for_a_reason_that_people_can_read() {
    let world = World::new().await;
    world.create(service("x")).await;
    for (text, fault) in [
        ("", TextFault::Blank),
        (" ", TextFault::Blank),
        ("a\nb", TextFault::Control { character: '\n', at: 2 }),
        ("a\u{200b}b", TextFault::Invisible { character: '\u{200b}', at: 2 }),
    ] {
        let refused = world.desk().disable_client(&BY, &name("x"), text).await.unwrap_err();
        assert_eq!(refused, AdminRefusal::Text { what: "the reason", fault });
    }
    assert_eq!(world.stored("x").await.state, ClientState::Active);
}

#[tokio::test]
async fn a_client_that_its_catalog_has_outgrown_can_still_be_switched_off() {
    let world = World::new().await;
    let mut client = world.create(service("x")).await.client;
    client.id = name("old");
    client.grants = vec![super::world::held("https://gone.example", "things:read")];
    world.insert(&client).await;
    assert!(matches!(
        world.desk().disable_client(&BY, &name("old"), "Gone.").await,
        Ok(Effect { client: Changed::Now(_), .. })
    ));
}

#[tokio::test]
async fn an_id_is_taken_once_and_a_refused_draft_leaves_nothing() {
    let world = World::new().await;
    let desk = world.desk();
    let made = world.create(service("x")).await.client;
    assert_eq!(reason(desk.create_client(&BY, service("x")).await), "client_exists");
    assert_eq!(world.stored("x").await, made);
    let mut bad = service("y");
    bad.owner = None;
    assert_eq!(reason(desk.create_client(&BY, bad).await), "client_refused");
    assert_eq!(world.store.client(&name("y")).await, Ok(None));
}

#[tokio::test]
async fn what_is_registered_is_checked_whoever_resolved_it() {
    let world = World::new().await;
    let desk = world.desk();
    let mut client = world.create(service("x")).await.client;
    client.id = name("y");
    client.state =
        ClientState::Disabled { at: NOW, reason: "off".into(), by: crate::client::DisabledBy::Tenant };
    client.owner = String::new();
    assert_eq!(reason(desk.register(&BY, client.clone(), world.secret()).await), "client_refused");
    client.owner = "team".into();
    let new = desk.register(&BY, client, world.secret()).await.unwrap();
    // Nobody registers a client with somebody else's secret, or with a past.
    assert_eq!((new.client.secrets.len(), &new.client.state), (1, &ClientState::Active));
    assert!(new.client.authenticate(&new.secret.unwrap(), &world.hasher).is_some());
}
