//! Two issuers on one Redis are one issuer.

mod pair;

use crate::support::{Documint, Office, Server, Told, until, within};
use chancery_verifier::clock::{Clock as _, SystemClock};
use pair::{ISSUER, Pair};
use serde_json::json;
use std::thread;
use std::time::Duration;

/// A change on one issuer is obeyed by the other within this time.
const OBEYED_WITHIN: Duration = Duration::from_secs(1);

/// How often that is tried. One try may meet a machine that is busy with something else; most may not.
const TRIES: usize = 7;

fn documint_by(server: &Server) -> Documint {
    Documint::of(ISSUER, server.at("/.well-known/jwks.json"))
}

#[test]
fn what_one_signs_the_other_publishes_from_the_first_request() {
    let pair = Pair::new();
    let (first, second) = (pair.first.serve(), pair.second.serve());
    assert_eq!(pair.keys(&first), pair.keys(&second));
    pair.first.chancery.create_client("billing", &[]).expect(0);
    // Each service knows the keys of the issuer that did not sign.
    let (by_first, by_second) = (documint_by(&first), documint_by(&second));
    for (signs, judges) in [(&first, &by_second), (&second, &by_first)] {
        let token = pair.token(signs, "billing").unwrap();
        assert_eq!(pair.documint_says(judges, &token), 200);
    }
    assert_eq!(pair.documint_says(&by_first, "no-token"), 401, "it looks at what it gets");
}

#[test]
fn issuers_that_start_at_the_same_time_on_an_empty_redis_are_one_issuer() {
    for _ in 0..4 {
        let pair = Pair::new();
        assert_eq!(pair.redis.ask(&["DBSIZE"]).number(), 0);
        let (first, second) = thread::scope(|scope| {
            let second = scope.spawn(|| pair.second.serve());
            (pair.first.serve(), second.join().unwrap())
        });
        assert_eq!(pair.keys(&first), pair.keys(&second));
        pair.first.chancery.create_client("billing", &[]).expect(0);
        let token = pair.token(&first, "billing").unwrap();
        assert_eq!(pair.documint_says(&documint_by(&second), &token), 200);
        // And whoever comes later finds that one.
        drop(first);
        assert_eq!(pair.keys(&pair.first.serve()), pair.keys(&second));
    }
}

