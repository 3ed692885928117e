use super::*;
use crate::config::Durability;
use crate::revocation::{Journaling, LogSettings, RevocationLog};
use crate::scratch::Scratch;
use crate::store::contract::{NOW, RETENTION, append, client, empty_log, held, kill, stored};
use crate::store::{AppendLogError, StoreFault};
use chancery_revocation::{Batch, Log, Moment};

/// Long enough for a slow disk, and no longer: whoever waits for a replica that is stopped waits for all of it.
const PATIENCE_WITH_A_PAUSED_REPLICA: Duration = Duration::from_millis(1500);

/// What is to be set, as a refusal names it.
fn told(refusal: &str) -> Vec<Vec<String>> {
    let words = |told: &str| told.split(';').next().unwrap().split(' ').map(str::to_owned).collect();
    refusal.split("CONFIG SET ").skip(1).map(words).collect()
}

fn do_as_told(server: &RedisServer, refusal: &str) {
    let told = told(refusal);
    assert!(!told.is_empty(), "{refusal}");
    for words in told {
        assert!(refusal.contains(&format!("the line '{}' into redis.conf", words.join(" "))), "{refusal}");
        server.ask(&["CONFIG", "SET", &words[0], &words[1]]);
    }
}

async fn with_log(server: &RedisServer) -> (RedisStore, Log) {
    let (store, log) = (open(server).await, empty_log(7));
    store.begin_log(None, &stored(&log)).await.unwrap();
    (store, log)
}

#[tokio::test]
async fn r_2_7_a_redis_that_may_lose_what_it_acknowledged_is_refused_with_what_to_do() {
    for options in [
        RedisOptions::default().set("appendfsync", "everysec"),
        RedisOptions::default().set("appendfsync", "no"),
        RedisOptions::default().set("no-appendfsync-on-rewrite", "yes"),
        RedisOptions::default().in_memory(),
    ] {
        let server = RedisServer::start(options);
        let refused = RedisStore::open(&settings(&server)).await.unwrap_err();
        assert_eq!(refused.reason(), "redis_not_durable");
        assert_eq!(server.ask(&["DBSIZE"]).number(), 0);
        do_as_told(&server, &refused.to_string());
        // A first file takes its time.
        until("it is taken", async || RedisStore::open(&settings(&server)).await.is_ok()).await;
        with_log(&server).await;
    }
}

#[tokio::test]
async fn r_2_7_whoever_says_volatile_or_attests_is_believed() {
    let server = RedisServer::start(RedisOptions::default().in_memory());
    for durability in [Durability::Volatile, Durability::Attested { because: "The test says so.".into() }] {
        let store = RedisStore::open(&RedisSettings { durability, ..settings(&server) }).await.unwrap();
        let log = empty_log(7);
        let begun = store.log_tail().await.unwrap();
        store.begin_log(begun.as_ref(), &stored(&empty_log(begun.map_or(7, |_| 8)))).await.unwrap();
        if begun.is_none() {
            append(&store, &log, &[kill(1)]).await;
        }
    }
}

#[tokio::test]
async fn r_2_7_a_redis_that_hides_its_settings_is_refused_and_told_of_attesting() {
    let folder = Scratch::new();
    let file = folder.path().join("redis.password");
    std::fs::write(&file, "correct horse").unwrap();
    let server = RedisServer::start(RedisOptions::default());
    let rights = "~{chancery}:* +@read +@write +@scripting +@connection +info +dbsize";
    let words = ["ACL", "SETUSER", "chancery", "on", ">correct horse"];
    server.ask(&[&words[..], &rights.split(' ').collect::<Vec<_>>()].concat());
    let renamed = RedisServer::start(RedisOptions::default().set("rename-command CONFIG", "NOT-FOR-YOU"));
    let user =
        RedisSettings { username: Some("chancery".into()), password_file: Some(file), ..settings(&server) };
    for settings in [&user, &settings(&renamed)] {
        let refused = RedisStore::open(settings).await.unwrap_err();
        assert_eq!(refused.reason(), "redis_settings_hidden", "{refused}");
        let text = refused.to_string();
        assert!(text.contains("+config|get") && text.contains("durability = \"attested\""), "{text}");
        let durability = Durability::Attested { because: "The provider says so.".into() };
        let store = RedisStore::open(&RedisSettings { durability, ..settings.clone() }).await.unwrap();
        let log = empty_log(7);
        store.begin_log(None, &stored(&log)).await.unwrap();
        append(&store, &log, &[kill(1)]).await;
    }
    server.ask(&["ACL", "SETUSER", "chancery", "+config|get"]);
    assert!(RedisStore::open(&user).await.is_ok());
    let store = RedisStore::open(&user).await.unwrap();
    server.ask(&["ACL", "SETUSER", "chancery", "-config|get"]);
    let (_, batch) = empty_log(7).append(&[kill(1)]).unwrap();
    let refused = store.append_log(&batch).await.unwrap_err();
    assert!(refused.to_string().contains("grant its user +config|get"), "{refused}");
}

