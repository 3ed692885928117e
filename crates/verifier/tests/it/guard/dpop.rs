//! Tokens that are bound to a key, at the door of a service (RFC 9449 section 7).

mod nonces;
mod refusals;
mod replays;

use super::{Answer, issuer, ok, request, send, token, verifier_of, whose};
use axum::extract::Request;
use chancery_verifier::guard::{Dpop, Guarded, Router, Unbound, get, post};
use chancery_verifier::scope;
use chancery_verifier::token::dpop::{Draft, Request as Called};
use chancery_verifier::token::{SecretKey, jwk};
use http::header;
use serde_json::json;
use std::time::Duration;

const ORIGIN: &str = "https://api.example.com";

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

/// A token for reading that is bound to [`key`] of this number.
fn bound(number: u8) -> String {
    token("records:read").claim("cnf", json!({ "jkt": jwk::thumbprint(&key(number).public()) })).sign()
}

fn told() -> Dpop {
    Dpop::at(ORIGIN).unwrap()
}

fn routes() -> Router {
    Router::new()
        .route("/records", get(scope!("records:read"), whose).post(scope!("records:write"), ok))
        .nest("/deep", Router::new().route("/records", post(scope!("records:read"), ok)))
}

fn app(dpop: Dpop) -> Guarded {
    routes().guard_with_dpop(verifier_of(&issuer()), dpop).unwrap()
}

/// What a proof says, where it is not what it should be.
#[derive(Clone, Copy)]
struct Said<'s> {
    key: u8,
    method: &'s str,
    url: &'s str,
    jti: &'s str,
    late: Duration,
    nonce: Option<&'s str>,
}

const RIGHT: Said<'static> = Said {
    key: 1,
    method: "GET",
    url: "https://api.example.com/records",
    jti: "one",
    late: Duration::ZERO,
    nonce: None,
};

fn proof(said: Said<'_>, token: &str) -> String {
    let Said { key: number, method, url, jti, late, nonce } = said;
    let request = Called { method, url, access_token: Some(token) };
    Draft { request, jti, iat: issuer().now().minus(late), nonce }.sign(&key(number))
}

fn under(scheme: &str, path: &str, token: &str, proofs: &[&str]) -> Request {
    let mut request = request("GET", path, None);
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, format!("{scheme} {token}").parse().unwrap());
    for proof in proofs {
        headers.append("dpop", proof.parse().unwrap());
    }
    request
}

/// What comes back to a bound token with this proof.
async fn shown(app: &Guarded, said: Said<'_>) -> Answer {
    let token = bound(1);
    send(app, under("DPoP", "/records", &token, &[&proof(said, &token)])).await
}

#[tokio::test]
async fn a_bound_token_with_proof_of_its_key_comes_in() {
    let app = app(told());
    let answer = shown(&app, RIGHT).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "test-client of acme"));
    // In any case, and whatever stands behind the path.
    let token = bound(1);
    let proof = proof(Said { jti: "two", ..RIGHT }, &token);
    let answer = send(&app, under("dpop", "/records?page=2", &token, &[&proof])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // One that is bound to nothing is taken as before.
    let answer = send(&app, request("GET", "/records", Some(&super::token("records:read").sign()))).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_nested_route_and_a_nested_service_are_proved_by_the_address_that_was_called() {
    let token = bound(1);
    let deep = Said { method: "POST", url: "https://api.example.com/deep/records", ..RIGHT };
    let posted = |path: &str, said| {
        let mut request = under("DPoP", path, &token, &[&proof(said, &token)]);
        *request.method_mut() = http::Method::POST;
        request
    };
    assert_eq!(send(&app(told()), posted("/deep/records", deep)).await.status, 200);

    let outer = axum::Router::new().nest_service("/v1", app(told()));
    let answer = |said| {
        let request = posted("/v1/deep/records", said);
        let outer = outer.clone();
        async move { tower::ServiceExt::oneshot(outer, request).await.unwrap().status().as_u16() }
    };
    assert_eq!(answer(deep).await, 401, "the address without what stands before it");
    assert_eq!(answer(Said { url: "https://api.example.com/v1/deep/records", ..deep }).await, 200);
}

#[tokio::test]
async fn a_prefix_that_a_proxy_takes_off_is_part_of_the_address() {
    let app = app(Dpop::at("https://API.example.com:443/billing/").unwrap());
    assert_eq!(shown(&app, RIGHT).await.reason(), "dpop_url_mismatch");
    let whole = Said { url: "https://api.example.com/billing/records", ..RIGHT };
    assert_eq!(shown(&app, whole).await.status, 200);
}

#[tokio::test]
async fn what_a_caller_says_of_the_host_proves_nothing() {
    let (app, token) = (app(told()), bound(1));
    let there = Said { url: "https://evil.example/records", ..RIGHT };
    let mut request = under("DPoP", "https://evil.example/records", &token, &[&proof(there, &token)]);
    request.headers_mut().insert(header::HOST, "evil.example".parse().unwrap());
    assert_eq!(send(&app, request).await.reason(), "dpop_url_mismatch");
}

#[test]
fn a_public_address_is_scheme_host_and_prefix() {
    for (address, fault) in [
        ("api.example.com", "write the public address"),
        ("/records", "write the public address"),
        ("ftp://api.example.com", "https URL"),
        ("mailto:a@b", "https URL"),
        ("https://user@api.example.com", "no user"),
        ("https://api.example.com?a=b", "no user"),
        ("https://api.example.com/#a", "no user"),
    ] {
        let told = Dpop::at(address).unwrap_err().to_string();
        assert!(told.contains(fault), "{address}: {told}");
    }
    assert!(Dpop::at("http://127.0.0.1:8080/v1").is_ok());
}

#[tokio::test]
async fn metadata_tells_what_proofs_are_signed_with() {
    let of = |policy| async move {
        let answer = super::get(&app(told().unbound(policy)), super::METADATA_PATH, None).await;
        answer.json()
    };
    let both = of(Unbound::Accept).await;
    assert_eq!(both["dpop_signing_alg_values_supported"], json!(["EdDSA", "Ed25519", "ES256"]));
    assert_eq!(both["dpop_bound_access_tokens_required"], json!(false));
    assert_eq!(of(Unbound::Refuse).await["dpop_bound_access_tokens_required"], json!(true));
    let without = super::get(&super::guard(routes()), super::METADATA_PATH, None).await.json();
    assert!(without.get("dpop_bound_access_tokens_required").is_none());
}
