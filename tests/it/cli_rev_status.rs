//! `chancery revocation status` and `watch`.

use crate::support::{Administered, Chancery, Folder, Server};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

const REVOKE: [&str; 5] = ["revoke", "client", "billing", "--reason", "a drill"];

#[test]
fn both_doors_say_how_the_log_stands() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let status = ["revocation", "status", "--json"];
    let before = office.local(&status).expect(0).json();
    assert_eq!((&before["state"], &before["durability"]), (&json!("following"), &json!("embedded")));
    assert_eq!((&before["fault"], &before["entries"]["clients"]), (&Value::Null, &json!(0)));
    office.remote(&REVOKE).expect(0);
    let (local, remote) = (office.local(&status).expect(0).json(), office.remote(&status).expect(0).json());
    for member in ["log", "start", "sequence", "head", "floor", "state", "durability", "entries"] {
        assert_eq!(local[member], remote[member], "{member}");
    }
    assert_eq!(local["entries"]["clients"], 1);
    assert_eq!(local["sequence"].as_u64(), before["sequence"].as_u64().map(|sequence| sequence + 1));
    // Only whoever is polled knows who polls.
    assert_eq!((&local["verifiers"], &remote["verifiers"]["connected"]), (&Value::Null, &json!(0)));
    let told = office.remote(&["revocation", "status", "--verifiers"]).expect(0).out;
    assert!(told.starts_with("state       following\n") && told.contains("revoked     1 client\n"), "{told}");
    let told = office.local(&status[..2]).expect(0).out;
    assert!(told.contains("--issuer URL"), "{told}");
}

/// `chancery revocation watch` while it runs; killed, by its own process id, when it is dropped.
struct Watching {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(chancery: &Chancery, words: &[&str]) -> Self {
        let mut command = chancery.command(&[&["revocation", "watch"], words].concat());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn next(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_entry_is_told_as_it_happens_and_the_count_ends_it() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let url = office.server.url.clone();
    let mut watching = Watching::start(&office.chancery, &["--issuer", &url, "--count", "2", "--json"]);
    let began: Value = serde_json::from_str(&watching.next()).unwrap();
    assert_eq!(began["event"], "began");
    let done = office.local(&[&REVOKE[..], &["--json"]].concat()).expect(0).json();
    let told: Value = serde_json::from_str(&watching.next()).unwrap();
    assert_eq!((&told["event"], &told["kind"]), (&json!("revoked"), &json!("client")));
    assert_eq!(told["sequence"], done["sequence"]);
    // The log says it without the name.
    assert_eq!(told["name"].as_str().map(str::len), Some(22));
    office.remote(&["revoke", "tenant", "acme", "--reason", "a drill"]).expect(0);
    let told: Value = serde_json::from_str(&watching.next()).unwrap();
    assert_eq!(told["kind"], "tenant");
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
}

#[test]
fn words_are_told_too_and_the_time_ends_it() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let url = office.server.url.clone();
    let mut watching = Watching::start(&office.chancery, &["--issuer", &url, "--for", "2s"]);
    assert!(watching.next().contains("  following the log "));
    office.local(&REVOKE).expect(0);
    assert!(watching.next().contains("  client   "));
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_issuer_that_is_not_there_is_told_at_once() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let words = ["revocation", "watch", "--issuer", "http://127.0.0.1:1", "--json"];
    let told = chancery.run(&words).expect(7).json();
    assert_eq!(told["reason"], "keys_unreachable");
}

#[test]
fn watching_outlives_an_issuer_that_is_stopped_and_started_again() {
    let Administered { folder: _folder, chancery, server } = Administered::start();
    chancery.create_client("billing", &[]).expect(0);
    let url = server.url.clone();
    let mut watching = Watching::start(&chancery, &["--issuer", &url, "--count", "1", "--json"]);
    let began: Value = serde_json::from_str(&watching.next()).unwrap();
    assert_eq!(began["event"], "began");
    server.signal("TERM");
    let (code, _, log) = server.ended();
    assert_eq!(code, 0, "{log}");
    // It is told to ask again, and does so.
    assert_eq!(watching.child.try_wait().unwrap(), None);
    let done = chancery.run(&[&REVOKE[..], &["--json"]].concat()).expect(0).json();
    let _server = Server::start_at(&chancery, url.trim_start_matches("http://"));
    let told: Value = serde_json::from_str(&watching.next()).unwrap();
    assert_eq!((&told["event"], &told["sequence"]), (&json!("revoked"), &done["sequence"]), "{told}");
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
}
