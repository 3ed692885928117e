//! Requests that a service behind might take for others.

use super::{Answer, ask, gate, question, token};
use chancery_verifier::gate::Proxy;

async fn with_header(name: &str, value: &str) -> (u16, String) {
    let question = question("GET", "/healthz", None, &[(name, value)]);
    Answer::of(gate().judge(Proxy::Nginx, &question).await).await.verdict()
}

#[tokio::test]
async fn headers_that_say_another_request_are_refused_on_a_public_route_too() {
    for (header, reason) in [
        ("X-HTTP-Method-Override", "method_override"),
        ("X-HTTP-Method", "method_override"),
        ("X-Method-Override", "method_override"),
        ("X_HTTP_Method_Override", "method_override"),
        ("X-Original-URL", "path_override"),
        ("X-Rewrite-URL", "path_override"),
        ("X_Rewrite_URL", "path_override"),
        ("SCRIPT_NAME", "path_override"),
        ("X-Accel-Mapping", "path_override"),
        ("Chancery_Tenant", "claim_header_lookalike"),
        ("chancery-client_id", "claim_header_lookalike"),
        ("Chancery.Claims", "claim_header_lookalike"),
    ] {
        assert_eq!(with_header(header, "GET").await, (400, reason.to_owned()), "{header}");
        assert_eq!(with_header(header, "").await, (400, reason.to_owned()), "{header}");
    }
    let dropped = (400, "header_dropped_on_the_way".to_owned());
    assert_eq!(with_header("Connection", "close, Chancery-Tenant").await, dropped);
    // The proxy puts its own in place of these.
    assert_eq!(with_header("Chancery-Tenant", "acme").await, (200, "in".to_owned()));
}

#[tokio::test]
async fn every_path_trick_is_refused_with_the_token_of_the_weaker_route() {
    let gate = gate();
    let reader = token("invoices:read").sign();
    for (path, reason) in [
        ("//invoices/export", "path_not_plain"),
        ("/invoices//export", "path_not_plain"),
        ("/invoices/./export", "path_not_plain"),
        ("/invoices/7/../export", "path_not_plain"),
        ("/assets/../invoices/export", "path_not_plain"),
        ("/assets/..%2finvoices/export", "path_not_plain"),
        ("/assets/%2e%2e/invoices/export", "path_not_plain"),
        ("/assets/%252e%252e/invoices/export", "path_not_plain"),
        ("/assets/..\\invoices\\export", "path_not_plain"),
        ("/assets/..%5cinvoices", "path_not_plain"),
        ("/assets/..;/invoices/export", "path_not_plain"),
        ("/invoices/export;a=b", "path_not_plain"),
        ("/invoices/%65xport", "path_not_plain"),
        ("/invoices/expor%2574", "path_not_plain"),
        ("/invoices/export%00", "path_not_plain"),
        ("/invoices/export%0a", "path_not_plain"),
        ("/invoices/export%3Fa", "path_not_plain"),
        ("/invoices/export%23a", "path_not_plain"),
        ("/invoices/export#a", "path_not_plain"),
        ("/invoices/e%EF%BD%98port", "path_not_plain"),
        ("/invoices%EF%BC%8Fexport", "path_not_plain"),
        ("/assets/(S(x))/private/a", "path_not_plain"),
        ("http://api.example.com/assets/a", "path_not_plain"),
        ("invoices/7", "path_not_plain"),
        ("*", "path_not_plain"),
        ("/invoices/EXPORT", "path_ambiguous"),
        ("/invoices/export/", "path_ambiguous"),
        ("/invoices/Export/", "path_ambiguous"),
        ("/invoices/export.json", "path_ambiguous"),
        ("/invoices/export.", "path_ambiguous"),
        ("/invoices/export%20", "path_ambiguous"),
        ("/invoices/export:$DATA", "path_ambiguous"),
        ("/invoices/expor%C5%A3", "path_ambiguous"),
        ("/assets/Private/a", "path_ambiguous"),
        ("/assets/PRIVATE/a", "path_ambiguous"),
        ("/assets/private./a", "path_ambiguous"),
        ("/assets/private%20/a", "path_ambiguous"),
        ("/Invoices", "path_ambiguous"),
        ("/invoices/", "path_ambiguous"),
        ("/HEALTHZ", "path_ambiguous"),
    ] {
        let answer = ask(&gate, "GET", path, Some(&reader)).await;
        assert_eq!(answer.verdict(), (400, reason.to_owned()), "{path}");
    }
    let long = format!("/invoices/{}", "7".repeat(4096));
    assert_eq!(ask(&gate, "GET", &long, Some(&reader)).await.verdict(), (414, "uri_too_long".to_owned()));
}

#[tokio::test]
async fn ids_of_everyday_are_not_mistaken_for_tricks() {
    let gate = gate();
    let reader = token("invoices:read").sign();
    for id in [
        "7",
        "INV-2026-0007",
        "01J9ZC5GQ1N8T",
        "a.b",
        "7.pdf",
        "a@example.com",
        "a%20b",
        "J%C3%BCrgen",
        "%E6%A0%AA",
        "(7)",
        "exports",
        "export-2",
        "a=1",
        "x:y",
        "7%2B1",
    ] {
        let path = format!("/invoices/{id}");
        assert_eq!(ask(&gate, "GET", &path, Some(&reader)).await.verdict(), (200, "in".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn the_first_check_that_fails_is_the_one_that_is_told() {
    let more = [("x-http-method-override", "DELETE"), ("x-original-url", "/"), ("chancery_tenant", "a")];
    for (from, reason) in [(0, "method_override"), (1, "path_override"), (2, "claim_header_lookalike")] {
        let question = question("GET", "//", None, &more[from..]);
        let answer = Answer::of(gate().judge(Proxy::Nginx, &question).await).await;
        assert_eq!(answer.verdict(), (400, reason.to_owned()));
    }
    let answer = ask(&gate(), "GET", "/x/../HEALTHZ/", None).await;
    assert_eq!(answer.verdict(), (400, "path_not_plain".to_owned()));
}

#[tokio::test]
async fn a_parameter_of_the_query_names_no_method() {
    let creator = token("invoices:create").sign();
    for query in ["_method=DELETE", "a=b&_method=DELETE", "%5fmethod=DELETE", "X-HTTP-Method-Override=PUT"] {
        let answer = ask(&gate(), "POST", &format!("/invoices?{query}"), Some(&creator)).await;
        assert_eq!(answer.verdict(), (400, "method_override".to_owned()), "{query}");
    }
}
