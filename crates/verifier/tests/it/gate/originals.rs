//! How each proxy tells the original request.

use super::{Answer, gate, token};
use axum::body::Body;
use chancery_verifier::gate::Proxy;
use http::Request;

async fn verdict(proxy: Proxy, uri: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (question, _) = request.body(Body::empty()).unwrap().into_parts();
    Answer::of(gate().judge(proxy, &question).await).await.verdict()
}

#[tokio::test]
async fn a_client_that_speaks_for_another_proxy_is_not_heard() {
    let bearer = format!("Bearer {}", token("invoices:read").sign());
    // Each asks about a route that the token opens, and says in every other way that it asks about a public one.
    for (proxy, uri, headers) in [
        (
            Proxy::Nginx,
            "/auth/envoy/healthz",
            [
                ("x-original-method", "GET"),
                ("x-original-uri", "/invoices"),
                ("x-forwarded-method", "GET"),
                ("x-forwarded-uri", "/healthz"),
            ],
        ),
        (
            Proxy::Traefik,
            "/auth/envoy/healthz",
            [
                ("x-original-method", "GET"),
                ("x-original-uri", "/healthz"),
                ("x-forwarded-method", "GET"),
                ("x-forwarded-uri", "/invoices"),
            ],
        ),
        (
            Proxy::Envoy,
            "/auth/envoy/invoices",
            [
                ("x-original-method", "GET"),
                ("x-original-uri", "/healthz"),
                ("x-forwarded-method", "GET"),
                ("x-forwarded-uri", "/healthz"),
            ],
        ),
    ] {
        assert_eq!(verdict(proxy, uri, &headers).await, (401, "token_missing".to_owned()), "{proxy}");
        let mut with_token = headers.to_vec();
        with_token.push(("authorization", &bearer));
        assert_eq!(verdict(proxy, uri, &with_token).await, (200, "in".to_owned()), "{proxy}");
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_say_what_it_asks_about_is_refused() {
    let missing = (500, "original_request_missing".to_owned());
    for (proxy, uri, headers) in [
        (Proxy::Nginx, "/healthz", &[][..]),
        (Proxy::Nginx, "/healthz", &[("x-original-uri", "/healthz")]),
        (Proxy::Nginx, "/healthz", &[("x-original-method", "GET")]),
        (Proxy::Nginx, "/healthz", &[("x-original-method", "GET"), ("x-original-uri", "")]),
        (Proxy::Nginx, "/healthz", &[("x-forwarded-method", "GET"), ("x-forwarded-uri", "/healthz")]),
        (Proxy::Caddy, "/healthz", &[("x-original-method", "GET"), ("x-original-uri", "/healthz")]),
        (Proxy::Envoy, "/healthz", &[]),
        (Proxy::Envoy, "/auth/envoy", &[]),
    ] {
        assert_eq!(verdict(proxy, uri, headers).await, missing, "{proxy} {uri} {headers:?}");
    }
}

#[tokio::test]
async fn what_is_told_twice_is_refused_even_if_both_agree() {
    let repeated = (400, "original_request_repeated".to_owned());
    let twice =
        [("x-forwarded-method", "GET"), ("x-forwarded-uri", "/healthz"), ("x-forwarded-uri", "/healthz")];
    assert_eq!(verdict(Proxy::Caddy, "/auth/caddy", &twice).await, repeated);
    let twice = [("x-original-method", "GET"), ("x-original-method", "POST"), ("x-original-uri", "/healthz")];
    assert_eq!(verdict(Proxy::Nginx, "/auth/nginx", &twice).await, repeated);
    let joined = [("x-original-method", "GET, GET"), ("x-original-uri", "/healthz")];
    assert_eq!(verdict(Proxy::Nginx, "/auth/nginx", &joined).await, (400, "method_not_plain".to_owned()));
    let joined = [("x-original-method", "GET"), ("x-original-uri", "/healthz, /invoices")];
    assert_eq!(verdict(Proxy::Nginx, "/auth/nginx", &joined).await, (400, "path_not_plain".to_owned()));
}

#[tokio::test]
async fn envoy_is_judged_by_the_raw_path_behind_the_prefix() {
    for (uri, status, reason) in [
        ("/auth/envoy/healthz", 200, "in"),
        ("/auth/envoy/healthz?a=b", 200, "in"),
        ("/auth/envoy//healthz", 400, "path_not_plain"),
        ("/auth/envoy/../healthz", 400, "path_not_plain"),
        ("/auth/envoy/%2e%2e/healthz", 400, "path_not_plain"),
        ("/auth/envoy/invoices%2f7", 400, "path_not_plain"),
        ("/auth/envoy/Healthz", 400, "path_ambiguous"),
        ("/auth/envoyhealthz", 400, "path_not_plain"),
        ("/auth/envoy/healthz?_method=DELETE", 400, "method_override"),
    ] {
        assert_eq!(verdict(Proxy::Envoy, uri, &[]).await, (status, reason.to_owned()), "{uri}");
    }
}
