//! How a session shows who it is, and that it has its key.

use super::text;
use crate::local_agent::LocalAgent;
use crate::office::{Manner, Office, SECRET, Scratch, setup};
use chancery_client::{
    Binding, ClientKey, Credentials, Delegation, Place, Replace, Session, Setup, TokenRequest,
};
use chancery_token::{SecretKey, dpop, jws, scope};
use chancery_verifier::clock::Clock as _;
use std::time::Duration;
use url::Url;

/// Some are looked at long after they were made.
const WINDOW: Duration = Duration::from_hours(1);

/// The key of a proof for the token endpoint.
fn key_of(office: &Office, proof: &str) -> [u8; 32] {
    let url = format!("{}/oauth2/token", office.url);
    let request = dpop::Request { method: "POST", url: &url, access_token: None };
    dpop::verify(proof, &request, office.clock().now(), WINDOW).unwrap().key()
}

#[tokio::test]
async fn a_bound_session_proves_the_same_key_at_the_issuer_and_at_services() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.pass(900);
    let opened = office.opened(&scratch.file());
    let token = opened.token().await.unwrap();
    let keys: Vec<_> =
        office.asked().iter().map(|asked| key_of(&office, asked.dpop.as_ref().unwrap())).collect();
    assert_eq!((token.binding(), keys.len(), keys[0]), (Binding::Dpop, 2, keys[1]));
    let url: Url = "https://api.example/invoices?page=2".parse().unwrap();
    let authorization = session.authorize(&token, "GET", &url, Some("n")).unwrap();
    assert_eq!(*authorization.authorization, "DPoP token-2");
    let request =
        dpop::Request { method: "GET", url: "https://api.example/invoices", access_token: Some("token-2") };
    let proof = dpop::verify(&authorization.dpop.unwrap(), &request, office.clock().now(), WINDOW).unwrap();
    assert_eq!((proof.key(), proof.nonce()), (keys[0], Some("n")));
    let again = session.authorize(&token, "GET", &url, None).unwrap();
    let again = dpop::verify(&again.dpop.unwrap(), &request, office.clock().now(), WINDOW).unwrap();
    assert_ne!(again.id(), proof.id(), "a proof of its own for each request");
}

#[tokio::test]
async fn a_bearer_session_sends_no_proof() {
    let office = Office::start().await;
    let bearer = Setup { binding: Binding::Bearer, ..setup(&office.url) };
    let session = Session::in_memory(bearer, office.world()).unwrap();
    let token = session.token().await.unwrap();
    let url = "https://api.example/".parse().unwrap();
    let authorization = session.authorize(&token, "GET", &url, None).unwrap();
    assert_eq!((&**authorization.authorization, authorization.dpop), ("Bearer token-1", None));
    assert_eq!(office.asked()[0].dpop, None);
}

