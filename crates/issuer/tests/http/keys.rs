use crate::desk::{DOCUMINT, Desk};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use chancery_token::{Format, KeySet};
use chancery_verifier::clock::Clock as _;
use chancery_verifier::entropy::PredictableEntropy;
use std::time::Duration;

const JWKS: &str = "/.well-known/jwks.json";
const PASERK: &str = "/keys/paserk.json";
const REVOCATION: &str = "/keys/revocation.json";

async fn send(desk: &Desk, method: Method, path: &str, headers: &[(&str, &str)]) -> crate::desk::Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    desk.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn r_9_2_a_published_key_has_43_characters_and_no_private_part() {
    let desk = Desk::open().await;
    let body = desk.get(JWKS).await.body;
    // Byte for byte, so that no JSON reader hides what is there.
    let mut rest = body.strip_prefix("{\"keys\":[").unwrap();
    let mut keys = 0;
    while let Some(start) = rest.strip_prefix("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"") {
        let (x, after) = start.split_at(43);
        assert!(x.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')), "{x}");
        let kid = after.strip_prefix("\",\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"").unwrap();
        let (kid, after) = kid.split_at(43);
        assert!(kid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')), "{kid}");
        rest = after.strip_prefix("\"}").unwrap();
        rest = rest.strip_prefix(',').unwrap_or(rest);
        keys += 1;
    }
    assert_eq!((rest, keys), ("]}", 2), "one that signs and one that is published ahead");
    assert!(!body.contains("\"d\""));
}

#[tokio::test]
async fn paserk_keys_are_published_with_their_names_and_nothing_secret() {
    let desk = Desk::open().await;
    let body = desk.get(PASERK).await.body;
    assert_eq!(KeySet::read(Format::Paseto, body.as_bytes()).unwrap().keys.kids().count(), 2);
    assert!(!body.contains("k4.secret") && body.contains("k4.public.") && body.contains("k4.pid."), "{body}");
}

#[tokio::test]
async fn r_1_13_key_documents_may_be_kept_and_are_checked_again_with_their_etag() {
    let desk = Desk::open().await;
    for path in [JWKS, PASERK, REVOCATION] {
        let first = desk.get(path).await;
        assert_eq!(first.header("cache-control"), "public, max-age=300");
        let etag = first.header("etag").to_owned();
        for held in [&*etag, "*", &*format!("W/{etag}"), &*format!("\"other\", {etag}")] {
            let again = send(&desk, Method::GET, path, &[("if-none-match", held)]).await;
            assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{held}");
            assert_eq!(
                (again.header("etag"), again.header("cache-control")),
                (&*etag, "public, max-age=300")
            );
        }
        let other = send(&desk, Method::GET, path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!((other.status, other.body), (StatusCode::OK, first.body.clone()));
        let head = send(&desk, Method::HEAD, path, &[]).await;
        assert_eq!((head.status, head.body.as_str(), head.header("etag")), (StatusCode::OK, "", &*etag));
        assert_eq!(head.header("content-length"), first.body.len().to_string());
        let post = send(&desk, Method::POST, path, &[]).await;
        assert_eq!((post.status, post.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
    }
}

#[tokio::test]
async fn the_jwk_set_is_json_unless_its_own_media_type_is_asked_for() {
    let desk = Desk::open().await;
    for (accept, content_type) in [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/jwk-set+json;q=0, application/json", "application/json"),
        ("application/jwk-set+json", "application/jwk-set+json"),
        ("application/json;q=0.5, Application/JWK-Set+JSON; q=0.9", "application/jwk-set+json"),
    ] {
        let answer = send(&desk, Method::GET, JWKS, &[("accept", accept)]).await;
        assert_eq!(
            (answer.header("content-type"), answer.header("vary")),
            (content_type, "accept"),
            "{accept}"
        );
    }
    let (json, own) = (
        desk.get(JWKS).await,
        send(&desk, Method::GET, JWKS, &[("accept", "application/jwk-set+json")]).await,
    );
    assert_eq!(json.body, own.body);
    assert_ne!(json.header("etag"), own.header("etag"), "two representations, two validators");
}

#[tokio::test]
async fn r52_keys_that_another_process_rotated_are_served_after_catching_up() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    let kids = async || KeySet::read(Format::Jwt, desk.get(JWKS).await.body.as_bytes()).unwrap().keys;
    let before = kids().await;
    let token = desk.ask("bot", &secret, &[]).await.token();
    desk.clock.advance(Duration::from_hours(2));
    let rotation = {
        // Another process has the same store and master key: what it writes goes through the store alone.
        let keyring = desk.issuer.keyring();
        keyring
            .rotate(&*desk.store, &[Format::Jwt], desk.clock.now(), &PredictableEntropy::new(9))
            .await
            .unwrap()
            .remove(0)
    };
    desk.issuer.catch_up().await.unwrap();
    let after = kids().await;
    assert_eq!((before.kids().count(), after.kids().count()), (2, 3));
    assert!(after.contains(&rotation.publishes.unwrap()) && after.contains(&rotation.retires));
    assert!(after.open(&token).is_ok(), "tokens of the retired key are still believed");
    desk.clock.advance(rotation.removed_at.since(desk.clock.now()));
    assert_eq!(
        kids().await.kids().count(),
        2,
        "the retired key's time is up, without any change in the store"
    );
}
