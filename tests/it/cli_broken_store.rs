//! A store in which something cannot be read: what can be read is told, and the exit code says whose fault it is.

use crate::support::{Chancery, Folder, Server};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use serde_json::json;

#[test]
fn one_record_that_cannot_be_read_is_named_and_hides_no_other() {
    let redis = RedisServer::start(RedisOptions::default());
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("STORE__REDIS", redis.url());
    let server = Server::start(&chancery);
    for id in ["a", "b", "c"] {
        chancery.create_client(id, &[]).expect(0);
    }
    redis.ask(&["SET", "{chancery}:client:b", r#"{"v":9,"record":{}}"#]);
    let remote = ["--issuer", &server.url];
    for door in [&[][..], &remote] {
        let list = chancery.run(&[&["client", "list", "--json"], door].concat()).expect(5);
        let object = list.json();
        let ids: Vec<&str> =
            object["clients"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["a", "admin", "c"]);
        let [unreadable] = object["unreadable"].as_array().unwrap().as_slice() else { panic!("{object}") };
        assert_eq!((&unreadable["id"], &unreadable["reason"]), (&json!("b"), &json!("store_unreadable")));
        let text = chancery.run(&[&["client", "list"], door].concat()).expect(5);
        assert!(
            text.out.contains("admin") && !text.out.lines().any(|line| line.starts_with("b ")),
            "{text:?}"
        );
        assert!(text.err.contains("client 'b' is not listed"), "{text:?}");
        let shown = chancery.run(&[&["client", "show", "b", "--json"], door].concat()).expect(5).json();
        assert_eq!(shown["reason"], "store_unreadable", "{shown}");
        // The others are administered as ever.
        chancery.run(&[&["client", "update", "a", "--owner", "team-b"], door].concat()).expect(0);
        let disable = ["client", "disable", "admin", "--reason", "replaced", "--json"];
        let refused = chancery.run(&[&disable[..], door].concat()).expect(1).json();
        assert_eq!(refused["reason"], "last_admin");
    }
}

#[test]
fn an_issuer_that_is_broken_is_no_issuer_that_is_away() {
    let redis = RedisServer::start(RedisOptions::default());
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("STORE__REDIS", redis.url());
    let server = Server::start(&chancery);
    let remote = |words: &[&str]| chancery.run(&[words, &["--issuer", &server.url, "--json"]].concat());
    remote(&["key", "list"]).expect(0);
    redis.ask(&["HSET", "{chancery}:keyring", "version", "7", "blob", "garbage"]);
    let broken = remote(&["key", "rotate"]).expect(4).json();
    let local = chancery.run(&["key", "rotate", "--json"]).expect(4).json();
    assert_eq!(broken["reason"], local["reason"]);
    redis.pause();
    let away = remote(&["key", "rotate"]).expect(7).json();
    redis.resume();
    assert!(matches!(away["reason"].as_str(), Some("store_timed_out" | "store_unavailable")), "{away}");
}
