//! Paths that a service may take for another one than whoever judges them.

use super::stage::{Stage, get};
use super::wire::Wire;
use crate::s1_documint::Front as _;

/// Every path in every place of a trick: the gate refuses it, and without the gate the service would serve what is in
/// the second column. Asked with the token of the print shop, which opens `/templates` and not `/account`, and without
/// any, for `/healthz` is public.
fn refused(reason: &str, tricks: &[(&str, &str)]) {
    let world = Stage::world();
    let stage = &world.documint;
    for token in [&*world.token("print-shop"), ""] {
        for (target, served) in tricks {
            stage.refuses(get(target, token), 400, reason);
            let heard = stage.falls_for(get(target, token));
            assert_eq!((heard.target(), &*heard.served()), (*target, *served));
        }
    }
}

#[test]
fn a_doubled_slash_is_refused() {
    refused(
        "path_not_plain",
        &[
            ("//account", "/account"),
            ("///account", "/account"),
            ("/invoices//A-1", "/invoices/a-1"),
            ("/account//", "/account"),
            ("//healthz//", "/healthz"),
        ],
    );
}

#[test]
fn a_dot_segment_is_refused() {
    refused(
        "path_not_plain",
        &[
            ("/healthz/../account", "/account"),
            ("/templates/../account", "/account"),
            ("/templates/a/../../account", "/account"),
            ("/./account", "/account"),
            ("/account/.", "/account"),
            ("/account/templates/..", "/account"),
        ],
    );
}

#[test]
fn an_escaped_dot_segment_is_refused() {
    refused(
        "path_not_plain",
        &[
            ("/healthz/%2e%2e/account", "/account"),
            ("/templates/%2E%2E/account", "/account"),
            ("/templates/.%2e/account", "/account"),
            ("/%2e/account", "/account"),
        ],
    );
}

#[test]
fn an_escaped_slash_is_refused() {
    refused(
        "path_not_plain",
        &[
            ("/healthz%2f..%2faccount", "/account"),
            ("/templates/..%2Faccount", "/account"),
            ("/invoices%2fA-1", "/invoices/a-1"),
            ("/%2faccount", "/account"),
            ("/account%2f", "/account"),
        ],
    );
}

#[test]
fn a_backslash_is_refused_escaped_or_not() {
    refused(
        "path_not_plain",
        &[
            ("/templates\\..\\account", "/account"),
            ("/healthz%5c..%5caccount", "/account"),
            ("/\\account", "/account"),
            ("/invoices\\A-1", "/invoices/a-1"),
        ],
    );
}

#[test]
fn what_is_escaped_twice_is_refused() {
    refused(
        "path_not_plain",
        &[
            ("/templates/%252e%252e/account", "/account"),
            ("/healthz%252f..%252faccount", "/account"),
            ("/%2561ccount", "/account"),
        ],
    );
}

#[test]
fn a_needless_escape_is_refused() {
    refused(
        "path_not_plain",
        &[("/%61ccount", "/account"), ("/%41ccount", "/account"), ("/invoices/A%2d1", "/invoices/a-1")],
    );
}

#[test]
fn a_parameter_of_a_segment_is_refused() {
    refused(
        "path_not_plain",
        &[
            ("/account;v=1", "/account"),
            ("/templates/..;/account", "/account"),
            ("/templates/..;a=b/account", "/account"),
            ("/account%3bv=1", "/account"),
        ],
    );
}

#[test]
fn an_escaped_control_character_is_refused() {
    refused(
        "path_not_plain",
        &[("/account%0a", "/account"), ("/account%0d%0a", "/account"), ("/%09account", "/account")],
    );
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    refused(
        "path_not_plain",
        &[("/templates%c0%af..%c0%afaccount", "/account"), ("/account%c0%af", "/account")],
    );
}

#[test]
fn a_fragment_is_refused() {
    refused("path_not_plain", &[("/account#/templates", "/account"), ("/account#", "/account")]);
}

#[test]
fn a_path_in_other_letters_is_refused() {
    refused(
        "path_ambiguous",
        &[("/Account", "/account"), ("/ACCOUNT", "/account"), ("/Invoices/A-1", "/invoices/a-1")],
    );
}

#[test]
fn a_path_with_one_more_slash_at_its_end_is_refused() {
    refused("path_ambiguous", &[("/account/", "/account"), ("/templates/", "/templates")]);
}

