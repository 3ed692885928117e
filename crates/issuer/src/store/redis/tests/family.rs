use super::link::{through, with_its_answer_lost};
use super::*;
use crate::config::Durability;
use crate::family::{Decision, Family, Generation, OnReplay, Presented, Proof, Refused, WhyEnded};
use crate::store::contract::{NOW, begun, family, family_id, full_family, identity, like, shown};
use crate::store::redis::keys;
use crate::store::{Advanced, AdvancedLike, StoreFault};
use chancery_tests::swallowing_proxy::{Swallowed, SwallowingProxy};
use chancery_token::{ClientId, UnixTime};

fn at(seconds: u64) -> UnixTime {
    NOW.plus(Duration::from_secs(seconds))
}

fn client() -> ClientId {
    family(0).client
}

async fn decided(store: &RedisStore, number: u64, generation: u64, seconds: u64) -> (Family, Decision) {
    let (id, client, now) = (family_id(number), client(), at(seconds));
    let (presented, like) = (shown(generation, &client), like(&family(number)));
    // Read before, or taken for what it is: both go the same ways.
    let advanced = match generation % 2 {
        0 => store.advance(id, &presented, now).await.map(AdvancedLike::Like),
        _ => store.advance_like(id, &presented, &like, now, now).await,
    };
    match advanced.unwrap() {
        AdvancedLike::Like(Advanced::Decided { before, decision }) => (*before, decision),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn r_7_3_a_family_takes_at_most_400_bytes_however_often_it_rotates() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    begun(&store, &family(1)).await;
    let key = keys::family(family_id(1));
    let bytes = || server.ask(&["MEMORY", "USAGE", &key]).number();
    let first = bytes();
    assert!(first <= 400, "{first}");
    for generation in 0..500 {
        let (_, decision) = decided(&store, 1, generation, 100 * (generation + 1)).await;
        assert!(matches!(decision, Decision::Rotate(_)));
        if generation % 50 == 0 {
            assert_eq!(bytes(), first, "{generation}");
        }
    }
    decided(&store, 1, 499, 50_001).await;
    assert_eq!(bytes(), first, "also with the note that it was delivered again");
}

#[tokio::test]
async fn r_7_3_whatever_is_stored_of_families_goes_by_itself() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    for number in 0..20 {
        begun(&store, &family(number)).await;
        decided(&store, number, 0, 5).await;
        if number % 2 == 0 {
            assert!(store.end_family(family_id(number), WhyEnded::Revoked, at(6)).await.unwrap());
        }
        store.first_use(&[u8::try_from(number).unwrap(); 32], at(60), NOW).await.unwrap();
    }
    let days = |days: i64| days * 86_400_000;
    let mut seen = [0; 4];
    for key in server.ask(&["KEYS", "*"]).list() {
        let key = key.text();
        let left = server.ask(&["PTTL", &key]).number();
        let (kind, most) = match key.as_str() {
            "{chancery}:store" => continue,
            key if key.starts_with("{chancery}:families:") => (0, days(91)),
            key if key.starts_with("{chancery}:used:") => (1, 60_000),
            key if key.ends_with(":ended") => (2, days(91)),
            _ => (3, days(91)),
        };
        assert!(left > most - 60_000 && left <= most || kind == 1 && left > 0, "{key}: {left}");
        seen[kind] += 1;
    }
    assert_eq!(seen, [1, 20, 10, 20]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_6_a_step_whose_answer_was_lost_is_answered_like_the_first_time_and_not_done_twice() {
    let server = RedisServer::start(RedisOptions::default());
    let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], server.port()).into()).unwrap();
    let settings = RedisSettings { redis: through(&proxy).redis, ..settings(&server) };
    let store = RedisStore::open(&settings).await.unwrap();
    for begun_as in [family(1), family(2)] {
        assert_eq!(with_its_answer_lost(&proxy, store.begin_family(&begun_as, 2, NOW)).await, Ok(()));
    }
    // A rotation, ten of them, is a rotation and no token that is delivered again.
    let mut model = family(1);
    for generation in 0..10 {
        let now = 100 * (generation + 1);
        let (before, decision) = with_its_answer_lost(&proxy, decided(&store, 1, generation, now)).await;
        let Decision::Rotate(rotation) = decision else { panic!("{decision:?}") };
        assert_eq!((before.generation, before.idle_end), (model.generation, model.idle_end));
        assert_eq!(rotation.regressed_from, None);
        let expected = Rotated::of(&model, generation, now);
        assert_eq!(expected.decision, rotation.after);
        model = rotation.after;
        assert_eq!(store.family(model.id).await, Ok(Some(model.clone())));
    }
    // What is decided here and then written.
    let (_, ahead) = with_its_answer_lost(&proxy, decided(&store, 1, 20, 2000)).await;
    let Decision::Rotate(ahead) = ahead else { panic!("{ahead:?}") };
    assert_eq!((ahead.after.generation, ahead.regressed_from), (Generation(21), Some(Generation(10))));
    let (_, again) = with_its_answer_lost(&proxy, decided(&store, 1, 20, 2001)).await;
    let Decision::Redeliver(again) = again else { panic!("{again:?}") };
    assert_eq!((again.generation, again.is_suspicious), (Generation(21), false));
    let (_, replay) = with_its_answer_lost(&proxy, decided(&store, 1, 3, 2002)).await;
    assert!(matches!(replay, Decision::Replay { after: Some(_) }), "{replay:?}");
    assert_eq!(store.ended_families(10).await.unwrap().len(), 1);
    let end = store.end_family(family_id(2), WhyEnded::Revoked, at(9));
    assert_eq!(with_its_answer_lost(&proxy, end).await, Ok(true));
    let owed = store.ended_families(10).await.unwrap();
    assert_eq!(owed.len(), 2);
    assert_eq!(with_its_answer_lost(&proxy, store.settle_families(&owed)).await, Ok(()));
    assert_eq!(store.ended_families(10).await, Ok(Vec::new()));
    assert_eq!(with_its_answer_lost(&proxy, store.first_use(&[1; 32], at(60), NOW)).await, Ok(true));
    assert_eq!(with_its_answer_lost(&proxy, store.first_use(&[1; 32], at(60), NOW)).await, Ok(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_family_that_was_ended_while_the_answer_to_its_rotation_was_lost_is_over_and_no_fault() {
    let server = RedisServer::start(RedisOptions::default());
    let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], server.port()).into()).unwrap();
    let settings = RedisSettings { redis: through(&proxy).redis, ..settings(&server) };
    let (store, beside) = (RedisStore::open(&settings).await.unwrap(), open(&server).await);
    for number in 1..=2 {
        begun(&store, &family(number)).await;
    }
    // The server knows the script from then on.
    decided(&store, 2, 0, 5).await;
    let before = proxy.swallowed();
    proxy.swallow(Swallowed::Answers);
    let ended = async {
        until("the answer is swallowed", async || proxy.swallowed() > before).await;
        assert_eq!(beside.end_family(family_id(1), WhyEnded::Revoked, at(10)).await, Ok(true));
        proxy.heal();
        proxy.cut();
    };
    let ((before, decision), ()) = tokio::join!(decided(&store, 1, 0, 9), ended);
    assert_eq!(before.generation, Generation(1), "it was rotated before");
    assert_eq!(decision, Decision::Refuse(Refused::Ended(WhyEnded::Revoked)));
}

