//! A gate that is told something wrong does not start, and says all of it.

use super::world::{ROUTES, World, config};
use crate::support::{AUDIENCE, Chancery, Folder, Ran};
use std::net::TcpListener;

const ISSUER: &str = "https://auth.example.com";

/// A folder with a configuration and routes that are in order.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("gate.toml", config(ISSUER, "state = \"state\"", "max_staleness = 60"));
    folder.write("routes.json", ROUTES);
    folder
}

fn run(folder: &Folder, words: &[&str]) -> Ran {
    Chancery::in_folder(folder).run(&[&["gate"], words].concat())
}

#[test]
fn a_check_says_what_would_be_guarded_asks_nobody_and_changes_nothing() {
    let folder = folder();
    let checked = run(&folder, &["--check"]).expect(0);
    let told = format!(
        "All is well: 3 routes of {AUDIENCE}, 1 of them open to everybody, can be guarded at 127.0.0.1:8422.\n"
    );
    assert_eq!((checked.out, checked.err), (told, String::new()));
    let checked = run(&folder, &["--check", "--json", "--listen", "127.0.0.1:9"]).expect(0).json();
    let expected = serde_json::json!({
        "audience": AUDIENCE, "issuer": ISSUER, "listen": "127.0.0.1:9",
        "routes": 3, "public": 1, "revocation": "max_staleness",
    });
    assert_eq!(checked, expected);
    assert_eq!(folder.files().len(), 2, "{:?}", folder.files());
}

#[test]
fn every_fault_of_the_configuration_is_told_with_its_line() {
    let folder = folder();
    folder.write(
        "gate.toml",
        "isuer = \"x\"\nroutes = 7\nstate = \"nowhere\"\n[revocation]\nmax_staleness = 1\n",
    );
    let ran = run(&folder, &[]).expect(3);
    assert_eq!(ran.out, "");
    for told in [
        "gate.toml:1: there is no 'isuer'; did you mean 'issuer'?",
        "gate.toml:1: issuer is missing",
        "gate.toml:1: audience is missing",
        "gate.toml:2: routes is a number",
        "gate.toml:5: [revocation] max_staleness is 1",
    ] {
        assert!(ran.err.contains(told), "{told}\n{}", ran.err);
    }
    let told = run(&folder, &["--check", "--json"]).expect(3).json();
    assert_eq!(told["reason"], "bad_config");
    let lines: Vec<_> =
        told["faults"].as_array().unwrap().iter().map(|fault| fault["line"].as_u64()).collect();
    assert_eq!(lines, [Some(1), Some(1), Some(1), Some(2), Some(5)]);
    assert_eq!(told["faults"][0]["file"], "gate.toml");
}

#[test]
fn without_a_configuration_it_says_how_to_write_one() {
    let empty = Folder::new();
    let ran = run(&empty, &[]).expect(3);
    assert!(
        ran.err.contains("there is no gate.toml here") && ran.err.contains("--config FILE"),
        "{}",
        ran.err
    );
    let ran = run(&empty, &["--config", "elsewhere.toml"]).expect(3);
    assert!(ran.err.contains("elsewhere.toml:1: the configuration cannot be read"), "{}", ran.err);
}

