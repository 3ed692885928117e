//! The verdicts of the gate are those of the guard.

use super::{Answer, METADATA_PATH, ask, gate, question, row, rows, token, verifier, verifier_without_keys};
use axum::body::Body;
use chancery_verifier::gate::{Gate, Proxy};
use chancery_verifier::guard::{Guarded, Router, Verb, on, public};
use chancery_verifier::scope;
use http::Request;
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

fn guard() -> Guarded {
    let ok = async || "ok";
    let routes = rows()
        .into_iter()
        .fold(Router::new(), |routes, row| routes.route(&row.path, on(row.method, row.access, ok)));
    routes.guard(verifier()).unwrap()
}

async fn of_the_guard(
    guard: &Guarded,
    method: &str,
    path: &str,
    token: Option<&str>,
) -> (u16, String, String) {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = guard.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let challenge = answer.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, challenge.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn r41_what_the_guard_refuses_the_gate_refuses_in_the_same_words() {
    let (gate, guard) = (gate(), guard());
    let expired = token("invoices:read").lifetime(std::time::Duration::from_secs(0)).sign();
    let tokens = [
        None,
        Some(token("invoices:read").sign()),
        Some(token("invoices:create tools:call").sign()),
        Some(token("invoices:read invoices:export invoices:delete assets:read").sign()),
        Some(expired),
        Some(token("invoices:read").claim("aud", "https://other.example.com").sign()),
        Some("abc".to_owned()),
        Some("a b".to_owned()),
        Some(String::new()),
    ];
    for (method, path) in [
        ("GET", "/healthz"),
        ("HEAD", "/healthz"),
        ("GET", "/invoices"),
        ("HEAD", "/invoices"),
        ("POST", "/invoices"),
        ("GET", "/invoices/7"),
        ("DELETE", "/invoices/7"),
        ("GET", "/invoices/export"),
        ("OPTIONS", "/mcp"),
        ("PURGE", "/mcp"),
        ("GET", "/assets/a/b.css"),
        ("GET", "/assets/private/a"),
    ] {
        for token in &tokens {
            let (status, challenge, body) = of_the_guard(&guard, method, path, token.as_deref()).await;
            let answer = ask(&gate, method, path, token.as_deref()).await;
            let context = format!("{method} {path} {token:?}: {answer:?}");
            assert_eq!(answer.status, status, "{context}");
            assert_eq!(answer.header("www-authenticate").unwrap_or_default(), challenge, "{context}");
            assert_eq!(answer.body, if status == 200 { "" } else { &body }, "{context}");
            let cached = answer.header("cache-control");
            assert_eq!(cached, Some("no-store"), "{context}");
        }
    }
}

#[tokio::test]
async fn r14_an_undeclared_route_is_404_and_an_undeclared_method_405_whatever_the_token() {
    let gate = gate();
    let everything = token("invoices:read invoices:create invoices:delete invoices:export tools:call").sign();
    for token in [None, Some(&*everything)] {
        for path in ["/", "/admin", "/invoices/7/lines", "/mcp/more", "/assets"] {
            let answer = ask(&gate, "GET", path, token).await;
            assert_eq!(answer.verdict(), (404, "route_undeclared".to_owned()), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        for (method, path, allow) in [
            ("PUT", "/invoices", "GET,HEAD,POST"),
            ("get", "/invoices", "GET,HEAD,POST"),
            ("OPTIONS", "/invoices/7", "GET,HEAD,DELETE"),
            ("DELETE", "/invoices/export", "GET,HEAD"),
            ("CONNECT", "/healthz", "GET,HEAD"),
        ] {
            let answer = ask(&gate, method, path, token).await;
            assert_eq!(answer.verdict(), (405, "method_undeclared".to_owned()), "{method} {path}");
            assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_query_is_not_judged() {
    let gate = gate();
    let good = token("invoices:read").sign();
    for uri in
        ["/invoices?a=b", "/invoices?", "/invoices?/../a;b%2f#c", "/invoices?a?b=//", "/invoices?\u{e4}=%ff"]
    {
        assert_eq!(ask(&gate, "GET", uri, Some(&good)).await.verdict(), (200, "in".to_owned()), "{uri}");
    }
}

#[tokio::test]
async fn two_credentials_are_refused_as_the_guard_refuses_them() {
    let good = token("invoices:read").sign();
    let second = format!("Bearer {good}");
    let question = question("GET", "/invoices", Some(&good), &[("authorization", &second)]);
    let answer = gate().judge(Proxy::Nginx, &question).await;
    assert_eq!(Answer::of(answer).await.verdict(), (400, "credentials_repeated".to_owned()));
}

#[tokio::test]
async fn without_keys_the_fault_is_ours() {
    let gate = Gate::new(rows(), verifier_without_keys()).unwrap();
    let answer = ask(&gate, "GET", "/invoices", Some(&token("invoices:read").sign())).await;
    assert_eq!(answer.verdict(), (503, "keys_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn an_answer_about_a_head_announces_no_body() {
    let gate = gate();
    for (path, status) in [("/healthz", 200), ("/invoices", 401), ("/admin", 404), ("/mcp?a", 401)] {
        let answer = ask(&gate, "HEAD", path, None).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-length"), None, "{path}");
    }
}

#[tokio::test]
async fn the_metadata_is_that_of_the_guard_and_its_path_a_public_one() {
    let gate = gate();
    assert_eq!(gate.metadata_path(), Some(METADATA_PATH));
    let (_, _, document) = of_the_guard(&guard(), "GET", METADATA_PATH, None).await;
    let answer = Answer::of(gate.metadata().await).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, document));
    let asked = ask(&gate, "GET", METADATA_PATH, None).await;
    assert_eq!((asked.verdict(), &*asked.body), ((200, "in".to_owned()), ""));
    assert_eq!(asked.header("chancery-tenant"), Some(""));
    assert_eq!(gate.table(), guard().table());
}

#[tokio::test]
async fn the_gate_of_an_audience_that_is_no_url_has_no_metadata() {
    let verifier = chancery_verifier::Verifier::new(
        "https://auth.example.com",
        "billing",
        chancery_verifier::Revocation::Ignore { reason: "a test" },
    );
    let rows = [row(Verb::Get, "/a", scope!("a:b")), row(Verb::Get, "/b", public("a test"))];
    let gate = Gate::new(rows, verifier.unwrap()).unwrap();
    assert_eq!(gate.metadata_path(), None);
    assert_eq!(Answer::of(gate.metadata().await).await.verdict(), (404, "route_undeclared".to_owned()));
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_key_does_not_get_through_however_it_is_sent() {
    let gate = gate();
    let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    let token = token("invoices:read").claim("cnf", json!({ "jkt": jkt })).sign();
    for (scheme, reason) in
        [("Bearer", "proof_required"), ("DPoP", "dpop_not_taken"), ("dpop", "dpop_not_taken")]
    {
        let sent = format!("{scheme} {token}");
        let asked = question("GET", "/invoices", None, &[("authorization", &sent), ("dpop", "a.b.c")]);
        let answer = Answer::of(gate.judge(Proxy::Nginx, &asked).await).await;
        assert_eq!(answer.verdict(), (401, reason.to_owned()), "{scheme}: {answer:?}");
        assert_eq!(answer.header("chancery-tenant"), None);
    }
}
