use super::*;
use crate::config::Durability;
use crate::store::contract::{append, empty_log, held, identity, kill, stored, with_rows};
use crate::store::{AppendLogError, StoreFault};
use chancery_revocation::{Entry, Sequence};
use chancery_tests::redis_server::Reply;

/// Puts a row of these bytes in the place of an entry's.
fn exchange(server: &RedisServer, entry: &Entry, was: &[u8], is: &[u8]) {
    let row = |bytes: &[u8]| lua(&[&entry.sequence.get().to_be_bytes()[..], bytes].concat());
    let (was, is) = (row(was), row(is));
    let script = format!(
        "redis.call('ZREM', KEYS[1], {was}) redis.call('ZADD', KEYS[1], 0, {is}) return redis.call('ZCARD', KEYS[1])"
    );
    assert_eq!(server.ask(&["EVAL", &script, "1", "{chancery}:log:rows"]).number(), 3);
}

/// Bytes as a text of Lua.
fn lua(bytes: &[u8]) -> String {
    let digits = bytes.iter().fold(String::new(), |digits, byte| digits + &format!("\\{byte:03}"));
    format!("'{digits}'")
}

#[tokio::test]
async fn an_entry_that_a_later_version_wrote_is_a_fault_and_never_stepped_over() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    let first = empty_log(7);
    store.begin_log(None, &stored(&first)).await.unwrap();
    let log = append(&store, &first, &[kill(1), kill(2), kill(3)]).await;
    let second = log.since(first.start()).unwrap().entries[1];
    exchange(&server, &second, &second.to_bytes(), &[99, 1, 2, 3]);
    let unknown = StoreFault::EntryUnknown { sequence: second.sequence, code: 99 };
    assert_eq!(store.log().await.unwrap_err(), unknown);
    assert_eq!(store.log_rows(first.start(), 10).await, Err(unknown));
    assert_eq!(store.log_rows(first.start(), 1).await.unwrap().len(), 1);
    assert_eq!(store.log_rows(second.sequence, 10).await.unwrap().len(), 1);
    exchange(&server, &second, &[99, 1, 2, 3], &[1, 1]);
    assert_eq!(store.log().await.unwrap_err().reason(), "store_corrupt");
    server.ask(&["HDEL", "{chancery}:log", "head"]);
    assert_eq!(store.log_tail().await.unwrap_err().reason(), "store_corrupt");
}

#[tokio::test]
async fn a_log_that_is_gone_from_its_database_does_not_begin_again_under_its_name() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    let first = empty_log(7);
    store.begin_log(None, &stored(&first)).await.unwrap();
    append(&store, &first, &[kill(1)]).await;
    for _ in 0..2 {
        server.ask(&["DEL", "{chancery}:log", "{chancery}:log:rows"]);
        let other = open(&server).await;
        let refused = other.begin_log(None, &stored(&first)).await;
        assert_eq!(refused, Err(AppendLogError::Moved { tail: None }));
        assert_eq!(other.log_tail().await, Ok(None));
        // A recovery gives it another one.
        other.begin_log(None, &stored(&empty_log(8))).await.unwrap();
    }
}

#[tokio::test]
async fn a_log_that_is_gone_with_its_database_is_a_fault_and_never_an_empty_one() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    let log = empty_log(7);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let (_, batch) = log.append(&[kill(1)]).unwrap();
    server.ask(&["FLUSHALL"]);
    assert_eq!(store.log().await.unwrap_err(), StoreFault::Lost);
    assert_eq!(store.log_tail().await, Err(StoreFault::Lost));
    assert_eq!(store.log_rows(Sequence::new(0), 1).await, Err(StoreFault::Lost));
    assert_eq!(store.append_log(&batch).await, Err(StoreFault::Lost.into()));
    assert_eq!(store.begin_log(None, &stored(&log)).await, Err(StoreFault::Lost.into()));
    assert_eq!(server.ask(&["DBSIZE"]).number(), 0, "nothing was written into it");
}

#[tokio::test]
async fn a_log_that_lost_its_key_alone_does_not_begin_anew_by_an_append() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    let log = empty_log(7);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let (_, batch) = log.append(&[kill(1)]).unwrap();
    server.ask(&["DEL", "{chancery}:log"]);
    assert_eq!(store.log_tail().await, Ok(None));
    assert_eq!(store.append_log(&batch).await, Err(AppendLogError::Moved { tail: None }));
}

#[tokio::test]
async fn rows_that_wait_for_their_log_to_begin_go_by_themselves() {
    let server = RedisServer::start(RedisOptions::default());
    let (store, other) = (open(&server).await, open(&server).await);
    let log = empty_log(7);
    store.begin_log(None, &stored(&log)).await.unwrap();
    // One that begins, and one whose rows were laid down when it was too late.
    let (next, late) = (with_rows(8, 5000), with_rows(9, 5000));
    let both = tokio::join!(
        store.begin_log(Some(log.position()), &next),
        other.begin_log(Some(log.position()), &late)
    );
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    let began = if both.0.is_ok() { &next } else { &late };
    assert_eq!(store.log_tail().await, Ok(Some(began.tail)));
    assert_eq!(held(&store).await.2.len(), 5000);
    assert_eq!(server.ask(&["PTTL", "{chancery}:log:rows"]).number(), -1);
    for key in server.ask(&["KEYS", "{chancery}:log:staged:*"]).list().into_iter().map(Reply::text) {
        let left = server.ask(&["PTTL", &key]).number();
        assert!((1..=3_600_000).contains(&left), "{key}: {left}");
    }
    // Rows that went meanwhile are not begun with.
    let third = with_rows(10, 5000);
    let script = "redis.call('ZADD', KEYS[1], 0, 'x') redis.call('PEXPIRE', KEYS[1], 60000)";
    server.ask(&["EVAL", script, "1", &super::super::keys::staged(&third.tail.log)]);
    let refused = store.begin_log(Some(&began.tail), &third).await.unwrap_err();
    assert!(refused.to_string().contains("more than an hour"), "{refused}");
    assert_eq!(store.log_tail().await, Ok(Some(began.tail)));
}

#[tokio::test]
async fn r_2_6_an_append_whose_answer_was_lost_is_found_to_be_done_and_not_done_twice() {
    use super::link::{through, with_its_answer_lost};
    use chancery_tests::swallowing_proxy::SwallowingProxy;
    let server = RedisServer::start(RedisOptions::default());
    let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], server.port()).into()).unwrap();
    // Attested: so the first answer that is lost is the one of the append.
    let durability = Durability::Attested { because: "The test says so.".into() };
    let settings = RedisSettings { redis: through(&proxy).redis, durability, ..settings(&server) };
    let store = RedisStore::open(&settings).await.unwrap();
    let log = empty_log(7);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let (log, batch) = log.append(&[kill(1), kill(2)]).unwrap();
    assert_eq!(with_its_answer_lost(&proxy, store.append_log(&batch)).await, Ok(()));
    assert_eq!(held(&store).await.2.len(), 2);
    let next = with_rows(8, 0);
    let (_, later) = log.append(&[kill(3)]).unwrap();
    server.ask(&["HSET", "{chancery}:log", "sequence", "5"]);
    let moved = with_its_answer_lost(&proxy, store.append_log(&later)).await;
    assert!(matches!(moved, Err(AppendLogError::Moved { .. })), "{moved:?}");
    let tail = store.log_tail().await.unwrap();
    store.begin_log(tail.as_ref(), &next).await.unwrap();
    assert_eq!(store.log_tail().await, Ok(Some(next.tail)));
}
