use super::*;
use crate::store::contract::{client, identity};
use crate::store::{ChangeCounter, InsertError, StoreFault};
use chancery_tests::swallowing_proxy::{Swallowed, SwallowingProxy};
use chancery_token::UnixTime;

pub(super) fn through(proxy: &SwallowingProxy) -> RedisSettings {
    RedisSettings {
        connect_timeout: Duration::from_millis(400),
        command_timeout: Duration::from_millis(400),
        ..RedisSettings::new(format!("redis://{}/0", proxy.address()).parse().unwrap())
    }
}

#[tokio::test]
async fn r_8_3_after_an_idle_connection_was_killed_the_next_command_succeeds() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    let kill = || assert!(server.ask(&["CLIENT", "KILL", "TYPE", "normal"]).number() > 0);
    kill();
    store.initialise(&identity(1)).await.unwrap();
    kill();
    let first = client("a");
    store.insert_client(&first).await.unwrap();
    kill();
    let off = first.clone().disable(UnixTime::from_secs(5), "leaked", crate::client::DisabledBy::Tenant);
    store.replace_client(&first, &off, &[]).await.unwrap();
    kill();
    assert_eq!(store.replace_keyring(None, b"x").await, Ok(1));
    kill();
    assert_eq!(store.client(&first.id).await, Ok(Some(off)));
    kill();
    assert_eq!(contract::all(&store).await.len(), 1);
    kill();
    assert_eq!(store.changes(ChangeCounter::START).await.unwrap().counter, ChangeCounter(3));
    kill();
    assert_eq!(store.ping().await, Ok(()));
}

#[tokio::test]
async fn a_server_that_forgot_the_scripts_is_told_them_again() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.insert_client(&client("a")).await.unwrap();
    server.ask(&["SCRIPT", "FLUSH", "SYNC"]);
    assert_eq!(store.client(&"a".parse().unwrap()).await, Ok(Some(client("a"))));
    server.ask(&["SCRIPT", "FLUSH", "SYNC"]);
    store.insert_client(&client("b")).await.unwrap();
}

#[tokio::test]
async fn r_8_1_every_wait_has_an_end() {
    let server = RedisServer::start(RedisOptions::default());
    let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], server.port()).into()).unwrap();
    let store = RedisStore::open(&through(&proxy)).await.unwrap();
    store.insert_client(&client("a")).await.unwrap();
    proxy.swallow(Swallowed::Everything);
    let after = Duration::from_millis(400);
    assert_eq!(store.client(&"a".parse().unwrap()).await, Err(StoreFault::TimedOut { after }));
    // Meanwhile a new connection is sought, in vain.
    let InsertError::Fault(fault) = store.insert_client(&client("b")).await.unwrap_err() else { panic!() };
    assert!(matches!(fault, StoreFault::Unreachable { .. } | StoreFault::TimedOut { .. }), "{fault}");
    let fault = RedisStore::open(&through(&proxy)).await.unwrap_err();
    assert_eq!(fault.reason(), "redis_timed_out");
}

#[tokio::test]
async fn r_8_3_a_half_open_connection_is_given_up_and_replaced() {
    let server = RedisServer::start(RedisOptions::default());
    let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], server.port()).into()).unwrap();
    let store = RedisStore::open(&through(&proxy)).await.unwrap();
    store.insert_client(&client("a")).await.unwrap();
    proxy.swallow(Swallowed::Everything);
    assert_eq!(store.ping().await.unwrap_err().reason(), "store_no_answer");
    proxy.heal();
    until("the store answers again", async || store.ping().await == Ok(())).await;
    assert_eq!(store.client(&"a".parse().unwrap()).await, Ok(Some(client("a"))));
}

