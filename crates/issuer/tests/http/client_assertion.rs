//! `private_key_jwt` at every endpoint that asks who the client is.

use crate::desk::{Answer, DOCUMINT, Desk, NOW, encode, token_request};
use crate::presenting::{INTROSPECT, REVOKE};
use axum::http::header;
use chancery_issuer::client::{Authentication, Client, ClientKey, DpopPolicy, Refresh};
use chancery_token::encoding::base64url;
use chancery_token::{SecretKey, jws};
use serde_json::{Value, json};
use std::time::Duration;

const GRANTS: [(&str, &str); 1] = [(DOCUMINT, "invoices:read")];
const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn foreign() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../../tests/vectors/client_assertions.json")).unwrap()
}

fn own_key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn own_public() -> ClientKey {
    let x = base64url(own_key().public().as_bytes());
    ClientKey::read(&json!({"kty": "OKP", "crv": "Ed25519", "x": x})).unwrap()
}

fn keyed(keys: Vec<ClientKey>) -> impl FnOnce(Client) -> Client {
    |client| Client { authentication: Authentication::PrivateKeyJwt, secrets: Vec::new(), keys, ..client }
}

fn claims(client: &str, jti: &str) -> Value {
    let now = NOW.as_secs();
    json!({"iss": client, "sub": client, "aud": "https://auth.example", "exp": now + 60, "iat": now, "jti": jti})
}

fn signed(claims: &Value) -> String {
    let header = r#"{"alg":"EdDSA","typ":"client-authentication+jwt"}"#;
    jws::sign(header, claims.to_string().as_bytes(), &own_key().named("any"))
}

async fn ask(desk: &Desk, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", KIND),
        ("client_assertion", assertion),
    ];
    desk.post(&[&form[..], more].concat()).await
}

#[tokio::test]
async fn what_openssl_signs_by_each_algorithm_gets_a_token_once() {
    for vector in foreign() {
        let desk = Desk::open().await;
        desk.client_with("signer", &GRANTS, keyed(vec![ClientKey::read(&vector["jwk"]).unwrap()])).await;
        let assertion = vector["assertion"].as_str().unwrap();
        ask(&desk, assertion, &[]).await.token();
        let again = ask(&desk, assertion, &[]).await;
        assert_eq!(again.refusal(), "401 invalid_client assertion_replayed", "{vector}");
        assert!(again.header("www-authenticate").starts_with("Basic realm=\""), "{again:?}");
    }
}

#[tokio::test]
async fn an_assertion_is_used_once_at_whichever_endpoint_and_by_each_client_for_itself() {
    let desk = Desk::open().await;
    for id in ["bot", "tob"] {
        desk.client_with(id, &GRANTS, keyed(vec![own_public()])).await;
    }
    let token = ask(&desk, &signed(&claims("bot", "one")), &[("client_id", "bot")]).await.token();
    // Another client's assertion of the same name is another.
    ask(&desk, &signed(&claims("tob", "one")), &[]).await.token();
    let present = async |path, jti: &str| {
        let assertion = signed(&claims("bot", jti));
        let form = [("token", &*token), ("client_assertion_type", KIND), ("client_assertion", &*assertion)];
        let mut request = token_request(encode(&form));
        *request.uri_mut() = format!("https://auth.example{path}").parse().unwrap();
        desk.send(request).await
    };
    for path in [INTROSPECT, REVOKE] {
        assert_eq!(present(path, "one").await.refusal(), "401 invalid_client assertion_replayed");
    }
    assert_eq!(present(INTROSPECT, "two").await.json()["active"], true);
    assert_eq!(present(REVOKE, "three").await.status, 200);
    assert_eq!(present(INTROSPECT, "four").await.json()["active"], false);
    assert_eq!(present(INTROSPECT, "two").await.refusal(), "401 invalid_client assertion_replayed");
}

#[tokio::test]
async fn r_7_6_whoever_guesses_at_keys_learns_nothing() {
    let desk = Desk::open().await;
    let other = ClientKey::read(&foreign()[0]["jwk"]).unwrap();
    let es256 = ClientKey::read(&foreign()[2]["jwk"]).unwrap();
    desk.client_with("other-key", &GRANTS, keyed(vec![other])).await;
    desk.client_with("es256", &GRANTS, keyed(vec![es256])).await;
    let secret = desk.client("secret", &GRANTS).await;
    desk.client_with("keyed", &GRANTS, keyed(vec![own_public()])).await;
    let prepared = |client| Client { keys: vec![own_public()], ..client };
    desk.client_with("prepared", &GRANTS, prepared).await;
    let mut answers = Vec::new();
    for id in ["nobody", "no body", "other-key", "es256", "secret", "prepared"] {
        answers.push(ask(&desk, &signed(&claims(id, "one")), &[]).await);
    }
    // A secret is none of a client that signs, whatever it holds.
    answers.push(desk.ask("keyed", &secret, &[]).await);
    for answer in &answers {
        assert_eq!(answer.refusal(), "401 invalid_client client_authentication_failed", "{answer:?}");
    }
    let mut bodies: Vec<&str> = answers.iter().map(|answer| answer.body.as_str()).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    // Who has not proved a key uses up no name.
    ask(&desk, &signed(&claims("keyed", "one")), &[]).await.token();
}

