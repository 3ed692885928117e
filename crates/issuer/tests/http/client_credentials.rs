use crate::desk::{ARCHIVE, DOCUMINT, Desk, NOW};
use chancery_issuer::client::Reach;
use chancery_token::{Claims, Environment, Format, KeySet};
use serde_json::json;
use std::time::Duration;

/// What a token says, checked against the published keys alone.
async fn opened(desk: &Desk, format: Format, token: &str) -> Claims {
    let path = match format {
        Format::Jwt => "/.well-known/jwks.json",
        Format::Paseto => "/keys/paserk.json",
    };
    let document = desk.get(path).await.body;
    let keys = KeySet::read(format, document.as_bytes()).unwrap().keys;
    keys.open(token).unwrap().into_parts().0
}

#[tokio::test]
async fn r02_credentials_become_a_token_that_the_published_keys_verify() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let answer =
        desk.ask("bot", &secret, &[("scope", "invoices:read invoices:create"), ("resource", DOCUMINT)]).await;
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], "invoices:read invoices:create");
    let claims = opened(&desk, Format::Jwt, &answer.token()).await;
    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("https://auth.example", DOCUMINT));
    assert_eq!(claims.scope.as_str(), "invoices:read invoices:create");
    assert_eq!((claims.client_id.as_str(), claims.tenant.as_str()), ("bot", "acme"));
    assert_eq!((claims.env, claims.iat), (Environment::Test, NOW));
    assert_eq!(claims.rvs, NOW.as_secs() * 1024, "a log without an entry has its start sequence");
}

#[tokio::test]
async fn r_11_1_the_answer_says_how_long_until_when_and_for_what() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*"), (DOCUMINT, "customers:read")]).await;
    let answer = desk.ask("bot", &secret, &[]).await;
    let mut body = answer.json();
    body["access_token"].take();
    let expected = json!({
        "access_token": null, "token_type": "Bearer", "expires_in": 900,
        "expires_at": NOW.as_secs() + 900, "scope": "invoices:read customers:read",
    });
    assert_eq!(body, expected);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.header("content-type"), "application/json");
    let deletion = desk.ask("bot", &secret, &[("scope", "invoices:delete")]).await.json();
    assert_eq!(deletion["expires_in"], 300, "the scope allows five minutes");
}

#[tokio::test]
async fn r09_a_client_that_is_not_registered_to_refresh_gets_no_refresh_token() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let body = desk.ask("bot", &secret, &[]).await.json();
    assert!(body["access_token"].is_string() && body.get("refresh_token").is_none(), "{body}");
    let metadata = desk.get("/.well-known/oauth-authorization-server").await.json();
    let served = ["client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"];
    assert_eq!(metadata["grant_types_supported"], json!(served));
}

#[tokio::test]
async fn r_11_1_no_token_is_given_out_twice() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let (first, second) =
        (desk.ask("bot", &secret, &[]).await.token(), desk.ask("bot", &secret, &[]).await.token());
    let first = opened(&desk, Format::Jwt, &first).await;
    let second = opened(&desk, Format::Jwt, &second).await;
    assert_ne!(first.jti, second.jti);
}

#[tokio::test]
async fn the_audience_decides_how_a_token_is_written() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*"), (ARCHIVE, "boxes:read")]).await;
    let token = desk.ask("bot", &secret, &[("scope", "boxes:read")]).await.token();
    assert!(token.starts_with("v4.public."));
    assert_eq!(opened(&desk, Format::Paseto, &token).await.aud, ARCHIVE);
    let token = desk.ask("bot", &secret, &[("scope", "invoices:read")]).await.token();
    assert_eq!(opened(&desk, Format::Jwt, &token).await.aud, DOCUMINT);
}

#[tokio::test]
async fn r_5_5_a_resource_that_the_client_does_not_hold_is_invalid_target() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*"), (ARCHIVE, "invoices:read")]).await;
    for (parameters, expected) in [
        (&[("resource", "https://auth.example")][..], "400 invalid_target resource_not_granted"),
        (&[("resource", "https://api.documint.example/")], "400 invalid_target resource_not_granted"),
        (&[("scope", "invoices:read")], "400 invalid_target resource_required"),
        (&[], "400 invalid_target resource_required"),
        (&[("resource", DOCUMINT), ("resource", ARCHIVE)], "400 invalid_target several_resources"),
        (&[("resource", DOCUMINT), ("resource", DOCUMINT)], "400 invalid_target several_resources"),
        (&[("scope", "invoices:create boxes:read")], "400 invalid_scope scopes_refused"),
    ] {
        assert_eq!(desk.ask("bot", &secret, parameters).await.refusal(), expected, "{parameters:?}");
    }
    let spans = desk.client("both", &[(DOCUMINT, "invoices:*"), (ARCHIVE, "boxes:read")]).await;
    let answer = desk.ask("both", &spans, &[("scope", "invoices:create boxes:read")]).await;
    assert_eq!(answer.refusal(), "400 invalid_scope scopes_span_resources");
}

