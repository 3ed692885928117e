use crate::desk::Desk;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn the_metadata_says_everything_that_has_a_misleading_default() {
    let desk = Desk::open().await;
    let answer = desk.get("/.well-known/oauth-authorization-server").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let expected = json!({
        "issuer": "https://auth.example",
        "token_endpoint": "https://auth.example/oauth2/token",
        "jwks_uri": "https://auth.example/.well-known/jwks.json",
        "paserk_uri": "https://auth.example/keys/paserk.json",
        "revocation_keys_uri": "https://auth.example/keys/revocation.json",
        "revocation_snapshot_uri": "https://auth.example/revocation/snapshot",
        "revocation_delta_uri": "https://auth.example/revocation/delta",
        "service_documentation": "https://auth.example/scopes",
        "scopes_supported": [
            "account:administer", "boxes:read", "customers:read", "invoices:create", "invoices:delete",
            "invoices:export", "invoices:read", "templates:read", "templates:update",
        ],
        "response_types_supported": [],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "grant_types_supported": [
            "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["EdDSA", "Ed25519", "ES256", "RS256"],
        "revocation_endpoint": "https://auth.example/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": ["EdDSA", "Ed25519", "ES256", "RS256"],
        "introspection_endpoint": "https://auth.example/oauth2/introspect",
        "dpop_signing_alg_values_supported": ["EdDSA", "Ed25519", "ES256"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": ["EdDSA", "Ed25519", "ES256", "RS256"],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(desk.get("/.well-known/openid-configuration").await.body, answer.body);
}

#[tokio::test]
async fn an_issuer_with_a_path_has_its_metadata_at_the_root_and_everything_else_below() {
    // The colon is an ordinary letter of the path, although routers give it a meaning.
    let raw = "/tenants/:one";
    let desk = Desk::open_at(&format!("https://auth.example{raw}")).await;
    let inserted = desk.get(&format!("/.well-known/oauth-authorization-server{raw}")).await;
    assert_eq!(inserted.status, StatusCode::OK);
    assert_eq!(inserted.json()["issuer"], "https://auth.example/tenants/:one");
    assert_eq!(inserted.json()["token_endpoint"], "https://auth.example/tenants/:one/oauth2/token");
    for alias in
        [format!("/.well-known/openid-configuration{raw}"), format!("{raw}/.well-known/openid-configuration")]
    {
        assert_eq!(desk.get(&alias).await.body, inserted.body, "{alias}");
    }
    for below in [
        "/.well-known/jwks.json",
        "/keys/paserk.json",
        "/keys/revocation.json",
        "/revocation/snapshot",
        "/scopes",
        "/healthz",
    ] {
        assert_eq!(desk.get(&format!("{raw}{below}")).await.status, StatusCode::OK, "{below}");
    }
    for probe in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(desk.get(probe).await.status, StatusCode::OK, "{probe}");
    }
    for elsewhere in ["/oauth2/token", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server"] {
        assert_eq!(desk.get(elsewhere).await.status, StatusCode::NOT_FOUND, "{elsewhere}");
    }
}

#[tokio::test]
async fn metadata_is_checked_again_with_its_etag() {
    let desk = Desk::open().await;
    let path = "/.well-known/oauth-authorization-server";
    let etag = desk.get(path).await.header("etag").to_owned();
    let request = Request::get(path).header("if-none-match", &etag).body(Body::empty()).unwrap();
    let answer = desk.send(request).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let post = Request::post(path).body(Body::empty()).unwrap();
    let answer = desk.send(post).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
}

#[tokio::test]
async fn every_path_that_refuses_a_method_says_so_in_the_form_of_its_neighbours() {
    let desk = Desk::open().await;
    for route in desk.issuer.routes().into_iter().filter(|route| !route.path.starts_with("/admin/")) {
        if route.path.starts_with("/.well-known/oauth-protected-resource") {
            continue;
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if method == route.method {
                continue;
            }
            let request = Request::builder().method(method).uri(&route.path).body(Body::empty()).unwrap();
            let answer = desk.send(request).await;
            assert_eq!(answer.refusal(), "405 invalid_request method_not_allowed", "{method} {}", route.path);
            let allow = if route.method == "POST" { "POST" } else { "GET,HEAD" };
            assert_eq!(answer.header("allow"), allow, "{method} {}", route.path);
        }
    }
    let head = Request::head("/oauth2/token").body(Body::empty()).unwrap();
    assert_eq!(desk.send(head).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn r13_a_scope_is_not_told_any_more_from_its_last_second_on() {
    let catalog = include_str!("../../../examples/src/documint/catalog.toml");
    let sunset = "[product.documint.resource.invoices.action.delete]\nsunset = \"2026-11-24\"";
    let catalog = catalog.replace("[product.documint.resource.invoices.action.delete]", sunset);
    assert!(catalog.contains("2026-11-24"));
    let desk = Desk::open_over(&catalog).await;
    let path = "/.well-known/oauth-authorization-server";
    let before = desk.get(path).await;
    // The clock stands at midnight of the 22nd.
    desk.clock.advance(Duration::from_hours(48) - Duration::from_secs(1));
    assert_eq!(desk.get(path).await.header("etag"), before.header("etag"));
    assert!(before.body.contains("invoices:delete") && before.body.contains("invoices:read"));
    desk.clock.advance(Duration::from_secs(1));
    let after = desk.get(path).await;
    assert!(!after.body.contains("invoices:delete") && after.body.contains("invoices:read"), "{after:?}");
    assert_ne!(after.header("etag"), before.header("etag"));
    let request =
        Request::get(path).header("if-none-match", before.header("etag")).body(Body::empty()).unwrap();
    assert_eq!(desk.send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_there_is_404_without_an_echo_and_nothing_tells_what_serves() {
    let desk = Desk::open().await;
    let answer = desk.get("/chs_test_something").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!answer.body.contains("chs_"), "{answer:?}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("server"), "");
}
