//! The headers by which nginx tells the gate which request is meant.

use super::config::Config;
use super::stage::{Stage, get, request};

/// What nginx tells the gate.
const TELLS_METHOD: &str = "            proxy_set_header X-Original-Method $request_method;";
const TELLS_URI: &str = "            proxy_set_header X-Original-URI $request_uri;";

fn without(line: &'static str) -> impl FnOnce(Config) -> Config {
    |config| config.replacing(line, "")
}

#[test]
fn a_client_that_tells_the_original_request_itself_is_not_believed() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("print-shop");
    let lies: [&[&str]; 6] = [
        &["X-Original-URI: /templates", "X-Original-Method: GET"],
        &["X-Original-URI: /healthz"],
        &["x-original-uri: /healthz", "X-ORIGINAL-URI: /healthz", "X-Original-URI: /healthz"],
        &["X_Original_URI: /healthz", "X_Original_Method: GET"],
        &["X-Forwarded-Uri: /healthz", "X-Forwarded-Method: GET"],
        &["X-Original-URI: /healthz", "Connection: X-Original-URI"],
    ];
    for lie in lies {
        stage.refuses(request("PATCH", "/account", &token, lie), 403, "insufficient_scope");
        assert_eq!(stage.falls_for(request("PATCH", "/account", &token, lie)).target(), "/account");
    }
    // It does not come as far as the service, either.
    let (reply, heard) = stage.play(request("GET", "/templates", &token, lies[0]));
    assert_eq!((reply.status, heard[0].all("X-Original-URI").len()), (200, 0), "{heard:?}");
    // The control: in front of the same gate an nginx that does not say it itself passes the lie on, and it is believed.
    let silent = stage.edited("silent", |config| without(TELLS_URI)(without(TELLS_METHOD)(config)));
    let (reply, heard) = stage.play_at(&silent, request("PATCH", "/account", &token, lies[0]));
    assert_eq!((reply.status, heard[0].target()), (200, "/account"));
}

#[test]
fn a_gate_that_is_not_told_the_method_or_the_path_lets_nobody_in() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("account-admin");
    for (name, line) in [("no-method", TELLS_METHOD), ("no-uri", TELLS_URI)] {
        let nginx = stage.edited(name, without(line));
        for target in ["/account", "/healthz", "/nothing"] {
            let (reply, heard) = stage.play_at(&nginx, get(target, &token));
            assert_eq!(
                (reply.status, &*reply.reason(), heard.len()),
                (500, "original_request_missing", 0),
                "{reply:?}"
            );
        }
    }
    assert_eq!(stage.falls_for(get("/account", &token)).target(), "/account");
}

#[test]
fn a_gate_that_is_told_twice_lets_nobody_in() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("account-admin");
    for (name, line) in [("two-methods", TELLS_METHOD), ("two-uris", TELLS_URI)] {
        let nginx = stage.edited(name, |config| config.replacing(line, &format!("{line}\n{line}")));
        let (reply, heard) = stage.play_at(&nginx, get("/account", &token));
        let told = (reply.status, &*reply.reason(), heard.len());
        assert_eq!(told, (400, "original_request_repeated", 0), "{reply:?}");
    }
    assert_eq!(stage.falls_for(get("/account", &token)).target(), "/account");
}
