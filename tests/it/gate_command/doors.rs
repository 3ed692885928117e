//! Each proxy has an address of its own, and everything else is none.

use super::asker::Answer;
use super::world::World;
use crate::support::{AUDIENCE, Gate};

/// The same question at every address, each told in its own way.
fn everywhere(
    world: &World,
    gate: &Gate,
    method: &str,
    uri: &str,
    token: &str,
) -> Vec<(&'static str, Answer)> {
    let bearer = format!("Bearer {token}");
    let credentials = [("authorization", &*bearer)];
    let credentials = if token.is_empty() { &[][..] } else { &credentials };
    let told = |path: &str, names: [&'static str; 2]| {
        let headers = [&[(names[0], method), (names[1], uri)], credentials].concat();
        world.asker.ask("GET", &gate.at(path), &headers)
    };
    let forwarded = ["x-forwarded-method", "x-forwarded-uri"];
    let envoy = world.asker.ask(method, &gate.at(&format!("/auth/envoy{uri}")), credentials);
    vec![
        ("nginx", told("/auth/nginx", ["x-original-method", "x-original-uri"])),
        ("caddy", told("/auth/caddy", forwarded)),
        ("traefik", told("/auth/traefik", forwarded)),
        ("envoy", envoy),
    ]
}

#[test]
fn every_proxy_gets_the_same_verdicts_and_the_claims() {
    let world = World::new();
    let gate = world.gate();
    let token = world.token();
    for (proxy, answer) in everywhere(&world, &gate, "GET", "/invoices?page=2", &token) {
        assert_eq!(
            (answer.status, answer.header("chancery-tenant")),
            (200, Some("acme")),
            "{proxy}: {answer:?}"
        );
        assert_eq!(answer.header("chancery-client-id"), Some("reader"), "{proxy}");
        assert_eq!(answer.header("chancery-scope"), Some("invoices:read"), "{proxy}");
        assert!(answer.header("chancery-claims").is_some_and(|claims| claims.len() > 100), "{proxy}");
    }
    for (method, uri, token, told) in [
        ("DELETE", "/invoices/7", &*token, "403 insufficient_scope"),
        ("GET", "/invoices", "", "401 token_missing"),
        ("GET", "/invoices", "nonsense", "401 segment_count"),
        ("GET", "/nothing", &token, "404 route_undeclared"),
        ("PUT", "/invoices", &token, "405 method_undeclared"),
        ("GET", "/invoices//7", &token, "400 path_not_plain"),
    ] {
        for (proxy, answer) in everywhere(&world, &gate, method, uri, token) {
            assert_eq!(told, answer.told(), "{proxy} {method} {uri}");
        }
    }
}

#[test]
fn what_is_no_address_of_a_gate_lets_nobody_in() {
    let world = World::new();
    let gate = world.gate();
    let token = world.token();
    for path in ["/", "/auth", "/auth/", "/auth/nginx/", "/AUTH/NGINX", "/invoices", "/auth/caddy/invoices"] {
        let bearer = format!("Bearer {token}");
        let answer = world.asker.ask("GET", &gate.at(path), &[("authorization", &bearer)]);
        assert_eq!(answer.told(), "404 not_found", "{path}");
    }
    for path in ["/healthz", "/readyz", "/metrics", "/.well-known/oauth-protected-resource"] {
        let answer = world.asker.ask("POST", &gate.at(path), &[]);
        assert_eq!(
            (answer.told().as_str(), answer.header("allow")),
            ("405 method_not_allowed", Some("GET, HEAD"))
        );
        assert_eq!(world.asker.ask("HEAD", &gate.at(path), &[]).status, 200, "{path}");
    }
}

#[test]
fn the_metadata_of_the_resource_is_served_where_rfc_9728_has_it() {
    let world = World::new();
    let gate = world.gate();
    let metadata = world.asker.get(&gate.at("/.well-known/oauth-protected-resource")).json();
    assert_eq!(metadata["resource"], AUDIENCE);
    assert_eq!(metadata["authorization_servers"], serde_json::json!([world.issuer_url]));
    assert_eq!(metadata["scopes_supported"], serde_json::json!(["invoices:delete", "invoices:read"]));
}

#[test]
fn a_request_with_a_body_is_judged_by_its_head() {
    use std::io::{Read as _, Write as _};
    let world = World::new();
    let gate = world.gate();
    let address = gate.url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let token = world.token();
    // The body is said to come, and never does.
    let head = format!(
        "POST /auth/caddy HTTP/1.1\r\nHost: {address}\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /invoices\r\n\
         Authorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut begin = [0; 15];
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200 OK");
}

#[test]
fn the_headers_of_a_question_may_be_as_large_as_those_that_proxies_take() {
    let world = World::new();
    let gate = world.gate();
    let bearer = format!("Bearer {}", world.token());
    let ask = |cookie_bytes: usize| {
        let cookie = "c".repeat(cookie_bytes);
        let original = [("x-original-method", "GET"), ("x-original-uri", "/invoices")];
        let headers = [&original[..], &[("authorization", &bearer), ("cookie", &cookie)]].concat();
        world.asker.ask("GET", &gate.at("/auth/nginx"), &headers).status
    };
    assert_eq!((ask(48_000), ask(70_000)), (200, 431));
}
