//! What an operator reads.

use super::office::{Office, Reply};
use super::world::{INTERVAL, World, document_of, settings, verifier};
use chancery_verifier::follow::{Follower, KeysFrom};
use serde_json::json;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// The log of this thread, and of what runs on it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn kept() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// The lines with this message.
    fn lines(&self, message: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(message)).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn r_1_9_each_key_that_is_left_out_is_logged_once_with_the_reason() {
    let (log, _guard) = Log::kept();
    let world = World::new().await;
    let mut document: serde_json::Value = serde_json::from_str(&document_of(&[1])).unwrap();
    document["keys"].as_array_mut().unwrap().extend([
        json!({ "kty": "RSA", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB", "kid": "r" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": "AAAA", "kid": "x" }),
    ]);
    world.office.publish_keys(Reply::ok(document.to_string()).max_age(600));
    world.pass(INTERVAL).await;
    world.pass(INTERVAL).await;
    let lines = log.lines("left out");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("entry=1") && lines[0].contains("'kty' is not OKP"), "{lines:?}");
    assert!(lines[1].contains("entry=2") && lines[1].contains("'crv' is not Ed25519"), "{lines:?}");
}

#[tokio::test]
async fn r_1_6_the_first_stale_use_and_the_end_are_logged_once() {
    let (log, _guard) = Log::kept();
    let world = World::new().await;
    world.office.publish_keys(Reply::status(503));
    for _ in 0..13 {
        world.pass(Duration::from_hours(1)).await;
        world.pass(Duration::from_mins(1)).await;
    }
    let stale = log.lines("past their lifetime");
    assert_eq!(stale.len(), 1, "{stale:?}");
    assert!(stale[0].contains("WARN") && stale[0].contains("jwks_age_seconds="), "{stale:?}");
    let ended = log.lines("last age");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert!(ended[0].contains("ERROR"), "{ended:?}");
}

#[tokio::test]
async fn r_5_6_an_issuer_by_another_name_is_logged_as_an_error_that_shows_both() {
    let (log, _guard) = Log::kept();
    let office = Office::new();
    let published = json!({ "issuer": format!("{}/", office.url()), "jwks_uri": office.keys_url() });
    office.publish("/.well-known/oauth-authorization-server", Reply::ok(published.to_string()));
    let clock = super::world::clock();
    let follower = Follower::start(&verifier(office.url(), &clock), settings(KeysFrom::Discovery)).unwrap();
    follower.poll_once().await;
    let lines = log.lines("issuer_mismatch");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("ERROR"), "{lines:?}");
    assert!(lines[0].contains(&format!("\"{}\"", office.url())), "{lines:?}");
    assert!(lines[0].contains(&format!("\"{}/\"", office.url())), "{lines:?}");
}

#[tokio::test]
async fn no_query_of_an_address_is_logged() {
    let (log, _guard) = Log::kept();
    let office = Office::new();
    office.publish_keys(Reply::status(500));
    let clock = super::world::clock();
    let from = KeysFrom::Url(format!("{}?signature=hunter2", office.keys_url()));
    let follower = Follower::start(&verifier(super::world::ISSUER, &clock), settings(from)).unwrap();
    follower.poll_once().await;
    assert_eq!(log.lines("fetching the keys failed").len(), 1);
    assert_eq!(log.lines("hunter2"), Vec::<String>::new());
}
