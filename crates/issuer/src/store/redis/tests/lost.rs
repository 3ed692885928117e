use super::*;
use crate::config::Durability;
use crate::store::contract::{client, identity};
use crate::store::{ChangeCounter, Identity, IdentityFault, ListedClient, StoreFault};
use chancery_revocation::LogId;
use chancery_token::{Environment, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;

#[tokio::test]
async fn a_database_that_was_emptied_is_a_fault_and_never_an_absent_client() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    store.insert_client(&client("a")).await.unwrap();
    server.ask(&["FLUSHALL"]);
    let id = "a".parse().unwrap();
    assert_eq!(store.client(&id).await, Err(StoreFault::Lost));
    assert_eq!(store.clients(None, 1).await, Err(StoreFault::Lost));
    assert_eq!(store.keyring().await, Err(StoreFault::Lost));
    assert_eq!(store.identity().await, Err(StoreFault::Lost));
    assert_eq!(store.changes(ChangeCounter::START).await, Err(StoreFault::Lost));
    assert_eq!(store.ping().await, Err(StoreFault::Lost));
    assert_eq!(store.insert_client(&client("b")).await, Err(StoreFault::Lost.into()));
    assert_eq!(store.replace_keyring(None, b"x").await, Err(StoreFault::Lost.into()));
    assert_eq!(server.ask(&["DBSIZE"]).number(), 0, "nothing was written into it");
}

#[tokio::test]
async fn a_database_in_which_another_issuer_began_is_a_fault() {
    let server = RedisServer::start(RedisOptions::default());
    let (before, after) = (open(&server).await, open(&server).await);
    before.initialise(&identity(1)).await.unwrap();
    server.ask(&["FLUSHALL"]);
    let other = Identity { log: LogId::from_bytes([9; 16]), ..identity(2) };
    after.initialise(&other).await.unwrap();
    after.insert_client(&client("a")).await.unwrap();
    assert_eq!(before.client(&"a".parse().unwrap()).await, Err(StoreFault::Lost));
    assert_eq!(before.insert_client(&client("b")).await, Err(StoreFault::Lost.into()));
    assert_eq!(contract::all(&after).await, [client("a")]);
}

#[tokio::test]
async fn a_store_that_comes_back_from_its_backup_is_taken_up_again() {
    let mut server = RedisServer::start(RedisOptions::default().in_memory());
    let volatile = RedisSettings { durability: Durability::Volatile, ..settings(&server) };
    let store = RedisStore::open(&volatile).await.unwrap();
    store.initialise(&identity(1)).await.unwrap();
    store.insert_client(&client("a")).await.unwrap();
    server.ask(&["SAVE"]);
    store.insert_client(&client("b")).await.unwrap();
    let seen = store.changes(ChangeCounter::START).await.unwrap().counter;
    server.kill9();
    server.restart();
    until("the store is back", async || store.ping().await == Ok(())).await;
    assert_eq!(contract::all(&store).await, [client("a")]);
    let changes = store.changes(seen).await.unwrap();
    assert!(changes.counter < seen && changes.keyring, "{changes:?}");
    assert_eq!(changes.clients, crate::store::ChangedClients::All);
}

#[tokio::test]
async fn r_8_6_another_issuers_store_is_refused_at_the_start() {
    let server = RedisServer::start(RedisOptions::default());
    open(&server).await.initialise(&identity(1)).await.unwrap();
    let store = open(&server).await;
    let master = crate::master_key::MasterKey::generate(&PredictableEntropy::new(1));
    let entropy = PredictableEntropy::new(2);
    let (issuer, now) = ("https://auth2.example.com", UnixTime::from_secs(1_795_305_600));
    let establish = Identity::establish(&store, issuer, Environment::Live, &master, now, &entropy);
    let refused = establish.await.unwrap_err();
    assert!(matches!(refused, IdentityFault::OtherIssuer { .. }), "{refused}");
}

#[tokio::test]
async fn r_8_6_another_programs_database_is_refused_and_left_alone() {
    let server = RedisServer::start(RedisOptions::default());
    server.ask(&["SET", "session:1", "mine"]);
    let refused = RedisStore::open(&settings(&server)).await.unwrap_err();
    assert_eq!(refused.reason(), "store_foreign");
    assert!(refused.to_string().contains("1 keys that are not ours"), "{refused}");
    assert_eq!(server.ask(&["DBSIZE"]).number(), 1);
    // Its neighbour is free.
    let mut beside = settings(&server);
    beside.redis = server.url().replace("/0", "/1").parse().unwrap();
    let store = RedisStore::open(&beside).await.unwrap();
    store.initialise(&identity(1)).await.unwrap();
    assert_eq!(server.ask(&["DBSIZE"]).number(), 1);
    assert!(RedisStore::open(&beside).await.is_ok(), "ours is known again");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_a_fault_and_never_an_absent_client() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.insert_client(&client("a")).await.unwrap();
    store.insert_client(&client("b")).await.unwrap();
    let other = server.ask(&["GET", "{chancery}:client:b"]).text();
    for broken in [r#"{"v":2,"record":{}}"#, "{", &other] {
        server.ask(&["SET", "{chancery}:client:a", broken]);
        let fault = store.client(&"a".parse().unwrap()).await.unwrap_err();
        assert!(fault.reason() == "store_unreadable" && fault.to_string().contains("'a'"), "{fault}");
    }
    server.ask(&["DEL", "{chancery}:client:a"]);
    server.ask(&["RPUSH", "{chancery}:client:a", "x"]);
    assert!(store.client(&"a".parse().unwrap()).await.is_err());
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_in_the_list_and_keeps_no_other_back() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    for id in ["a", "b", "c"] {
        store.insert_client(&client(id)).await.unwrap();
    }
    for broken in [r#"{"v":2,"record":{}}"#, "{", "\u{fffd}"] {
        server.ask(&["SET", "{chancery}:client:b", broken]);
        named(&store.clients(None, 10).await.unwrap());
    }
    server.ask(&["DEL", "{chancery}:client:b"]);
    named(&store.clients(None, 10).await.unwrap());
    server.ask(&["RPUSH", "{chancery}:client:b", "x"]);
    named(&store.clients(None, 10).await.unwrap());
}

#[track_caller]
fn named(listed: &[ListedClient]) {
    let [Ok(first), Err(unreadable), Ok(last)] = listed else { panic!("{listed:?}") };
    assert_eq!([first, last], [&client("a"), &client("c")]);
    assert_eq!((&*unreadable.id, unreadable.fault.reason()), ("b", "store_unreadable"));
}