#[tokio::test]
async fn a_secret_of_a_client_that_signs_opens_nothing() {
    let desk = Desk::open().await;
    let changed =
        |client| Client { authentication: Authentication::PrivateKeyJwt, keys: vec![own_public()], ..client };
    let secret = desk.client_with("bot", &GRANTS, changed).await;
    let answer = desk.ask("bot", &secret, &[]).await;
    assert_eq!(answer.refusal(), "401 invalid_client client_authentication_failed");
}

#[tokio::test]
async fn what_is_wrong_with_an_assertion_itself_is_told() {
    let desk = Desk::open().await;
    desk.client_with("bot", &GRANTS, keyed(vec![own_public()])).await;
    let change = |name: &str, value: Value| {
        let mut claims = claims("bot", "one");
        claims[name] = value;
        signed(&claims)
    };
    let now = NOW.as_secs();
    for (assertion, reason) in [
        (change("aud", json!("https://auth.example/oauth2/token")), "assertion_audience"),
        (change("exp", json!(now + 3600)), "assertion_lifetime"),
        (change("exp", json!(now - 60)), "assertion_expired"),
        (change("nbf", json!(now + 60)), "assertion_not_yet_valid"),
        (change("jti", json!("")), "assertion_jti"),
        (change("sub", json!("tob")), "assertion_subject"),
        ("abc".to_owned(), "assertion_malformed"),
    ] {
        let answer = ask(&desk, &assertion, &[]).await;
        assert_eq!(answer.refusal(), format!("401 invalid_client {reason}"));
    }
    let audience = ask(&desk, &change("aud", json!("x")), &[]).await;
    assert!(audience.body.contains("https://auth.example"), "the fix is named: {audience:?}");
    let good = signed(&claims("bot", "one"));
    let other = ask(&desk, &good, &[("client_id", "tob")]).await;
    assert_eq!(other.refusal(), "400 invalid_request different_client_ids");
    let form = [("grant_type", "client_credentials"), ("client_assertion", &*good)];
    for kind in
        [&[][..], &[("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")]]
    {
        let answer = desk.post(&[&form[..], kind].concat()).await;
        assert_eq!(answer.refusal(), "401 invalid_client assertion_type_unsupported");
    }
    let alone = [("grant_type", "client_credentials"), ("client_id", "bot"), ("client_assertion_type", KIND)];
    assert_eq!(desk.post(&alone).await.refusal(), "401 invalid_client no_credentials");
    let both = ask(&desk, &good, &[("client_id", "bot"), ("client_secret", "x")]).await;
    assert_eq!(both.refusal(), "400 invalid_request two_authentication_methods");
    let mut header = token_request(encode(&[
        ("grant_type", "client_credentials"),
        ("client_assertion_type", KIND),
        ("client_assertion", &good),
    ]));
    header.headers_mut().insert(header::AUTHORIZATION, "Basic Ym90Ong=".parse().unwrap());
    assert_eq!(desk.send(header).await.refusal(), "400 invalid_request two_authentication_methods");
    // After all of that it is good: nothing used it up.
    ask(&desk, &good, &[]).await.token();
}

#[tokio::test]
async fn an_assertion_is_remembered_for_as_long_as_it_could_be_used_again() {
    let desk = Desk::open().await;
    desk.client_with("bot", &GRANTS, keyed(vec![own_public()])).await;
    let assertion = signed(&claims("bot", "one"));
    ask(&desk, &assertion, &[]).await.token();
    desk.pass(Duration::from_secs(89)).await;
    assert_eq!(ask(&desk, &assertion, &[]).await.refusal(), "401 invalid_client assertion_replayed");
    desk.pass(Duration::from_secs(1)).await;
    assert_eq!(ask(&desk, &assertion, &[]).await.refusal(), "401 invalid_client assertion_expired");
}

#[tokio::test]
async fn a_disabled_client_that_signs_is_told_so_once_it_proved_who_it_is() {
    let desk = Desk::open().await;
    let off = |client| {
        keyed(vec![own_public()])(client).disable(
            NOW,
            "it leaked",
            chancery_issuer::client::DisabledBy::Tenant,
        )
    };
    desk.client_with("bot", &GRANTS, off).await;
    let answer = ask(&desk, &signed(&claims("bot", "one")), &[]).await;
    assert_eq!(answer.refusal(), "401 invalid_client client_disabled");
}

#[tokio::test]
async fn a_public_client_begins_nothing_by_its_name() {
    let desk = Desk::open().await;
    let public = |client| Client {
        authentication: Authentication::None,
        secrets: Vec::new(),
        dpop: DpopPolicy::Optional,
        refresh: Some(Refresh::default()),
        ..client
    };
    desk.client_with("app", &GRANTS, public).await;
    let answer = desk.post(&[("grant_type", "client_credentials"), ("client_id", "app")]).await;
    assert_eq!(answer.refusal(), "401 invalid_client no_credentials");
    let assertion = ask(&desk, &signed(&claims("app", "one")), &[]).await;
    assert_eq!(assertion.refusal(), "401 invalid_client client_authentication_failed");
}
