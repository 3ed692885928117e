//! The harness itself, on a Redis that nothing of ours stands before: what is fsynced before it is answered survives,
//! and what is not is lost. Were it not lost here, no other test of this suite could see a missing fsync.

use crate::dice::Dice;
use crate::power::{Disk, Syncs, Unsynced};
use crate::support::{Folder, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const ROUNDS: u32 = 4;
const WRITERS: usize = 3;

/// The most that is acknowledged before the kill, which comes some moments later.
const ACKNOWLEDGED: usize = 400;
const MOMENTS: usize = 300;

/// Appends until nobody answers. Answers what was acknowledged.
fn append(port: u16, writer: usize, count: &AtomicUsize) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return acknowledged };
    stream.set_nodelay(true).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    loop {
        let value = format!("{writer}-{}", acknowledged.len());
        let asked = stream.write_all(format!("XADD log * value {value}\r\n").as_bytes());
        let answer = asked.ok().and_then(|()| answers.next()).and_then(Result::ok);
        // Its length first, then the id.
        if answer.is_none_or(|length| !length.starts_with('$')) || !matches!(answers.next(), Some(Ok(_))) {
            return acknowledged;
        }
        acknowledged.insert(value);
        count.fetch_add(1, Ordering::SeqCst);
    }
}

fn found(redis: &RedisServer) -> BTreeSet<String> {
    let entries = redis.ask(&["XRANGE", "log", "-", "+"]).list();
    entries.into_iter().map(|entry| entry.list().pop().unwrap().list().pop().unwrap().text()).collect()
}

/// How many acknowledged entries a Redis with these settings loses, over all rounds.
fn lost(appendfsync: &str, unsynced: Unsynced) -> usize {
    let mut dice = Dice::thrown(appendfsync);
    let mut total = 0;
    for round in 0..ROUNDS {
        let folder = Folder::new();
        let disk = Disk::under(folder.path(), Syncs::Hold);
        let options = RedisOptions::default()
            .set("dir", folder.path().to_str().unwrap())
            .set("appendonly", "yes")
            .set("appendfsync", appendfsync);
        let options =
            disk.environment().into_iter().fold(options, |made, (name, value)| made.env(name, &value));
        let mut redis = RedisServer::start(options);
        let (port, count) = (redis.port(), AtomicUsize::new(0));
        let (enough, moments, rewrites) = (1 + dice.below(ACKNOWLEDGED), dice.below(MOMENTS), dice.heads());
        let acknowledged: BTreeSet<String> = thread::scope(|scope| {
            let count = &count;
            let writers: Vec<_> =
                (0..WRITERS).map(|writer| scope.spawn(move || append(port, writer, count))).collect();
            until("enough entries", || (count.load(Ordering::SeqCst) >= enough).then_some(()));
            if rewrites {
                redis.ask(&["BGREWRITEAOF"]);
            }
            for _ in 0..moments {
                thread::yield_now();
            }
            redis.kill9();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });
        let dropped = disk.cut(unsynced, &mut dice);
        redis.restart();
        let missing = acknowledged.difference(&found(&redis)).count();
        println!(
            "round {round}: {} acknowledged, {missing} missing; dropped: {dropped:?}",
            acknowledged.len()
        );
        total += missing;
    }
    total
}

#[test]
fn a_power_cut_takes_nothing_that_a_redis_synced_before_it_answered() {
    assert_eq!(lost("always", Unsynced::Lost), 0);
    assert_eq!(lost("always", Unsynced::Torn), 0);
}

#[test]
fn a_power_cut_takes_what_a_redis_that_syncs_every_second_had_acknowledged() {
    assert!(lost("everysec", Unsynced::Lost) > 0, "the harness is blind");
}

#[test]
fn a_power_cut_takes_what_a_redis_that_never_syncs_had_acknowledged() {
    assert!(lost("no", Unsynced::Lost) > 0, "the harness is blind");
}
