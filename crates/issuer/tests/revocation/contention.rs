//! Two issuers over one store.

use crate::world::{NOW, RETENTION, World, at, client, identify, rows, tail, token};
use chancery_issuer::config::RedisSettings;
use chancery_issuer::revocation::{Journaling, LogSettings, RevocationLog};
use chancery_issuer::store::{RedisStore, Store};
use chancery_revocation::Entry;
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_verifier::entropy::PredictableEntropy;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const EACH: u64 = 200;

/// Both append at the same time, and nothing of either is lost, doubled or applied in another order.
async fn both_append(first: &Arc<RevocationLog>, second: &Arc<RevocationLog>, store: &dyn Store) {
    let start = first.applied();
    assert_eq!(second.applied(), start);
    let tasks = (0..2 * EACH).map(|number| {
        let log = Arc::clone(if number % 2 == 0 { first } else { second });
        tokio::spawn(async move { log.append(&[token(number)]).await.unwrap().entries })
    });
    let mut told: Vec<Entry> = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        told.extend(task.await.unwrap());
    }
    told.sort_by_key(|entry| entry.sequence);
    assert_eq!(told, rows(store, start).await, "what was told is what is stored");
    let kills: BTreeSet<_> = told.iter().map(|entry| format!("{:?}", entry.kill)).collect();
    assert_eq!(u64::try_from(kills.len()).unwrap(), 2 * EACH);
    for log in [first, second] {
        log.look(at(NOW)).await.unwrap();
        assert_eq!(*log.current().position(), tail(store).await);
        assert_eq!(u64::try_from(log.current().published().ids()).unwrap(), 2 * EACH);
    }
    first.append(&[client("both")]).await.unwrap();
    second.append(&[client("both")]).await.unwrap();
    assert_eq!(rows(store, start).await.len(), told.len() + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_two_issuers_append_at_the_same_time_nothing_is_lost_over_sqlite() {
    let world = World::new().await;
    let (first, second) = (world.log().await, world.log_beside().await);
    both_append(&first, &second, &*world.beside()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_two_issuers_append_at_the_same_time_nothing_is_lost_over_redis() {
    let server = RedisServer::start(RedisOptions::default());
    let settings = RedisSettings {
        connect_timeout: Duration::from_secs(10),
        command_timeout: Duration::from_secs(10),
        ..RedisSettings::new(server.url().parse().unwrap())
    };
    let connect = async || {
        let store: Arc<dyn Store> = Arc::new(RedisStore::open(&settings).await.unwrap());
        store
    };
    let store = connect().await;
    let identity = identify(&*store, &PredictableEntropy::new(9)).await;
    let open = async |store: Arc<dyn Store>| {
        let settings = LogSettings { retention: RETENTION, journal: Journaling::Never };
        RevocationLog::open(store, &identity, settings, NOW, Box::new(|_| ())).await.unwrap()
    };
    let (first, second) = (open(connect().await).await, open(connect().await).await);
    both_append(&first, &second, &*store).await;
}

#[tokio::test]
async fn of_two_issuers_that_start_together_one_begins_the_log() {
    let world = World::new().await;
    let (first, second) = tokio::join!(world.log(), world.log_beside());
    assert_eq!(first.current().position(), second.current().position());
    first.append(&[token(1)]).await.unwrap();
    second.append(&[token(2)]).await.unwrap();
}
