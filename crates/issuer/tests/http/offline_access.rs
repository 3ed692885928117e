//! Whether a client refreshes, its registration says. `offline_access` brings nothing and is in nobody's way.

use crate::desk::{Answer, Desk};
use crate::presenting::{CATALOG, SHOP};
use axum::body::Body;
use axum::http::Request;
use chancery_issuer::client::{Client, Refresh};
use chancery_issuer::revocation::OwnKeys;
use chancery_token::Environment;
use chancery_verifier::guard::{self, Router};
use chancery_verifier::{Revocation, Verifier, scope};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::time::Duration;
use tower::ServiceExt as _;

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// A client that holds these and is registered to refresh, and its secret.
async fn refreshing(desk: &Desk, id: &str, grants: &[(&str, &str)]) -> String {
    desk.client_with(id, grants, |client| Client { refresh: Some(Refresh::default()), ..client }).await
}

async fn refresh(desk: &Desk, id: &str, secret: &str, before: &Answer, scope: Option<&str>) -> Answer {
    let token = before.json()["refresh_token"].as_str().unwrap_or_else(|| panic!("{before:?}")).to_owned();
    let who = [("grant_type", "refresh_token"), ("client_id", id), ("client_secret", secret)];
    let more: Vec<(&str, &str)> = scope.map(|scope| ("scope", scope)).into_iter().collect();
    desk.post(&[&who[..], &[("refresh_token", &*token)], &more].concat()).await
}

async fn exchange(desk: &Desk, id: &str, secret: &str, token: &str, scope: &str) -> Answer {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", id),
        ("client_secret", secret),
        ("subject_token", token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("scope", scope),
    ];
    desk.post(&form).await
}

/// What an answer says it is for, which is what its token says.
fn scope_of(desk: &Desk, answer: &Answer) -> String {
    let keys = OwnKeys::believed(desk.issuer.keyring(), desk.issuer_now());
    let (claims, _) = keys.open(&answer.token()).unwrap().into_parts();
    assert_eq!(answer.json()["scope"], claims.scope.as_str());
    claims.scope.to_string()
}

#[tokio::test]
async fn r_11_3_offline_access_is_read_over_at_every_grant() {
    let desk = Desk::open_over(CATALOG).await;
    let secret = refreshing(&desk, "bot", &[(SHOP, "orders:*")]).await;
    let all = "orders:read orders:update";
    for (asked, got) in [
        ("offline_access orders:read", "orders:read"),
        ("orders:read offline_access", "orders:read"),
        ("orders:read offline_access orders:update offline_access", all),
        // Alone it is as if there were no scope: what the client may read.
        ("offline_access", "orders:read"),
    ] {
        let answer = desk.ask("bot", &secret, &[("scope", asked)]).await;
        assert_eq!(scope_of(&desk, &answer), got, "{asked}");
        assert!(answer.json()["refresh_token"].is_string(), "{asked}");
    }
    let mut answer = desk.ask("bot", &secret, &[("scope", &format!("{all} offline_access"))]).await;
    for (asked, got) in [
        (Some("offline_access orders:update"), "orders:update"),
        (Some("offline_access"), all),
        (Some("orders:read orders:update offline_access"), all),
        (None, all),
    ] {
        desk.pass(Duration::from_mins(5)).await;
        answer = refresh(&desk, "bot", &secret, &answer, asked).await;
        assert_eq!(scope_of(&desk, &answer), got, "{asked:?}");
    }
    for (asked, got) in [
        ("offline_access orders:update", "orders:update"),
        ("orders:read offline_access", "orders:read"),
        ("offline_access", all),
    ] {
        let exchanged = exchange(&desk, "bot", &secret, &answer.token(), asked).await;
        assert_eq!(scope_of(&desk, &exchanged), got, "{asked}");
        assert!(exchanged.json().get("refresh_token").is_none(), "delegate begins a session, and no scope");
    }
}

#[tokio::test]
async fn r_11_3_no_scope_makes_a_client_refresh_that_is_not_registered_to() {
    let desk = Desk::open_over(CATALOG).await;
    let secret = desk.client("bot", &[(SHOP, "orders:*")]).await;
    for asked in ["offline_access", "orders:read offline_access"] {
        let answer = desk.ask("bot", &secret, &[("scope", asked)]).await;
        assert_eq!(scope_of(&desk, &answer), "orders:read");
        assert!(answer.json().get("refresh_token").is_none(), "{asked}");
    }
}

