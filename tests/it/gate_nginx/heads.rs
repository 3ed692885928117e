//! Heads of requests that are too large, repeated or torn.

use super::stage::{Stage, get, request};

#[test]
fn two_authorization_headers_are_refused_by_nginx() {
    let world = Stage::world();
    let token = world.token("account-admin");
    for second in [
        format!("Authorization: Bearer {token}"),
        "authorization: Bearer x".to_owned(),
        "Authorization:".to_owned(),
    ] {
        world.documint.is_refused_by_nginx(request("GET", "/account", &token, &[&second]), 400);
    }
}

#[test]
fn two_tokens_in_one_header_are_refused() {
    let world = Stage::world();
    let stage = &world.documint;
    let (good, other) = (world.token("account-admin"), world.token("support-tool"));
    for both in [format!("{good}, Bearer {other}"), format!("{good},{other}"), format!("{good} {other}")] {
        let (reply, heard) = stage.play(get("/account", &both));
        assert!([400, 401].contains(&reply.status), "{reply:?}");
        assert!(heard.is_empty() && reply.reason() != "", "{reply:?}");
        assert_eq!(stage.falls_for(get("/account", &both)).target(), "/account");
    }
}

#[test]
fn a_token_in_the_query_is_none() {
    let world = Stage::world();
    let stage = &world.documint;
    let target = format!("/account?access_token={}", world.token("account-admin"));
    stage.refuses(get(&target, ""), 401, "token_missing");
    assert_eq!(stage.falls_for(get(&target, "")).target(), target);
}

#[test]
fn a_token_that_is_too_large_is_refused_by_the_gate() {
    let world = Stage::world();
    let stage = &world.documint;
    let large = get("/account", &"a".repeat(9000));
    stage.refuses(&large, 401, "token_too_large");
    assert_eq!(stage.falls_for(&large).target(), "/account");
}

#[test]
fn a_header_that_is_too_large_is_refused_by_nginx() {
    let world = Stage::world();
    let token = world.token("account-admin");
    let large = format!("X-Large: {}", "a".repeat(17_000));
    world.documint.is_refused_by_nginx(request("GET", "/account", &token, &[&large]), 400);
    let several: Vec<String> = (0..8).map(|at| format!("X-{at}: {}", "a".repeat(12_000))).collect();
    let several: Vec<&str> = several.iter().map(|line| &**line).collect();
    world.documint.is_refused_by_nginx(request("GET", "/account", &token, &several), 400);
}

#[test]
fn large_headers_that_nginx_takes_change_no_verdict() {
    let world = Stage::world();
    let stage = &world.documint;
    let large: Vec<String> = (0..3).map(|at| format!("X-{at}: {}", "a".repeat(15_000))).collect();
    let large: Vec<&str> = large.iter().map(|line| &**line).collect();
    let (reply, heard) = stage.play(request("GET", "/account", &world.token("account-admin"), &large));
    assert_eq!((reply.status, heard.len()), (200, 1), "{reply:?}");
    let trick = request("GET", "/account", &world.token("support-tool"), &large);
    stage.refuses(&trick, 403, "insufficient_scope");
    assert_eq!(stage.falls_for(&trick).target(), "/account");
}

#[test]
fn more_headers_than_the_gate_takes_are_refused_and_the_gate_is_not_blamed() {
    let world = Stage::world();
    let stage = &world.documint;
    let many: Vec<String> = (0..500).map(|at| format!("X-{at}: a")).collect();
    let many: Vec<&str> = many.iter().map(|line| &**line).collect();
    let trick = request("GET", "/account", &world.token("account-admin"), &many);
    let reply = stage.refuses(&trick, 431, "headers_too_large");
    assert!(reply.all("retry-after").is_empty(), "{reply:?}");
    assert_eq!(stage.falls_for(&trick).target(), "/account");
}

#[test]
fn a_torn_head_is_refused_by_nginx() {
    let world = Stage::world();
    let token = world.token("account-admin");
    for line in
        ["Host: other", "Chancery-Tenant : globex", " folded: globex", "X\u{1}: a", "Content-Length: 1, 2"]
    {
        world.documint.is_refused_by_nginx(request("GET", "/account", &token, &[line]), 400);
    }
}
