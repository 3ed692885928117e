//! SIGKILL between any two writes: what was acknowledged is there, and no client is half.

mod record;
mod storm;

use crate::support::{Chancery, Folder, Http, Office, Server, within};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use record::Written;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;
use storm::{Dice, ROUNDS, storm};

const ISSUER: &str = "https://auth.example.com";

/// Rule.
const RECOVERY: Duration = Duration::from_secs(10);

fn admin_secret(folder: &Folder) -> String {
    folder.read(".chancery/admin.secret")
}

/// Every client that must be there is in the list, which can be read to its end.
#[track_caller]
fn are_listed(chancery: &Chancery, written: &[Written]) {
    let list = chancery.run(&["client", "list", "--json"]).expect(0).json();
    let listed: BTreeSet<&str> =
        list["clients"].as_array().unwrap().iter().map(|client| client["id"].as_str().unwrap()).collect();
    for client in written.iter().filter(|client| client.must_be_listed()) {
        assert!(listed.contains(&*client.record.id), "{:?}", client.record);
    }
}

/// That the kills hit what they were meant to.
fn hit_something(written: &[Written]) {
    let open = written.iter().filter(|client| client.is_open()).count();
    assert!(open >= ROUNDS / 2, "{open} writes were cut off in {ROUNDS} rounds");
}

#[test]
fn a_killed_issuer_with_its_store_loses_no_acknowledged_write_and_leaves_no_half_client() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", ISSUER);
    let mut dice = Dice::thrown("the issuer is killed");
    let mut written = Vec::new();
    for round in 0..ROUNDS {
        let server = Server::start(&chancery);
        let secret = admin_secret(&folder);
        let done = storm(|| Office::of(ISSUER, &server, &secret), round, &mut dice, || server.signal("KILL"));
        drop(server);
        let again = Server::start(&chancery);
        let office = Office::of(ISSUER, &again, &secret);
        for client in &done {
            client.holds(&office);
        }
        written.extend(done);
    }
    are_listed(&chancery, &written);
    hit_something(&written);
}

#[test]
fn a_killed_redis_loses_no_acknowledged_write_and_leaves_no_half_client() {
    let folder = Folder::new();
    let redis = RefCell::new(RedisServer::start(RedisOptions::default().durable()));
    let url = redis.borrow().url();
    let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", ISSUER).set("STORE__REDIS", url);
    let server = Server::start(&chancery);
    let secret = admin_secret(&folder);
    let mut dice = Dice::thrown("redis is killed");
    let mut written = Vec::new();
    for round in 0..ROUNDS {
        let done =
            storm(|| Office::of(ISSUER, &server, &secret), round, &mut dice, || redis.borrow_mut().kill9());
        redis.borrow_mut().restart();
        let http = Http::new();
        within(RECOVERY, "readiness", || {
            (http.get(&server.at("/readyz")).body["status"] == "ready").then_some(())
        });
        let office = Office::of(ISSUER, &server, &secret);
        for client in &done {
            client.holds(&office);
        }
        written.extend(done);
    }
    are_listed(&chancery, &written);
    hit_something(&written);
}