#[tokio::test]
async fn r_5_3_invalid_scope_names_each_refused_scope_and_grants_none() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    let scope = "invoices:read invoices:delete nope:read invoices:* Oops account:administer";
    let answer = desk.ask("bot", &secret, &[("scope", scope)]).await;
    assert_eq!(answer.refusal(), "400 invalid_scope scopes_refused");
    let body = answer.json();
    assert_eq!(
        body["refused_scopes"],
        json!([
            {"scope": "invoices:delete", "position": 2, "why": "not_granted"},
            {"scope": "nope:read", "position": 3, "why": "unknown"},
            {"scope": "invoices:*", "position": 4, "why": "wildcard"},
            {"scope": "Oops", "position": 5, "why": "malformed"},
            {"scope": "account:administer", "position": 6, "why": "not_granted"},
        ])
    );
    assert_eq!(body["error_uri"], "https://auth.example/scopes");
    assert!(body["error_description"].as_str().unwrap().contains("invoices:delete is not granted"));
    assert!(body.get("access_token").is_none());
}

#[tokio::test]
async fn r20_the_tenant_is_named_when_the_client_serves_several() {
    let desk = Desk::open().await;
    let tenants = |client: chancery_issuer::client::Client| chancery_issuer::client::Client {
        tenants: vec!["acme".parse().unwrap(), "umbrella".parse().unwrap()],
        ..client
    };
    let secret = desk.client_with("bot", &[(DOCUMINT, "invoices:*")], tenants).await;
    assert_eq!(desk.ask("bot", &secret, &[]).await.refusal(), "400 invalid_request tenant_required");
    let other = desk.ask("bot", &secret, &[("tenant", "initech")]).await;
    assert_eq!(other.refusal(), "400 invalid_request tenant_not_allowed");
    let token = desk.ask("bot", &secret, &[("tenant", "umbrella")]).await.token();
    assert_eq!(opened(&desk, Format::Jwt, &token).await.tenant.as_str(), "umbrella");
}

#[tokio::test]
async fn r20_the_bounds_of_the_client_are_in_its_tokens() {
    let desk = Desk::open().await;
    let bounded = |client: chancery_issuer::client::Client| chancery_issuer::client::Client {
        reach: Reach::Bounded(serde_json::from_str(r#"{"project":["acme-*"]}"#).unwrap()),
        ..client
    };
    let grants = [(DOCUMINT, "invoices:*"), (DOCUMINT, "customers:read")];
    let secret = desk.client_with("bot", &grants, bounded).await;
    let bounds = async |scope| {
        let token = desk.ask("bot", &secret, &[("scope", scope)]).await.token();
        serde_json::to_value(&opened(&desk, Format::Jwt, &token).await.bounds).unwrap()
    };
    assert_eq!(bounds("invoices:read").await, json!({"project": ["acme-*"]}));
    let beside = bounds("invoices:read customers:read").await;
    assert_eq!(beside, json!({"invoices:read": {"project": ["acme-*"]}}), "customers know no projects");
}

#[tokio::test]
async fn r_6_1_a_token_that_fits_no_header_is_refused_with_its_largest_claim() {
    let desk = Desk::open().await;
    let values: Vec<String> = (0..90).map(|n| format!("a-project-with-a-name-of-some-length-{n}")).collect();
    let bounded = |client: chancery_issuer::client::Client| chancery_issuer::client::Client {
        reach: Reach::Bounded(serde_json::from_value(json!({"project": values})).unwrap()),
        ..client
    };
    let secret = desk.client_with("bot", &[(DOCUMINT, "invoices:*")], bounded).await;
    let answer = desk.ask("bot", &secret, &[]).await;
    assert_eq!(answer.refusal(), "400 invalid_scope token_too_large");
    let description = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(description.contains("'bounds'") && description.contains("4096"), "{description}");
}

#[tokio::test]
async fn r04_a_client_past_its_end_gets_nothing_and_its_last_tokens_end_with_it() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    desk.pass(Duration::from_mins(30 * 24 * 60 - 1)).await;
    assert_eq!(desk.ask("bot", &secret, &[]).await.json()["expires_in"], 60);
    desk.clock.advance(Duration::from_mins(1));
    let answer = desk.ask("bot", &secret, &[]).await;
    assert_eq!(answer.refusal(), "401 invalid_client client_expired");
    assert!(answer.header("www-authenticate").starts_with("Basic realm="));
}