#[test]
fn bytes_that_are_not_ascii_are_refused() {
    let world = Stage::world();
    for target in [&b"/acc\xc3\xb6unt"[..], b"/account\xa0", b"/\xef\xbc\x8faccount"] {
        let raw = [b"GET ", target, b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"].concat();
        world.documint.refuses(&raw, 400, "path_not_plain");
        assert!(world.documint.falls_for(&raw).target().starts_with('/'));
    }
}

#[test]
fn what_nginx_cannot_read_it_refuses_itself() {
    let world = Stage::world();
    let token = world.token("account-admin");
    for target in
        ["/account%00", "/account\0", "/../account", "/%2e%2e/account", "/account/%", "/account/%zz"]
    {
        world.documint.is_refused_by_nginx(get(target, &token), 400);
    }
    for target in ["/account /x", "/account\t", "/account\x01", "account", "*", "\\account"] {
        world.documint.is_refused_by_nginx(get(target, &token), 400);
    }
}

#[test]
fn the_host_of_an_absolute_target_changes_nothing() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("print-shop");
    for target in ["http://documint/account", "http://documint/account?/healthz"] {
        stage.refuses(get(target, &token), 403, "insufficient_scope");
        assert_eq!(stage.falls_for(get(target, &token)).served(), "/account");
    }
    for target in ["http://healthz?/account", "http://documint//account"] {
        stage.refuses(get(target, &token), 400, "path_not_plain");
        stage.falls_for(get(target, &token));
    }
    let (reply, heard) = stage.play(get("http://documint/templates", &token));
    assert_eq!((reply.status, heard[0].target()), (200, "/templates"));
}

#[test]
fn what_stands_in_the_query_is_no_path() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("print-shop");
    for target in ["/account?/healthz", "/account?/../templates", "/account??"] {
        stage.refuses(get(target, &token), 403, "insufficient_scope");
        assert_eq!(stage.falls_for(get(target, &token)).served(), "/account");
    }
    // And whoever may in gets there with all of it.
    let (reply, heard) = stage.play(get("/templates?of=//../%2e%00;\\", &token));
    assert_eq!((reply.status, heard[0].target()), (200, "/templates?of=//../%2e%00;\\"));
}

#[test]
fn a_path_that_is_too_long_is_refused() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    let long = get(&format!("/invoices/{}", "a".repeat(4096)), &token);
    stage.refuses(&long, 414, "uri_too_long");
    assert_eq!(stage.falls_for(&long).target().len(), 4106);
    stage.is_refused_by_nginx(get(&format!("/invoices/{}", "a".repeat(20_000)), &token), 414);
}

#[test]
fn a_path_that_no_route_has_is_refused() {
    let world = Stage::world();
    let stage = &world.documint;
    for token in [&*world.token("account-admin"), ""] {
        for target in [
            "/",
            "/accounts",
            "/account/plan",
            "/metrics",
            "/auth/nginx",
            "/@refused",
            "/_gate/",
            "/index.html",
        ] {
            stage.refuses(get(target, token), 404, "route_undeclared");
            assert_eq!(stage.falls_for(get(target, token)).target(), target);
        }
    }
}

#[test]
fn the_questions_to_the_gate_cannot_be_asked_from_outside() {
    let world = Stage::world();
    for target in ["/_gate", "/%5fgate"] {
        let (reply, heard) = world.documint.play(get(target, &world.token("account-admin")));
        assert_eq!((reply.status, heard.len()), (404, 0), "{reply:?}");
        assert!(reply.all("chancery-claims").is_empty(), "{reply:?}");
    }
}

#[test]
fn a_request_of_the_first_versions_of_http_is_judged_too() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    let old = |target: &str| format!("GET {target} HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n");
    stage.refuses(old("/account"), 403, "insufficient_scope");
    assert_eq!(stage.falls_for(old("/account")).target(), "/account");
    let (reply, heard) = stage.play(old("/invoices"));
    assert_eq!((reply.status, heard.len()), (200, 1));
    // The very first has no headers, so no token either, and only the body of an answer.
    let mut wire = Wire::to(stage.url());
    wire.send("GET /account\r\n");
    assert!(wire.rest().contains("token_missing"));
    assert!(stage.witness.heard().is_empty());
}
