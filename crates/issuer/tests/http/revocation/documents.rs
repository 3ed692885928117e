//! What the documents say, and how they travel.

use super::office::{KEYS, SNAPSHOT, told};
use crate::desk::Desk;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use chancery_revocation::{Document, RevocationKeys};
use chancery_token::{Format, KeySet};
use chancery_verifier::clock::Clock as _;
use chancery_verifier::entropy::PredictableEntropy;
use http_body_util::BodyExt as _;
use std::time::Duration;
use tower::ServiceExt as _;

#[tokio::test]
async fn no_key_signs_both_tokens_and_the_log() {
    let desk = Desk::open().await;
    let keys = desk.log_keys().await;
    assert_eq!(keys.kids().count(), 2, "one that signs and one that waits");
    for (format, path) in [(Format::Jwt, "/.well-known/jwks.json"), (Format::Paseto, "/keys/paserk.json")] {
        let tokens = KeySet::read(format, desk.get(path).await.body.as_bytes()).unwrap().keys;
        assert_eq!(keys.disjoint_from(&tokens), Ok(()));
    }
    // A token key opens no document, and a key of the log no token.
    let tokens = RevocationKeys::read(desk.get("/.well-known/jwks.json").await.body.as_bytes()).unwrap().keys;
    let snapshot = desk.get(SNAPSHOT).await.body;
    let refused = tokens.open(&snapshot, "https://auth.example", desk.clock.now()).unwrap_err();
    assert_eq!(refused.reason(), "document_key_unknown");
    assert!(!desk.get(KEYS).await.body.contains("\"d\""));
}

#[tokio::test]
async fn a_document_is_as_old_as_the_last_look_at_the_store_and_not_as_its_signature() {
    let desk = Desk::open().await;
    let opened = desk.clock.now();
    desk.clock.advance(Duration::from_mins(3));
    let at = desk.sequence();
    let iat = async |wait| told(&desk.document(&desk.get(&desk.delta_path(at, wait)).await.body).await).3;
    assert_eq!(iat(0).await, opened);
    assert_eq!(desk.document(&desk.get(SNAPSHOT).await.body).await.confirmed_at(), opened);
    assert_eq!(iat(1).await, opened, "to wait makes it no younger");
    desk.store.take_away(true);
    assert!(desk.issuer.revocation_log().look(desk.moment()).await.is_err());
    assert_eq!(iat(0).await, opened);
    desk.store.take_away(false);
    desk.look().await;
    assert_eq!(iat(0).await, desk.clock.now());
}

#[tokio::test]
async fn a_delta_holds_what_was_appended_since_and_a_heartbeat_nothing() {
    let desk = Desk::open().await;
    let start = desk.sequence();
    let heartbeat = desk.get(&desk.delta_path(start, 0)).await;
    assert_eq!((heartbeat.status, heartbeat.header("content-type")), (StatusCode::OK, "application/jwt"));
    assert_eq!(heartbeat.header("cache-control"), "public, max-age=1");
    assert_eq!(told(&desk.document(&heartbeat.body).await), (start, start, 0, desk.clock.now()));
    desk.revoke_some(3).await;
    let middle = desk.sequence();
    // Positions are published 20 ms apart: what waits is told as soon as it may be.
    assert_eq!(told(&desk.document(&desk.get(&desk.delta_path(start, 9)).await.body).await).1, middle);
    desk.revoke_some(2).await;
    let end = desk.sequence();
    let waited = desk.get(&desk.delta_path(middle, 9)).await;
    assert_eq!(waited.header("cache-control"), "no-store", "it was waited for");
    assert_eq!(told(&desk.document(&waited.body).await), (middle, end, 2, desk.clock.now()));
    let all = desk.get(&desk.delta_path(start, 9)).await;
    assert_eq!(told(&desk.document(&all.body).await), (start, end, 5, desk.clock.now()));
}

#[tokio::test]
async fn a_snapshot_lies_ready_and_what_was_appended_since_follows_from_its_place() {
    let desk = Desk::open().await;
    desk.revoke_some(3).await;
    let first = desk.get(SNAPSHOT).await;
    assert_eq!((first.status, first.header("content-type")), (StatusCode::OK, "application/jwt"));
    assert_eq!(first.header("cache-control"), "public, max-age=10");
    let Document::Snapshot(snapshot) = desk.document(&first.body).await else { panic!("{first:?}") };
    let at = snapshot.position().sequence;
    desk.revoke_some(2).await;
    let signed = desk.issuer.publisher().signatures();
    for _ in 0..20 {
        assert_eq!(desk.get(SNAPSHOT).await.body, first.body);
    }
    assert_eq!(desk.issuer.publisher().signatures(), signed, "it is not made for each who asks");
    let delta = desk.get(&desk.delta_path(at, 9)).await;
    assert_eq!(told(&desk.document(&delta.body).await).1, desk.sequence());
}

