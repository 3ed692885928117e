use super::*;
use crate::client::Client;
use crate::store::contract::{client, identity};
use crate::store::redis::keys;
use crate::store::{ChangeCounter, ChangedClients};
use chancery_tests::redis_server::Reply;
use chancery_token::UnixTime;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::task::JoinSet;

const WRITERS: u32 = 16;
const ROUNDS: u32 = 4;

/// Inserts clients and switches them off, until the store fails. Answers what it was told is stored.
async fn write(store: Arc<RedisStore>, round: u32, writer: u32, done: Arc<AtomicU32>) -> Vec<Client> {
    let mut stored = Vec::new();
    for number in 0.. {
        let new = client(&format!("r{round}-w{writer}-n{number}"));
        if store.insert_client(&new).await.is_err() {
            break;
        }
        let off = new.clone().disable(
            UnixTime::from_secs(5),
            "no longer needed",
            crate::client::DisabledBy::Tenant,
        );
        let replaced = store.replace_client(&new, &off, &[]).await;
        // Of a change that was not answered nobody knows; the client itself was.
        stored.push(if replaced.is_ok() { off } else { new });
        done.fetch_add(1, Ordering::SeqCst);
        if replaced.is_err() {
            break;
        }
    }
    stored
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_7_a_server_killed_at_any_moment_keeps_what_it_acknowledged_and_no_half_of_anything() {
    let mut server = RedisServer::start(RedisOptions::default().durable());
    let store = Arc::new(open(&server).await);
    store.initialise(&identity(1)).await.unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let (mut writers, done) = (JoinSet::new(), Arc::new(AtomicU32::new(0)));
        for writer in 0..WRITERS {
            writers.spawn(write(Arc::clone(&store), round, writer, Arc::clone(&done)));
        }
        // Each round ends elsewhere in the storm.
        until("the storm blows", async || done.load(Ordering::SeqCst) >= 20 + 37 * round).await;
        server.kill9();
        acknowledged.extend(writers.join_all().await.into_iter().flatten());
        server.restart();
        until("the store is back", async || store.ping().await == Ok(())).await;

        let stored = contract::all(&*store).await;
        for client in &acknowledged {
            let found = stored.iter().find(|found| found.id == client.id);
            let Some(found) = found else { panic!("{} was acknowledged and is gone", client.id) };
            // One whose change was not acknowledged may have changed all the same; nothing else may.
            let off = client.clone().disable(
                UnixTime::from_secs(5),
                "no longer needed",
                crate::client::DisabledBy::Tenant,
            );
            assert!(found == client || *found == off, "{found:?}");
        }
        all_or_none(&server, &store, &stored).await;
    }
    assert!(acknowledged.len() >= 20 * usize::try_from(ROUNDS).unwrap());
}

/// Record, index, change and counter belong together: all of them are there, or none.
async fn all_or_none(server: &RedisServer, store: &RedisStore, stored: &[Client]) {
    let names = server.ask(&["KEYS", "{chancery}:client:*"]).list();
    let records: BTreeSet<String> =
        names.into_iter().map(|name| name.text().replace("{chancery}:client:", "")).collect();
    let shards = (0..keys::SHARDS).flat_map(|number| server.ask(&["SMEMBERS", &keys::shard(number)]).list());
    let index: BTreeSet<String> = shards.map(Reply::text).collect();
    assert_eq!(records, index);
    let listed: BTreeSet<String> = stored.iter().map(|client| client.id.to_string()).collect();
    assert_eq!(records, listed);
    // Each client was inserted, and some were changed: the counter counts both, and nothing else.
    let off = stored.iter().filter(|client| **client != contract::client(client.id.as_str())).count();
    let changes = store.changes(ChangeCounter::START).await.unwrap();
    assert_eq!(changes.counter, ChangeCounter(u64::try_from(stored.len() + off).unwrap()));
    if let ChangedClients::These(ids) = changes.clients {
        let changed: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(changed, records);
    }
}
