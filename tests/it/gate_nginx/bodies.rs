//! Bodies: whom they reach, and that none is taken for a request.

use super::stage::{Stage, get, request};
use super::wire::Wire;
use crate::s1_documint::Front as _;

#[test]
fn a_body_reaches_the_service_with_a_request_that_is_let_in() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("account-admin");
    let plain = request("PATCH", "/account", &token, &["Content-Length: 5"]) + "hello";
    let chunked =
        request("PATCH", "/account", &token, &["Transfer-Encoding: chunked"]) + "5\r\nhello\r\n0\r\n\r\n";
    for sent in [plain, chunked] {
        let (reply, heard) = stage.play(sent);
        assert_eq!((reply.status, &*heard[0].body), (200, "hello"), "{heard:?}");
    }
}

#[test]
fn who_is_refused_hears_it_before_it_sends_its_body() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    for more in [
        &["Content-Length: 500000"][..],
        &["Content-Length: 500000", "Expect: 100-continue"],
        &["Transfer-Encoding: chunked"],
    ] {
        stage.refuses(request("PATCH", "/account", &token, more), 403, "insufficient_scope");
    }
}

#[test]
fn a_body_of_a_refused_request_is_not_taken_for_the_next_one() {
    let world = Stage::world();
    let stage = &world.documint;
    let hidden = get("/healthz", "");
    let kept = |method: &str, path: &str, token: &str, more: &str| {
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{more}\r\n")
    };
    let length = format!("Content-Length: {}\r\n", hidden.len());
    let refused = kept("PATCH", "/account", &world.token("support-tool"), &length) + &hidden;
    let next = kept("GET", "/invoices", &world.token("support-tool"), "");
    let mut wire = Wire::to(stage.url());
    wire.send(refused + &next);
    assert_eq!((wire.reply().status, wire.reply().status), (403, 200));
    let heard = stage.witness.heard();
    assert_eq!((heard.len(), heard[0].target()), (1, "/invoices"), "{heard:?}");
}

#[test]
fn the_second_request_of_a_connection_is_judged_by_its_own_token() {
    let world = Stage::world();
    let stage = &world.documint;
    let first = format!(
        "GET /account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        world.token("account-admin")
    );
    let mut wire = Wire::to(stage.url());
    wire.send(first + &get("/account", ""));
    let (let_in, refused) = (wire.reply(), wire.reply());
    assert_eq!((let_in.status, refused.status, &*refused.reason()), (200, 401, "token_missing"));
    assert_eq!(stage.witness.heard().len(), 1);
}

#[test]
fn a_body_whose_length_is_told_in_two_ways_is_refused_by_nginx() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("account-admin");
    let hidden = format!("0\r\n\r\n{}", get("/healthz", ""));
    let length = format!("Content-Length: {}", hidden.len());
    let ways: [(&[&str], u16); 4] = [
        (&[&length, "Transfer-Encoding: chunked"], 400),
        (&[&length, "Content-Length: 0"], 400),
        (&["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], 400),
        (&["Transfer-Encoding: \u{b}chunked"], 501),
    ];
    for (lines, status) in ways {
        stage.is_refused_by_nginx(request("PATCH", "/account", &token, lines) + &hidden, status);
    }
}