#[tokio::test]
async fn r_8_7_while_nobody_is_there_every_caller_learns_it_at_once_and_all_comes_back_by_itself() {
    let mut server = RedisServer::start(RedisOptions::default().durable());
    let store = Arc::new(open(&server).await);
    store.initialise(&identity(1)).await.unwrap();
    store.insert_client(&client("a")).await.unwrap();
    server.kill9();
    let asked: Vec<_> = (0..200)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.client(&"a".parse().unwrap()).await })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap().unwrap_err().reason(), "store_unreachable");
    }
    server.restart();
    until("the store is back", async || store.ping().await == Ok(())).await;
    assert_eq!(store.client(&"a".parse().unwrap()).await, Ok(Some(client("a"))));
    assert_eq!(store.identity().await, Ok(Some(identity(1))));
}

#[tokio::test]
async fn a_server_without_memory_refuses_writes_whole_and_goes_on_reading() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.insert_client(&client("a")).await.unwrap();
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(store.insert_client(&client("b")).await, Err(StoreFault::Full.into()));
    assert_eq!(store.ping().await, Err(StoreFault::Full));
    assert_eq!(store.client(&"a".parse().unwrap()).await, Ok(Some(client("a"))));
    assert_eq!(contract::all(&store).await, [client("a")]);
    assert_eq!(store.changes(ChangeCounter::START).await.unwrap().counter, ChangeCounter(1));
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    store.insert_client(&client("b")).await.unwrap();
}

#[tokio::test]
async fn r_8_3_a_master_that_becomes_a_replica_is_left_and_taken_up_when_it_is_a_master_again() {
    let (server, other) = (Database::new().0, Database::new().0);
    let store = open(&server).await;
    store.insert_client(&client("a")).await.unwrap();
    server.ask(&["CONFIG", "SET", "replica-serve-stale-data", "yes"]);
    server.ask(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
    let fault = store.insert_client(&client("b")).await.unwrap_err();
    assert!(fault.to_string().contains("cannot be reached"), "{fault}");
    until("it is seen that this is a replica", async || {
        store.ping().await.is_err_and(|fault| fault.to_string().contains("is a replica of"))
    })
    .await;
    server.ask(&["REPLICAOF", "NO", "ONE"]);
    until("the store is back", async || store.ping().await == Ok(())).await;
}

/// Runs `write` so that the server carries it out, and the connection breaks before the answer arrives.
pub(super) async fn with_its_answer_lost<T>(proxy: &SwallowingProxy, write: impl Future<Output = T>) -> T {
    let before = proxy.swallowed();
    proxy.swallow(Swallowed::Answers);
    let lose = async {
        until("the answer is swallowed", async || proxy.swallowed() > before).await;
        proxy.heal();
        proxy.cut();
    };
    tokio::join!(write, lose).0
}

#[tokio::test]
async fn r_2_6_a_write_whose_answer_was_lost_is_found_to_be_done_and_not_done_twice() {
    let server = RedisServer::start(RedisOptions::default());
    let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], server.port()).into()).unwrap();
    let settings = RedisSettings { redis: through(&proxy).redis, ..settings(&server) };
    let store = RedisStore::open(&settings).await.unwrap();
    let lost = with_its_answer_lost(&proxy, store.initialise(&identity(1))).await;
    assert_eq!(lost, Ok(()));
    assert_eq!(with_its_answer_lost(&proxy, store.insert_client(&client("a"))).await, Ok(()));
    assert_eq!(with_its_answer_lost(&proxy, store.replace_keyring(None, b"x")).await, Ok(1));
    assert_eq!(with_its_answer_lost(&proxy, store.replace_keyring(Some(1), b"y")).await, Ok(2));
    assert_eq!(store.changes(ChangeCounter::START).await.unwrap().counter, ChangeCounter(3));
    // Where somebody else did it, it is refused as ever.
    let other = crate::client::Client { owner: "somebody else".into(), ..client("a") };
    let refused = with_its_answer_lost(&proxy, store.insert_client(&other)).await;
    assert_eq!(refused, Err(InsertError::Exists { id: "a".parse().unwrap() }));
    assert!(with_its_answer_lost(&proxy, store.replace_keyring(None, b"z")).await.is_err());
}