#[test]
fn every_fault_of_the_routes_ends_the_start_with_its_reason() {
    let row = |rest: &str| format!("[{{\"method\": \"GET\", \"path\": \"/a\", {rest}}}]");
    for (routes, reason, told) in [
        ("[".to_owned(), "routes_unreadable", "routes.json:1: EOF while parsing"),
        ("[]".to_owned(), "routes_empty", "holds no route"),
        (row("\"scope\": []"), "routes_unreadable", "unknown field `scope`"),
        (row("\"scopes\": []"), "routes_refused", "GET /a: name at least one scope"),
        (row("\"scopes\": [\"a\"]"), "routes_refused", "GET /a: 'a' is no scope"),
        (row("\"scopes\": [\"a:b\"], \"at_most\": 0"), "routes_refused", "GET /a cannot have news so young"),
        (row("\"scopes\": [], \"public\": \" \""), "routes_refused", "GET /a is public and does not say why"),
        (
            row("\"scopes\": [], \"public\": \"x\", \"at_most\": 5"),
            "routes_refused",
            "it is public and says at_most",
        ),
        (
            row("\"scopes\": [\"a:b\"], \"public\": \"x\""),
            "routes_contradictory",
            "GET /a is public and asks for scopes",
        ),
        (
            row("\"scopes\": [\"a:b\"]").replace("GET", "FETCH"),
            "routes_refused",
            "'FETCH' is no method of a route",
        ),
        (row("\"scopes\": [\"a:b\"]").replace("/a", "a"), "routes_refused", "the path 'a' cannot be routed"),
        (ROUTES.replace("/healthz", "/invoices"), "routes_repeated", "GET /invoices stands there twice"),
    ] {
        let folder = folder();
        folder.write("routes.json", &routes);
        let ran = run(&folder, &["--check"]).expect(3);
        assert!(ran.err.contains(told), "{routes}: {}", ran.err);
        assert_eq!(run(&folder, &["--check", "--json"]).expect(3).json()["reason"], reason, "{routes}");
        assert_eq!(run(&folder, &["--listen", "127.0.0.1:0"]).expect(3).err, ran.err, "{routes}");
    }
    let folder = folder();
    std::fs::remove_file(folder.file("routes.json")).unwrap();
    let told = run(&folder, &["--check", "--json"]).expect(3).json();
    assert_eq!(told["reason"], "routes_unreadable");
}

#[test]
fn a_folder_or_a_secret_that_cannot_be_used_is_told() {
    let folder = folder();
    folder.write("taken", "a file");
    folder.write("gate.toml", config(ISSUER, "state = \"taken\"", "max_staleness = 60"));
    for words in [&["--check", "--json"][..], &["--check"]] {
        let ran = run(&folder, words).expect(3);
        assert!(format!("{}{}", ran.out, ran.err).contains("taken cannot be used"), "{ran:?}");
    }
    folder.write("gate.toml", config(ISSUER, "state = \"taken/below\"", "max_staleness = 60"));
    let ran = run(&folder, &["--listen", "127.0.0.1:0"]).expect(3);
    assert!(ran.err.contains("taken/below cannot be used"), "{ran:?}");
    let introduced =
        "max_staleness = 60\nname = \"gate-1\"\nclient_id = \"gate\"\nsecret_file = \"gate.secret\"";
    folder.write("gate.toml", config(ISSUER, "state = \"nowhere\"", introduced));
    let told = run(&folder, &["--check", "--json"]).expect(3).json();
    assert_eq!(told["reason"], "secret_unreadable");
    folder.write("gate.secret", "chs_test_abc\n");
    run(&folder, &["--check"]).expect(0);
}

#[test]
fn an_address_that_is_taken_ends_it_with_6() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = run(&folder, &["--listen", &address]).expect(6);
    assert!(ran.err.contains(&format!("{address} cannot be listened on")), "{}", ran.err);
}

#[test]
fn the_row_of_the_metadata_that_a_guard_writes_is_its_own_and_dropped() {
    let folder = folder();
    let own = r#"{"method": "GET", "path": "/.well-known/oauth-protected-resource", "scopes": [],
        "public": "protected-resource metadata (RFC 9728)"}"#;
    folder.write("routes.json", ROUTES.replacen('[', &format!("[{own},"), 1));
    assert_eq!(run(&folder, &["--check", "--json"]).expect(0).json()["routes"], 3);
}

#[test]
fn a_gate_starts_while_its_issuer_is_away_and_is_closed_until_it_comes() {
    let mut world = World::new();
    let token = world.token();
    world.issuer_goes_away();
    let gate = crate::support::Gate::start(&world.chancery);
    let ready = world.asker.get(&gate.at("/readyz"));
    assert_eq!((ready.status, ready.header("retry-after")), (503, Some("5")));
    assert_eq!(ready.json()["missing"], serde_json::json!(["keys", "revocation_log"]));
    assert_eq!(world.asker.get(&gate.at("/healthz")).status, 200);
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "503 keys_unavailable");
    assert_eq!(world.asker.says(&gate, "GET", "/healthz", ""), "in", "an open route needs no keys");
    world.issuer_comes_back();
    world.wait_until_ready(&gate);
    assert_eq!(world.asker.says(&gate, "GET", "/invoices", &token), "in");
}
