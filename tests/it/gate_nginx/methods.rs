//! Methods that a service may take for another one than whoever judges them.

use super::stage::{Stage, request};
use super::wire::Wire;
use crate::s1_documint::Front as _;

#[test]
fn a_header_that_names_another_method_is_refused() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x-http-method-override"] {
        let trick = request("GET", "/invoices/A-1", &token, &[&format!("{header}: DELETE")]);
        stage.refuses(&trick, 400, "method_override");
        assert_eq!(stage.falls_for(&trick).all(header), ["DELETE"]);
    }
}

#[test]
fn a_header_that_names_another_method_with_underscores_does_not_arrive() {
    let world = Stage::world();
    let stage = &world.documint;
    let trick =
        request("GET", "/invoices/A-1", &world.token("support-tool"), &["X_HTTP_Method_Override: DELETE"]);
    let (reply, heard) = stage.play(&trick);
    assert_eq!((reply.status, heard.len()), (200, 1));
    assert!(heard[0].all("X-HTTP-Method-Override").is_empty(), "{heard:?}");
    assert_eq!(stage.falls_for(&trick).all("X-HTTP-Method-Override"), ["DELETE"]);
}

#[test]
fn a_query_that_names_another_method_is_refused() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    for target in ["/invoices/A-1?_method=DELETE", "/invoices/A-1?a=b&%5Fmethod=DELETE"] {
        let trick = request("GET", target, &token, &[]);
        stage.refuses(&trick, 400, "method_override");
        assert_eq!(stage.falls_for(&trick).target(), target);
    }
}

#[test]
fn a_header_that_names_another_path_is_refused() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    for header in ["X-Original-URL", "X-Rewrite-URL"] {
        let trick = request("GET", "/invoices", &token, &[&format!("{header}: /account")]);
        stage.refuses(&trick, 400, "path_override");
        assert_eq!(stage.falls_for(&trick).all(header), ["/account"]);
    }
}

#[test]
fn a_method_that_a_path_does_not_have_is_refused_and_those_it_has_are_told() {
    let world = Stage::world();
    let stage = &world.documint;
    for token in [&*world.token("account-admin"), ""] {
        for method in ["DELETE", "PUT", "OPTIONS", "FROB", "GETX"] {
            let trick = request(method, "/account", token, &[]);
            let reply = stage.refuses(&trick, 405, "method_undeclared");
            let [allow] = reply.all("allow")[..] else { panic!("{reply:?}") };
            assert!(allow.contains("GET") && allow.contains("PATCH") && !allow.contains("PUT"), "{allow}");
            assert_eq!(stage.falls_for(&trick).target(), "/account");
        }
    }
}

#[test]
fn head_is_judged_as_get_and_answered_without_a_body() {
    let world = Stage::world();
    let stage = &world.documint;
    let head = request("HEAD", "/account", &world.token("support-tool"), &[]);
    let mut wire = Wire::to(stage.url());
    wire.send(&head);
    let reply = wire.head();
    assert_eq!((reply.status, reply.all("www-authenticate").len()), (403, 1), "{reply:?}");
    assert!(wire.is_closed(), "no body follows");
    assert!(stage.witness.heard().is_empty());
    assert!(stage.falls_for_head(&head).line.starts_with("HEAD /account "));

    let mut wire = Wire::to(stage.url());
    wire.send(request("HEAD", "/account", &world.token("account-admin"), &[]));
    assert_eq!(wire.head().status, 200);
    assert!(stage.witness.heard()[0].line.starts_with("HEAD /account "));
}

#[test]
fn methods_that_are_for_proxies_are_refused_by_nginx() {
    let world = Stage::world();
    let token = world.token("account-admin");
    world.documint.is_refused_by_nginx(request("TRACE", "/account", &token, &[]), 405);
    world.documint.is_refused_by_nginx(request("CONNECT", "account:443", &token, &[]), 400);
    world.documint.is_refused_by_nginx(request("get", "/account", &token, &[]), 400);
}