async fn is_refused_and_all_else_goes_on(server: &RedisServer, store: &RedisStore, log: &Log, id: &str) {
    let (_, batch) = log.append(&[kill(2)]).unwrap();
    // It is noticed by the answer to an append. That one may be there, and nobody is told that it is.
    let first = refused(store, &batch).await;
    let (before, tail) = (held(store).await, store.log_tail().await.unwrap());
    assert!([batch.from, batch.to].map(Some).contains(&tail), "{tail:?}");
    // From then on nothing is written any more.
    assert_eq!(refused(store, &batch).await, first);
    let (_, later) = contract::resumed(store).await.append(&[kill(4)]).unwrap();
    assert_eq!(refused(store, &later).await, first);
    assert_eq!(store.begin_log(tail.as_ref(), &stored(&empty_log(8))).await, Err(first.clone()));
    assert!(store.settle_log(&tail.unwrap()).await.is_err());
    assert_eq!(held(store).await, before);
    assert_eq!(store.log_tail().await, Ok(tail));
    store.insert_client(&client(id)).await.unwrap();
    assert_eq!(store.client(&id.parse().unwrap()).await, Ok(Some(client(id))));
    assert_eq!(store.ping().await, Ok(()));
    do_as_told(server, &first.to_string());
    store.append_log(&batch).await.unwrap();
}