/// A rotation, by the pure model.
struct Rotated {
    decision: Family,
}

impl Rotated {
    fn of(model: &Family, generation: u64, seconds: u64) -> Self {
        match model.present(&shown(generation, &client()), at(seconds)) {
            Decision::Rotate(rotation) => Self { decision: rotation.after },
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_database_that_was_emptied_is_a_fault_and_never_an_unknown_family() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    begun(&store, &family(1)).await;
    server.ask(&["FLUSHALL"]);
    let (id, client) = (family_id(1), client());
    assert_eq!(store.family(id).await, Err(StoreFault::Lost));
    assert_eq!(store.advance(id, &shown(0, &client), NOW).await, Err(StoreFault::Lost));
    assert_eq!(store.end_family(id, WhyEnded::Revoked, NOW).await, Err(StoreFault::Lost));
    assert_eq!(store.begin_family(&family(2), 9, NOW).await, Err(StoreFault::Lost.into()));
    assert_eq!(store.ended_families(9).await, Err(StoreFault::Lost));
    assert_eq!(store.first_use(&[1; 32], at(9), NOW).await, Err(StoreFault::Lost));
    assert_eq!(server.ask(&["DBSIZE"]).number(), 0, "nothing was written into it");
}

#[tokio::test]
async fn a_family_that_cannot_be_read_is_a_fault_and_is_left_as_it_is() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    begun(&store, &family(1)).await;
    let (id, client) = (family_id(1), client());
    for broken in ["", "x", "\u{1}\u{0}", "\u{2}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"] {
        server.ask(&["SET", &keys::family(id), broken]);
        let faults = [
            store.family(id).await.unwrap_err(),
            store.advance(id, &shown(0, &client), NOW).await.unwrap_err(),
            store.end_family(id, WhyEnded::Revoked, NOW).await.unwrap_err(),
        ];
        assert!(faults.iter().all(|fault| fault.reason() == "store_unreadable"), "{faults:?}");
        assert_eq!(server.ask(&["GET", &keys::family(id)]).text(), broken);
    }
}

#[tokio::test]
async fn a_place_that_was_kept_for_a_family_that_never_came_is_given_away() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    for number in 1..=3 {
        begun(&store, &family(number)).await;
    }
    // Its issuer died between the two steps.
    server.ask(&["DEL", &keys::family(family_id(2))]);
    let begin = async |number, seconds| {
        let family = Family { created_at: at(seconds), ..family(number) };
        store.begin_family(&family, 3, at(0).minus(Duration::from_secs(1))).await
    };
    assert!(begin(4, 59).await.is_err(), "it may still come");
    assert_eq!(begin(4, 60).await, Ok(()));
    assert!(begin(5, 200).await.is_err());
}