#[test]
fn one_of_those_that_start_at_the_same_time_makes_the_first_admin_and_holds_its_secret() {
    let pair = Pair::new();
    let (first, second) = thread::scope(|scope| {
        let second = scope.spawn(|| pair.second.serve());
        (pair.first.serve(), second.join().unwrap())
    });
    let secrets: Vec<String> = [&pair.first, &pair.second]
        .into_iter()
        .filter_map(|machine| std::fs::read_to_string(machine.folder.file(".chancery/admin.secret")).ok())
        .collect();
    assert_eq!(secrets.len(), 1, "one secret, on one machine");
    for server in [&first, &second] {
        let form = format!("&scope=clients:read&resource={ISSUER}/admin");
        let answer = pair.http.ask_for_token(&server.url, "admin", secrets[0].trim_end(), &form);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[test]
fn another_master_key_or_name_is_refused_at_a_redis_in_use() {
    let pair = Pair::new();
    let first = pair.first.serve();
    let keys = pair.keys(&first);
    let renamed = pair.second.chancery.clone().set("ISSUER__URL", "https://other.example.com");
    let ran = renamed.run(&["serve", "--listen", "127.0.0.1:0"]).expect(3);
    assert!(ran.err.contains(ISSUER), "{ran:?}");
    std::fs::remove_file(pair.second.folder.file("keys/master.key")).unwrap();
    let ran = pair.second.chancery.run(&["serve", "--listen", "127.0.0.1:0"]).expect(4);
    assert!(ran.err.contains("master key"), "none is made for a store in use: {ran:?}");
    assert!(!pair.second.folder.file("keys/master.key").exists());
    assert_eq!(pair.keys(&first), keys);
}

#[test]
fn r06_a_change_on_one_is_obeyed_by_the_other_within_a_second() {
    let pair = Pair::new();
    let (first, second) = (pair.first.serve(), pair.second.serve());
    pair.first.chancery.create_client("billing", &[]).expect(0);
    // Both know it from here on: a change has to reach what they remember.
    for server in [&first, &second] {
        pair.token(server, "billing").unwrap();
    }
    let clock = SystemClock::new();
    let mut took = Vec::new();
    for attempt in 0..TRIES {
        let disable = ["client", "disable", "billing", "--reason", "leaked"];
        let enable = ["client", "enable", "billing"];
        let words = if attempt % 2 == 0 { &disable[..] } else { &enable };
        pair.first.chancery.run(words).expect(0);
        let begun = clock.monotonic();
        let expected = if attempt % 2 == 0 { Err("client_disabled".to_owned()) } else { Ok(()) };
        for server in [&second, &first] {
            until("a change that is obeyed", || {
                (pair.token(server, "billing").map(drop) == expected).then_some(())
            });
        }
        took.push(clock.monotonic().saturating_sub(begun));
    }
    took.sort();
    assert!(took[TRIES / 2] <= OBEYED_WITHIN, "{took:?}");
}

#[test]
fn r06_what_one_was_told_by_an_administrator_it_obeys_at_once_and_the_other_soon() {
    let pair = Pair::new();
    let (first, second) = (pair.first.serve(), pair.second.serve());
    let secret = pair.first.folder.read(".chancery/admin.secret");
    pair.first.chancery.create_client("billing", &[]).expect(0);
    for server in [&first, &second] {
        pair.token(server, "billing").unwrap();
    }
    for (told, other) in [(&first, &second), (&second, &first)] {
        let office = Office::of(ISSUER, told, &secret);
        for (act, body, expected) in [
            ("disable", json!({"reason": "leaked"}), Err("client_disabled".to_owned())),
            ("enable", json!({}), Ok(())),
        ] {
            let done = office.write("POST", &format!("/clients/billing/{act}"), &body);
            assert!(matches!(done, Told::Done(_)), "{done:?}");
            assert_eq!(pair.token(told, "billing").map(drop), expected, "{act}");
            until("a change that is obeyed", || {
                (pair.token(other, "billing").map(drop) == expected).then_some(())
            });
        }
    }
}

#[test]
fn a_client_that_is_made_on_one_gets_its_token_from_the_other_at_once() {
    let pair = Pair::new();
    let (first, second) = (pair.first.serve(), pair.second.serve());
    for id in ["one", "two", "three"] {
        // Asked for before it was there: that nobody had the id is not remembered.
        pair.first.folder.write(&format!("{id}.secret"), "chs_test_guessed");
        for server in [&first, &second] {
            pair.token(server, id).unwrap_err();
        }
        std::fs::remove_file(pair.first.folder.file(&format!("{id}.secret"))).unwrap();
        pair.first.chancery.create_client(id, &[]).expect(0);
        for server in [&second, &first] {
            pair.token(server, id).unwrap();
        }
    }
}

#[test]
fn r52_a_rotation_on_one_is_published_by_the_other() {
    let pair = Pair::new();
    let (first, second) = (pair.first.serve(), pair.second.serve());
    let before = pair.keys(&second);
    pair.first.chancery.run(&["key", "rotate"]).expect(0);
    for server in [&second, &first] {
        within(10 * OBEYED_WITHIN, "the new keys", || {
            let now = pair.keys(server);
            (now[0] != before[0] && now[1] != before[1]).then_some(())
        });
    }
    assert_eq!(pair.keys(&first), pair.keys(&second));
}

#[test]
fn when_one_dies_the_other_goes_on() {
    let pair = Pair::new();
    let (first, second) = (pair.first.serve(), pair.second.serve());
    pair.first.chancery.create_client("billing", &[]).expect(0);
    let token = pair.token(&first, "billing").unwrap();
    first.kill();
    let documint = documint_by(&second);
    assert_eq!(pair.documint_says(&documint, &token), 200);
    let token = pair.token(&second, "billing").unwrap();
    assert_eq!(pair.documint_says(&documint, &token), 200);
}