async fn refused(store: &RedisStore, batch: &Batch) -> AppendLogError {
    let refused = store.append_log(batch).await.unwrap_err();
    let AppendLogError::Fault(fault @ StoreFault::NotDurable { .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert!(fault.reason() == "store_not_durable" && !fault.leaves_in_doubt());
    refused
}

#[tokio::test]
async fn r_2_7_a_redis_that_was_set_otherwise_while_it_was_in_use_takes_no_entries_until_it_is_mended() {
    let server = RedisServer::start(RedisOptions::default());
    let (store, log) = with_log(&server).await;
    let log = append(&store, &log, &[kill(1)]).await;
    server.ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    is_refused_and_all_else_goes_on(&server, &store, &log, "a").await;
}

#[tokio::test]
async fn r_2_7_nothing_is_written_on_a_connection_before_its_server_said_that_it_keeps_it() {
    let server = RedisServer::start(RedisOptions::default());
    let (used, log) = with_log(&server).await;
    let unused = open(&server).await;
    append(&used, &log, &[kill(1)]).await;
    server.ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    let (log, before) = (contract::resumed(&unused).await, held(&unused).await);
    refused(&unused, &log.append(&[kill(2)]).unwrap().1).await;
    server.ask(&["CLIENT", "KILL", "TYPE", "normal"]);
    refused(&used, &log.append(&[kill(3)]).unwrap().1).await;
    assert_eq!(held(&unused).await, before);
}

#[tokio::test]
async fn r_2_7_behind_a_new_connection_the_settings_count_that_are_there_now() {
    let mut server = RedisServer::start(RedisOptions::default());
    let (store, log) = with_log(&server).await;
    let log = append(&store, &log, &[kill(1)]).await;
    server.ask(&["CONFIG", "SET", "no-appendfsync-on-rewrite", "yes"]);
    server.ask(&["CLIENT", "KILL", "TYPE", "normal"]);
    is_refused_and_all_else_goes_on(&server, &store, &log, "a").await;
    let log = contract::resumed(&store).await;
    // Its file says what it was started with.
    server.ask(&["CONFIG", "SET", "appendfsync", "no"]);
    server.kill9();
    server.restart();
    until("the store is back", async || store.ping().await == Ok(())).await;
    append(&store, &log, &[kill(3)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_7_with_replicas_an_entry_counts_once_one_of_them_has_it() {
    let fast = || RedisOptions::default().set("repl-diskless-sync-delay", "0");
    let (server, replica) = (RedisServer::start(fast()), RedisServer::start(fast()));
    let (store, log) = with_log(&server).await;
    replica.ask(&["REPLICAOF", "127.0.0.1", &server.port().to_string()]);
    until("the master counts on the replica", async || {
        server.ask(&["INFO", "replication"]).text().contains("state=online")
    })
    .await;
    let refused = RedisStore::open(&settings(&server)).await.unwrap_err();
    assert!(refused.to_string().contains("CONFIG SET min-replicas-to-write 1"), "{refused}");
    is_refused_and_all_else_goes_on(&server, &store, &log, "a").await;
    let log = contract::resumed(&store).await;
    let rows = || replica.ask(&["ZCARD", "{chancery}:log:rows"]).number();
    assert_eq!(rows(), 1, "the replica had it before the answer");

    let hasty = RedisSettings { command_timeout: PATIENCE_WITH_A_PAUSED_REPLICA, ..settings(&server) };
    let (hasty, again) = (RedisStore::open(&hasty).await.unwrap(), RedisStore::open(&hasty).await.unwrap());
    replica.pause();
    let (_, batch) = log.append(&[kill(9)]).unwrap();
    // Who finds it there on another connection does not take it for replicated either.
    for store in [&hasty, &again] {
        let AppendLogError::Fault(fault) = store.append_log(&batch).await.unwrap_err() else { panic!() };
        assert!(fault.to_string().contains("no replica took the last entries in time"), "{fault}");
    }
    replica.resume();
    // Sent again it is found there, and waited for.
    store.append_log(&batch).await.unwrap();
    assert_eq!(rows(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_7_what_is_found_in_the_log_counts_once_a_replica_has_it_whoever_finds_it() {
    let options = || RedisOptions::default().set("repl-diskless-sync-delay", "0");
    let (server, replica) = (RedisServer::start(options()), RedisServer::start(options()));
    server.ask(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    replica.ask(&["REPLICAOF", "127.0.0.1", &server.port().to_string()]);
    until("the master counts on the replica", async || {
        server.ask(&["INFO", "replication"]).text().contains("state=online")
    })
    .await;
    let (patient, _) = with_log(&server).await;
    patient.initialise(&contract::identity(7)).await.unwrap();
    let hasty = RedisSettings { command_timeout: PATIENCE_WITH_A_PAUSED_REPLICA, ..settings(&server) };
    let store: Arc<dyn Store> = Arc::new(RedisStore::open(&hasty).await.unwrap());
    let (first, second) = (issuer(&store).await, issuer(&store).await);
    let now = |seconds| Moment {
        wall: NOW.plus(Duration::from_secs(seconds)),
        monotonic: Duration::from_secs(seconds),
    };
    let rows = || replica.ask(&["ZCARD", "{chancery}:log:rows"]).number();

    replica.pause();
    assert_eq!(first.append(&[kill(1)]).await.unwrap_err().reason(), "store_not_durable");
    for (log, seconds) in [(&first, 1), (&second, 2)] {
        log.look(now(seconds)).await.unwrap();
        let found = log.current().published().ended_at(&kill(1)).unwrap().min(log.applied());
        let refused = log.settle(found).await.unwrap_err();
        assert_eq!(refused.reason(), "store_not_durable", "it is in the log, and in no replica");
    }
    let tail = store.log_tail().await.unwrap().unwrap();
    assert!(store.settle_log(&tail).await.is_err());
    replica.resume();
    // How soon a replica that was stopped goes on is its machine's affair.
    until("it is settled", async || {
        let settled = second.settle(second.applied()).await;
        assert!(settled.is_err() || rows() == 1, "the replica had it before the answer");
        settled.is_ok()
    })
    .await;
    replica.pause();
    assert_eq!(second.settle(second.applied()).await, Ok(()), "that was asked already");
    assert!(first.settle(first.applied()).await.is_err());
    replica.resume();
}

async fn issuer(store: &Arc<dyn Store>) -> Arc<RevocationLog> {
    let identity = store.identity().await.unwrap().unwrap();
    let settings = LogSettings { retention: RETENTION, journal: Journaling::Never };
    RevocationLog::open(Arc::clone(store), &identity, settings, NOW, Box::new(|_| ())).await.unwrap()
}