#[tokio::test]
async fn r_2_7_what_rotates_is_durable_or_it_is_a_fault() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    begun(&store, &family(1)).await;
    server.ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    let next = std::cell::Cell::new(0);
    // Each rotates: whatever else is written asks the server anyway.
    let fault = async || {
        let generation = next.replace(next.get() + 1);
        let now = at(100 * (generation + 1));
        let advanced = store.advance(family_id(1), &shown(generation, &client()), now).await;
        advanced.is_err_and(|fault| fault.reason() == "store_not_durable")
    };
    // Within a second of its last word the server is still believed.
    until("it is noticed", fault).await;
    assert!(store.begin_family(&family(2), 9, NOW).await.is_err());
    server.ask(&["CONFIG", "SET", "appendfsync", "always"]);
    begun(&store, &family(3)).await;
    assert!(matches!(decided(&store, 3, 0, 6).await.1, Decision::Rotate(_)));
    let attested = Durability::Attested { because: "The test says so.".into() };
    server.ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    let store = RedisStore::open(&RedisSettings { durability: attested, ..settings(&server) }).await.unwrap();
    assert!(matches!(decided(&store, 3, 1, 7).await.1, Decision::Rotate(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_7_with_replicas_a_rotation_counts_once_one_of_them_has_it() {
    let fast = || RedisOptions::default().set("repl-diskless-sync-delay", "0");
    let (server, replica) = (RedisServer::start(fast()), RedisServer::start(fast()));
    server.ask(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    replica.ask(&["REPLICAOF", "127.0.0.1", &server.port().to_string()]);
    until("the master counts on the replica", async || {
        server.ask(&["INFO", "replication"]).text().contains("state=online")
    })
    .await;
    let store = open(&server).await;
    begun(&store, &family(1)).await;
    decided(&store, 1, 0, 5).await;
    let generation = || replica.ask(&["GETRANGE", &keys::family(family_id(1)), "9", "9"]).text();
    assert_eq!(generation(), "\u{1}", "the replica had it before the answer");
    let hasty = RedisSettings { command_timeout: Duration::from_millis(1500), ..settings(&server) };
    let store = RedisStore::open(&hasty).await.unwrap();
    replica.pause();
    let fault = store.advance(family_id(1), &shown(1, &client()), at(200)).await.unwrap_err();
    assert_eq!(fault.reason(), "store_not_durable");
    replica.resume();
    // It was rotated all the same: whoever asks again gets the successor.
    until("the successor is had", async || {
        let advanced = store.advance(family_id(1), &shown(1, &client()), at(201)).await;
        advanced.is_ok_and(|advanced| {
            let Advanced::Decided { decision: Decision::Redeliver(again), .. } = advanced else {
                return false;
            };
            again.generation == Generation(2)
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_7_after_a_kill_of_the_server_the_old_token_works_or_its_successor_is_had() {
    let mut server = RedisServer::start(RedisOptions::default().durable());
    let store = Arc::new(open(&server).await);
    for number in 0..16 {
        begun(&*store, &family(number)).await;
    }
    let mut held = [0; 16];
    for round in 0..3 {
        let before = held[0];
        let holders = (0..16).zip(held).map(|(number, mut held)| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let client = client();
                for step in 1.. {
                    let now = at(round * 400_000 + 20 * step);
                    let presented = Presented {
                        proof: Proof::Nothing,
                        on_replay: OnReplay::Revoke,
                        ..shown(held, &client)
                    };
                    match store.advance(family_id(number), &presented, now).await {
                        Ok(Advanced::Decided { decision: Decision::Rotate(rotation), .. }) => {
                            held = rotation.after.generation.0;
                        }
                        Ok(other) => panic!("{other:?}"),
                        Err(_) => break,
                    }
                }
                held
            })
        });
        let holders: Vec<_> = holders.collect();
        let far = async || {
            let stored = store.family(family_id(0)).await;
            stored.is_ok_and(|stored| stored.unwrap().generation.0 > before + 10)
        };
        until("the storm blows", far).await;
        server.kill9();
        let handed_out = futures_of(holders).await;
        server.restart();
        until("the store is back", async || store.ping().await == Ok(())).await;
        for ((number, stored), last) in (0..16).zip(&mut held).zip(handed_out) {
            *stored = store.family(family_id(number)).await.unwrap().unwrap().generation.0;
            assert!(*stored == last || *stored == last + 1, "{stored} {last}");
        }
    }
}

async fn futures_of<T>(tasks: Vec<tokio::task::JoinHandle<T>>) -> Vec<T> {
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

#[tokio::test]
async fn a_family_with_everything_rotates_by_script_as_the_pure_model_says() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    let full = Family { generation: Generation(1 << 52), redelivered: None, ..full_family(1) };
    begun(&store, &full).await;
    let (key, client) = (full.cnf.clone().unwrap(), client());
    let presented = Presented { proof: Proof::Key(&key), ..shown(1 << 52, &client) };
    let Advanced::Decided { before, decision } = store.advance(full.id, &presented, at(1000)).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(*before, full);
    let Decision::Rotate(rotation) = decision else { panic!("{decision:?}") };
    assert_eq!(store.family(full.id).await, Ok(Some(rotation.after)));
}