#[tokio::test]
async fn documents_are_checked_again_with_their_etag() {
    let desk = Desk::open().await;
    for path in [SNAPSHOT.to_owned(), desk.delta_path(desk.sequence(), 0)] {
        let first = desk.get(&path).await;
        let etag = first.header("etag").to_owned();
        assert!(etag.len() > 40, "{etag}");
        let held = desk.ask_for(&path, &[("if-none-match", &etag)]).await;
        assert_eq!((held.status, held.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!((held.header("etag"), held.header("vary")), (&*etag, "accept-encoding"));
        let other = desk.ask_for(&path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!((other.status, other.body), (StatusCode::OK, first.body.clone()));
        assert_eq!(
            zipped_status(&desk, &path, &etag).await,
            StatusCode::OK,
            "another form is another answer"
        );
    }
}

async fn zipped_status(desk: &Desk, path: &str, etag: &str) -> StatusCode {
    let request = Request::get(path).header("accept-encoding", "gzip").header("if-none-match", etag);
    desk.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn whoever_takes_gzip_gets_the_same_document_in_fewer_bytes() {
    let desk = Desk::open().await;
    desk.revoke_some(200).await;
    for path in [SNAPSHOT.to_owned(), desk.delta_path(desk.sequence(), 0)] {
        let plain = desk.get(&path).await;
        assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
        let request = Request::get(&path).header("accept-encoding", "br, gzip").body(Body::empty()).unwrap();
        let zipped = desk.router.clone().oneshot(request).await.unwrap();
        assert_eq!(zipped.headers()["content-encoding"], "gzip");
        assert_eq!(
            (&zipped.headers()["vary"], zipped.headers().contains_key("etag")),
            (&"accept-encoding".parse().unwrap(), true)
        );
        assert_ne!(zipped.headers()["etag"].to_str().unwrap(), plain.header("etag"));
        let bytes = zipped.into_body().collect().await.unwrap().to_bytes();
        assert!(bytes.len() < plain.body.len(), "{} of {}", bytes.len(), plain.body.len());
        let mut text = String::new();
        let mut decoder = flate2::read::GzDecoder::new(&bytes[..]);
        std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
        assert_eq!(text, plain.body, "{path}");
    }
}

#[tokio::test]
async fn head_says_what_get_would() {
    let desk = Desk::open().await;
    for path in [SNAPSHOT.to_owned(), desk.delta_path(desk.sequence(), 0)] {
        let get = desk.get(&path).await;
        let head = desk.send(Request::head(&path).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
        assert_eq!(head.header("etag"), get.header("etag"));
        assert_eq!(head.header("content-length"), get.body.len().to_string());
    }
}

#[tokio::test]
async fn a_key_of_the_log_that_is_revoked_signs_nothing_that_is_served_from_then_on() {
    let desk = Desk::open().await;
    let at = desk.sequence();
    let signed_by = |document: &str| {
        let header = chancery_token::encoding::from_base64url(document.split('.').next().unwrap()).unwrap();
        let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
        header["kid"].as_str().unwrap().to_owned()
    };
    let kid = signed_by(&desk.get(SNAPSHOT).await.body);
    assert_eq!(signed_by(&desk.get(&desk.delta_path(at, 0)).await.body), kid);
    let opened = desk.clock.now();
    desk.clock.advance(Duration::from_mins(3));
    let (keyring, entropy) = (desk.issuer.keyring(), PredictableEntropy::new(9));
    keyring.revoke(&**desk.issuer.store(), &kid, desk.clock.now(), &entropy).await.unwrap();
    for path in [SNAPSHOT.to_owned(), desk.delta_path(at, 0)] {
        let document = desk.get(&path).await.body;
        assert_ne!(signed_by(&document), kid, "{path}");
        let confirmed_at = desk.document(&document).await.confirmed_at();
        assert_eq!(confirmed_at, opened, "signed anew, and no younger for that");
    }
    assert!(desk.log_keys().await.kids().all(|known| **known != *kid));
}
