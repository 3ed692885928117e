//! Answers that are no key sets, and key sets with strange keys.

use super::office::{DEADLINE, Office, Reply};
use super::world::{INTERVAL, World, issuer, keys_of, settings};
use axum::http::header;
use chancery_verifier::follow::{Follower, KeysFrom};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::test]
async fn r_1_8_an_answer_without_usable_keys_never_replaces_a_good_set() {
    let rsa = json!({ "keys": [{ "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r", "alg": "RS256" }] });
    let too_large = format!("{{\"keys\": [], \"padding\": \"{}\"}}", "x".repeat(64 * 1024));
    let elsewhere = Office::new();
    elsewhere.publish_keys(keys_of(&[2]));
    for (what, reply, reason) in [
        ("an empty set", Reply::ok("{\"keys\": []}"), "bad_key_document"),
        ("an error", Reply::status(500), "unexpected_status"),
        ("nothing there", Reply::status(404), "unexpected_status"),
        ("no content", Reply::status(204), "unexpected_status"),
        ("not modified, unasked", Reply::status(304), "unexpected_status"),
        ("html", Reply::ok("<!doctype html><title>Sign in</title>"), "bad_key_document"),
        ("nothing", Reply::ok(""), "bad_key_document"),
        ("no object", Reply::ok("[1, 2]"), "bad_key_document"),
        ("no list", Reply::ok("{\"keys\": {}}"), "bad_key_document"),
        ("no UTF-8", Reply::ok(&b"{\"keys\": [\"\xff\"]}"[..]), "bad_key_document"),
        ("too large", Reply::ok(too_large), "too_large"),
        ("no usable key", Reply::ok(rsa.to_string()), "bad_key_document"),
        (
            "a redirect to other keys",
            Reply::status(302).header(header::LOCATION, elsewhere.keys_url()),
            "unexpected_status",
        ),
    ] {
        let world = World::new().await;
        world.office.publish_keys(reply);
        world.pass(INTERVAL).await;
        assert_eq!(world.last_reason(), Some(reason), "{what}");
        world.verify(&world.token(1)).unwrap_or_else(|refused| panic!("{what}: {refused}"));
        assert_eq!(world.follower.status().keys.len(), 1, "{what}");
    }
    assert_eq!(elsewhere.asked_for_keys(), 0);
}

#[tokio::test]
async fn r_1_8_a_body_without_end_is_read_to_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys.json", listener.local_addr().unwrap());
    let written = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        connection.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        let mut written = 0_usize;
        while connection.write_all(chunk.as_bytes()).await.is_ok() {
            written += 0x1000;
        }
        written
    });
    let verifier = super::world::verifier(super::world::ISSUER, &super::world::clock());
    let follower = Follower::start(&verifier, settings(KeysFrom::Url(url))).unwrap();
    follower.poll_once().await;
    assert_eq!(follower.status().last_failure.unwrap().fault.reason(), "too_large");
    // It ends because the follower hangs up.
    tokio::time::timeout(DEADLINE, written).await.unwrap().unwrap();
}

#[tokio::test]
async fn r_1_9_keys_that_cannot_be_used_are_left_out_one_by_one() {
    let good: serde_json::Value = serde_json::from_str(&issuer().key_document()).unwrap();
    let good = &good["keys"][0];
    let x = &good["x"];
    let mut without_kid = good.clone();
    without_kid.as_object_mut().unwrap().remove("kid");
    let other: serde_json::Value = serde_json::from_str(&issuer().key_number(3).key_document()).unwrap();
    let (mut twin, mut other_twin) = (other["keys"][0].clone(), good.clone());
    (twin["kid"], other_twin["kid"]) = (json!("twins"), json!("twins"));
    let entries = json!([
        { "kty": "RSA", "alg": "RSA-OAEP", "use": "enc", "n": "AQAB", "e": "AQAB", "kid": "encryption" },
        { "kty": "OKP", "crv": "Ed448", "alg": "Ed448", "use": "sig", "x": x, "kid": "ed448" },
        { "kty": "OKP", "crv": "X25519", "use": "enc", "x": x, "kid": "x25519" },
        { "kty": "AKP", "alg": "ML-DSA-65", "pub": x, "kid": "ml-dsa" },
        { "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": "AAAA", "kid": "short" },
        without_kid,
        twin,
        other_twin,
        "not even an object",
        good,
    ]);
    let world = World::new().await;
    world.office.publish_keys(Reply::ok(json!({ "keys": entries, "more": true }).to_string()).max_age(600));
    world.pass(INTERVAL).await;
    let status = world.follower.status();
    assert_eq!(status.last_failure, None);
    assert_eq!(status.keys.iter().map(|key| key.kid.to_string()).collect::<Vec<_>>(), [issuer().kid()]);
    assert_eq!(status.skipped, 9, "all but the good one");
    world.verify(&world.token(1)).unwrap();
}
