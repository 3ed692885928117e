use super::*;
use crate::client::Client;
use crate::store::contract::{client, identity};
use crate::store::redis::keys;
use chancery_tests::redis_server::Reply;
use chancery_token::UnixTime;
use tokio::task::JoinSet;

/// Every key there is, by its name.
fn walk(server: &RedisServer) -> Vec<String> {
    let (mut cursor, mut found) = ("0".to_owned(), Vec::new());
    loop {
        let mut page = server.ask(&["SCAN", &cursor, "COUNT", "1000"]).list();
        found.extend(page.pop().unwrap().list().into_iter().map(Reply::text));
        cursor = page.pop().unwrap().text();
        if cursor == "0" {
            found.sort();
            found.dedup();
            return found;
        }
    }
}

/// More are not alive in the test below, of four times as many. What is dead is trimmed.
const KEPT_ROWS: usize = 7000;

/// Whether a key can grow for ever: it has no end, and nothing says how large it may become.
fn is_unbounded(server: &RedisServer, key: &str) -> bool {
    if server.ask(&["PTTL", key]).number() > 0 {
        return false;
    }
    let size = |command: &str| server.ask(&[command, key]).number();
    let bound = |most: usize| i64::try_from(most).unwrap();
    let name = key.strip_prefix("{chancery}:").unwrap_or_else(|| panic!("{key} is outside the hash tag"));
    let (size, most) = match name.split_once(':').unwrap_or((name, "")) {
        ("store", "") => (size("HLEN"), 6),
        ("keyring", "") => (size("HLEN"), 3),
        ("changes", "") => (size("ZCARD"), bound(keys::MOST_CHANGED)),
        ("clients", shard) => {
            assert!(u16::from_str_radix(shard, 16).is_ok_and(|shard| shard < keys::SHARDS), "{key}");
            (size("SCARD"), bound(keys::MOST_IN_SHARD))
        }
        ("client", _) => (size("STRLEN"), 256 * 1024),
        ("log", "") => {
            let marks = server.ask(&["HSTRLEN", key, "marks"]).number();
            (size("HLEN") + marks, 8 + 256 * 1024)
        }
        ("log", "rows") => (size("ZCARD"), bound(KEPT_ROWS)),
        _ => return true,
    };
    size > most
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_7_3_every_key_has_an_end_or_a_bounded_size() {
    let server = RedisServer::start(RedisOptions::default());
    let store = Arc::new(open(&server).await);
    store.initialise(&identity(1)).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..1500 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let first = client(&format!("c{number}"));
            store.insert_client(&first).await.unwrap();
            let off = first.clone().disable(
                UnixTime::from_secs(5),
                "no longer needed",
                crate::client::DisabledBy::Tenant,
            );
            store.replace_client(&first, &off, &[]).await.unwrap();
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let mut version = None;
    for _ in 0..50 {
        version = Some(store.replace_keyring(version, &[7; 2000]).await.unwrap());
    }
    let place = Database(server);
    contract::a_log_goes_on_where_it_was_left_however_often_it_is_trimmed(&place).await;
    let server = place.0;
    let found = walk(&server);
    let unbounded: Vec<_> = found.iter().filter(|key| is_unbounded(&server, key)).collect();
    assert!(unbounded.is_empty(), "{unbounded:?}");
    // The store, the keyring, the changes, the log, its rows, the shards, and one key a client. Nothing for what only changed.
    let shards = found.iter().filter(|key| key.starts_with("{chancery}:clients:")).count();
    assert_eq!(found.len(), 5 + shards + 1500);
    assert!(shards > 200, "the ids are spread over {shards} shards");
    // The walk can tell: a list that nobody bounds is found.
    server.ask(&["RPUSH", "{chancery}:entries", "x"]);
    assert!(walk(&server).iter().any(|key| is_unbounded(&server, key)));
}

#[tokio::test]
async fn r_7_3_a_shard_that_is_full_takes_no_more() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    let shard = keys::shard_of(&"billing".parse().unwrap());
    let ids: Vec<String> = (0..keys::MOST_IN_SHARD).map(|number| format!("c{number}")).collect();
    let mut words = vec!["SADD", &shard];
    words.extend(ids.iter().map(String::as_str));
    server.ask(&words);
    let full = store.insert_client(&client("billing")).await.unwrap_err();
    assert_eq!(full, crate::store::InsertError::Fault(crate::store::StoreFault::Full));
    assert_eq!(store.client(&"billing".parse().unwrap()).await, Ok(None));
    store.insert_client(&client("reports")).await.unwrap();
}

#[tokio::test]
async fn r_7_3_a_record_beyond_all_measure_is_refused() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    let mut large = client("large");
    large.purpose = "x".repeat(300_000);
    assert!(store.insert_client(&large).await.is_err());
    assert!(store.replace_keyring(None, &vec![0; 300_000]).await.is_err());
    assert_eq!(walk(&server), Vec::<String>::new());
}

#[tokio::test]
async fn changes_beyond_the_last_thousand_are_answered_as_all() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    let mut state = client("a");
    store.insert_client(&state).await.unwrap();
    let early = store.changes(crate::store::ChangeCounter::START).await.unwrap().counter;
    // One client that changes often is one change.
    for number in 0..1500 {
        let next = Client { name: format!("name {number}"), ..state.clone() };
        store.replace_client(&state, &next, &[]).await.unwrap();
        state = next;
    }
    let changed = store.changes(early).await.unwrap().clients;
    assert_eq!(changed, crate::store::ChangedClients::These(vec!["a".parse().unwrap()]));
    for number in 0..1001 {
        store.insert_client(&client(&format!("c{number}"))).await.unwrap();
    }
    assert_eq!(store.changes(early).await.unwrap().clients, crate::store::ChangedClients::All);
}