#[tokio::test]
async fn r_11_3_what_stands_beside_offline_access_is_refused_as_ever() {
    let desk = Desk::open_over(CATALOG).await;
    let secret = refreshing(&desk, "bot", &[(SHOP, "orders:*")]).await;
    let first = desk.ask("bot", &secret, &[]).await;
    let asked = "offline_access orders:burn";
    let refused = |answer: &Answer| {
        assert_eq!(answer.refusal(), "400 invalid_scope scopes_refused");
        let refused: &Value = &answer.json()["refused_scopes"];
        // In its place in the request, as the client wrote it.
        assert_eq!((refused.as_array().unwrap().len(), &refused[0]["position"]), (1, &2.into()));
        assert_eq!(refused[0]["scope"], "orders:burn");
    };
    refused(&desk.ask("bot", &secret, &[("scope", asked)]).await);
    refused(&refresh(&desk, "bot", &secret, &first, Some(asked)).await);
    refused(&exchange(&desk, "bot", &secret, &first.token(), asked).await);
    for other in ["Offline_Access", "offline_access:read"] {
        let refusal = desk.ask("bot", &secret, &[("scope", other)]).await.refusal();
        assert_eq!(refusal, "400 invalid_scope scopes_refused", "{other}");
    }
    // It is none of the sixty-four that a request may name.
    let many = format!("{}offline_access", "orders:read ".repeat(64));
    assert_eq!(scope_of(&desk, &desk.ask("bot", &secret, &[("scope", &many)]).await), "orders:read");
    let more = format!("orders:read {many}");
    let refusal = desk.ask("bot", &secret, &[("scope", &more)]).await.refusal();
    assert_eq!(refusal, "400 invalid_scope too_many_scopes");
}

/// That a client which asks for exactly these has them, in a session that goes on; also with the word that others demand.
async fn is_refreshable(desk: &Desk, secret: &str, resource: Option<&str>, advertised: &str) {
    assert!(!advertised.is_empty() && !advertised.contains("offline_access"), "{advertised}");
    for asked in [advertised.to_owned(), format!("{advertised} offline_access")] {
        let resource = resource.map(|resource| ("resource", resource));
        let parameters: Vec<(&str, &str)> = resource.into_iter().chain([("scope", &*asked)]).collect();
        let begun = desk.ask("bot", secret, &parameters).await;
        assert_eq!(scope_of(desk, &begun), advertised);
        let later = refresh(desk, "bot", secret, &begun, Some(&asked)).await;
        assert_eq!(scope_of(desk, &later), advertised);
        assert!(later.json()["refresh_token"].is_string());
    }
}

fn advertised(document: &Value) -> String {
    let scopes: Vec<&str> = document["scopes_supported"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scope| scope.as_str().unwrap())
        .collect();
    scopes.join(" ")
}

#[tokio::test]
async fn r_11_3_a_client_that_asks_for_precisely_what_the_issuer_advertises_gets_a_session_that_goes_on() {
    let (shop, _) = CATALOG.split_once("[product.archive]").unwrap();
    let desk = Desk::open_over(shop).await;
    let secret = refreshing(&desk, "bot", &[(SHOP, "orders:*")]).await;
    let metadata = desk.get(METADATA).await.json();
    assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&"refresh_token".into()));
    is_refreshable(&desk, &secret, None, &advertised(&metadata)).await;
}

#[tokio::test]
async fn r_11_3_so_does_one_that_asks_for_precisely_what_one_of_several_services_advertises() {
    let desk = Desk::open_over(CATALOG).await;
    let secret =
        refreshing(&desk, "bot", &[(SHOP, "orders:*"), ("https://archive.example", "boxes:read")]).await;
    // The issuer lists the scopes of all its services, which no token is for.
    let listed = advertised(&desk.get(METADATA).await.json());
    let refusal = desk.ask("bot", &secret, &[("scope", &listed)]).await.refusal();
    assert_eq!(refusal, "400 invalid_scope scopes_span_resources");

    let ignore = Revocation::Ignore { reason: "A test of what is told." };
    let verifier = Verifier::new("https://auth.example", SHOP, ignore).unwrap();
    let answer = async || "ok";
    let routes = Router::new()
        .route("/orders", guard::get(scope!("orders:read"), answer).put(scope!("orders:update"), answer));
    let app = routes.guard(verifier.environment(Environment::Test)).unwrap();
    let path = app.metadata_path().unwrap().to_owned();
    let response = app.oneshot(Request::get(&path).body(Body::empty()).unwrap()).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let metadata: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(metadata["authorization_servers"][0], "https://auth.example");
    is_refreshable(&desk, &secret, metadata["resource"].as_str(), &advertised(&metadata)).await;
}