#[tokio::test]
async fn a_token_that_is_not_bound_as_was_asked_is_not_taken() {
    for (binding, kind) in [(Binding::Dpop, "Bearer"), (Binding::Bearer, "DPoP"), (Binding::Dpop, "mac")] {
        let office = Office::start().await;
        let words = format!(r#"{{"access_token":"token-#","token_type":"{kind}","expires_in":900}}"#);
        office.behaves(Manner::Words(words));
        let session = Session::in_memory(Setup { binding, ..setup(&office.url) }, office.world()).unwrap();
        let error = session.token().await.unwrap_err();
        assert_eq!(error.reason(), "bad_answer", "{binding} {kind}");
        assert!(error.to_string().contains("token_type"), "{error}");
    }
}

#[tokio::test]
async fn a_proof_without_the_nonce_of_the_issuer_is_made_again_with_it_once() {
    let office = Office::start().await;
    office.wants_nonce("first");
    let session = office.session();
    assert_eq!(text(&session).await, "token-1");
    assert_eq!(office.asked().len(), 2);
    // The nonce is kept.
    office.pass(900);
    assert_eq!(text(&session).await, "token-2");
    assert_eq!(office.asked().len(), 3);
    // It changed: the same refresh token again.
    office.wants_nonce("second");
    office.pass(900);
    assert_eq!(text(&session).await, "token-3");
    let sent: Vec<_> =
        office.asked()[3..].iter().map(|asked| asked.get("refresh_token").to_owned()).collect();
    assert_eq!(sent, ["refresh-0-1", "refresh-0-1"]);
}

#[tokio::test]
async fn an_issuer_that_never_likes_its_own_nonce_is_asked_twice_and_no_more() {
    let office = Office::start().await;
    let body = r#"{"error":"use_dpop_nonce","reason":"dpop_nonce_stale"}"#;
    office.says(400, &[("dpop-nonce", "again")], body);
    let error = office.session().token().await.unwrap_err();
    assert_eq!((error.reason(), office.asked().len()), ("dpop_nonce_stale", 2));
}

#[tokio::test]
async fn r08_a_secret_travels_in_the_authorization_header_alone() {
    let office = Office::start().await;
    let request = TokenRequest::new().scope(scope!("a:b")).resource("https://api.example");
    let session = Session::in_memory(Setup { request, ..setup(&office.url) }, office.world()).unwrap();
    session.token().await.unwrap();
    office.pass(900);
    session.token().await.unwrap();
    session.end().await.unwrap();
    let asked = office.asked();
    assert_eq!(asked.iter().map(|asked| asked.path).collect::<Vec<_>>(), ["token", "token", "revoke"]);
    for asked in &asked {
        // base64 of "agent:chs_test_a-secret-of-this-test"
        let basic = "Basic YWdlbnQ6Y2hzX3Rlc3RfYS1zZWNyZXQtb2YtdGhpcy10ZXN0";
        assert_eq!(asked.authorization.as_deref(), Some(basic));
        assert!(asked.form.values().all(|value| !value.contains(SECRET)));
    }
    assert_eq!((asked[0].get("scope"), asked[0].get("resource")), ("a:b", "https://api.example"));
    assert_eq!((asked[1].get("scope"), asked[1].get("resource")), ("", ""), "the session knows");
}

#[tokio::test]
async fn r08_what_an_issuer_repeats_of_what_it_was_sent_is_told_to_nobody() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let body = format!(
        r#"{{"error":"invalid_request","reason":"not_refresh-0-0","error_description":"{}you are {SECRET}, and sent refresh-0-0 and refresh-0-0"}}"#,
        "x".repeat(470)
    );
    office.says(400, &[], &body);
    office.pass(900);
    let error = session.token().await.unwrap_err();
    let told = format!("{error} {error:?} {:?} {}", session.standing(), error.reason());
    assert!(error.to_string().contains("you are ***, and sent ***"), "{error}");
    for secret in [SECRET, "refresh-0-0", "refresh-0"] {
        assert!(!told.contains(secret), "{told}");
    }
    let lock = std::fs::read_to_string(scratch.other("agent.json.lock")).unwrap();
    assert!(!lock.contains("refresh-0") && !lock.contains(SECRET), "{lock}");
}

#[tokio::test]
async fn a_client_that_signs_who_it_is_signs_each_request_anew() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let key = SecretKey::from_seed(&[9; 32]);
    let credentials = Credentials::Key(ClientKey::new(key.clone()));
    office.wants_nonce("n");
    let setup = Setup { credentials, ..setup(&office.url) };
    Session::begin(&scratch.file(), setup, Replace::No, office.world()).await.unwrap();
    let session = office.opened(&scratch.file());
    session.end().await.unwrap();
    let mut names = Vec::new();
    for asked in office.asked() {
        assert_eq!(asked.authorization, None);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        assert_eq!(asked.get("client_assertion_type"), kind);
        let text = asked.get("client_assertion").to_owned();
        let signed = jws::Compact::parse(&text).unwrap().verify(&key.public()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&signed).unwrap();
        assert_eq!(
            (&claims["iss"], &claims["sub"], &claims["aud"]),
            (&"agent".into(), &"agent".into(), &office.url.as_str().into(),)
        );
        names.push(claims["jti"].to_string());
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "two for the nonce, and one for the end");
}

#[tokio::test]
async fn a_part_proves_the_key_of_the_session_that_it_comes_from() {
    let office = Office::start().await;
    let session = office.session();
    let child = session.delegate(Delegation::default(), Place::Memory).await.unwrap();
    let token = child.token().await.unwrap();
    let url: Url = "https://api.example/".parse().unwrap();
    assert!(session.authorize(&token, "GET", &url, None).unwrap().dpop.is_some());
    let keys: Vec<_> =
        office.asked().iter().map(|asked| key_of(&office, asked.dpop.as_ref().unwrap())).collect();
    assert_eq!((keys.len(), keys[0]), (2, keys[1]));
}

#[tokio::test]
async fn a_token_whose_key_an_agent_keeps_is_not_proved_by_a_session() {
    let (office, agent) = (Office::start().await, LocalAgent::start());
    let token = agent.client().0.token().await.unwrap();
    let url = "https://api.example/".parse().unwrap();
    let error = office.session().authorize(&token, "GET", &url, None).unwrap_err();
    assert_eq!((token.binding(), error.reason()), (Binding::Dpop, "token_of_another_session"));
}

#[tokio::test]
async fn a_part_knows_the_way_to_the_issuer_and_its_nonce() {
    let office = Office::start().await;
    office.wants_nonce("n");
    let session = office.session();
    session.token().await.unwrap();
    let before = (office.asked().len(), office.metadata_asked());
    for _ in 0..3 {
        session.delegate(Delegation::default(), Place::Memory).await.unwrap();
    }
    assert_eq!((office.asked().len(), office.metadata_asked()), (before.0 + 3, before.1));
}
