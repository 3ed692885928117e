//! From the issuer's name to its keys (RFC 8414).

use super::office::{DEADLINE, Office, Reply};
use super::world::{INTERVAL, clock, keys_of, settings, verifier};
use chancery_verifier::clock::Clock as _;
use chancery_verifier::follow::{Follower, KeysFrom, NotReady, Notice};
use chancery_verifier::testing::TestIssuer;
use chancery_verifier::{Format, Verifier};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const METADATA: &str = "/.well-known/oauth-authorization-server";
const DAY: Duration = Duration::from_hours(24);

fn metadata(issuer: &str, office: &Office) -> Reply {
    Reply::ok(
        json!({
            "issuer": issuer,
            "jwks_uri": office.keys_url(),
            "paserk_uri": format!("{}/paserk.json", office.url()),
            "token_endpoint": format!("{issuer}/oauth2/token"),
        })
        .to_string(),
    )
}

fn start(verifier: &Verifier) -> Follower {
    Follower::start(verifier, settings(KeysFrom::Discovery)).unwrap()
}

#[tokio::test]
async fn keys_are_found_through_the_issuers_metadata() {
    let (office, clock) = (Office::new(), clock());
    // The well-known path goes between host and path.
    let issuer = format!("{}/eu/one", office.url());
    let path = format!("{METADATA}/eu/one");
    office.publish(&path, metadata(&issuer, &office));
    office.publish_keys(keys_of(&[1]));
    let verifier = verifier(&issuer, &clock);
    let follower = start(&verifier);
    follower.wait_ready(DEADLINE).await.unwrap();
    let token = TestIssuer::new(&issuer, super::world::AUDIENCE).token().sign();
    verifier.verify(&token, clock.now()).unwrap();

    for _ in 0..10 {
        clock.advance(INTERVAL);
        follower.poll_once().await;
    }
    assert_eq!((office.asked(&path), office.asked_for_keys()), (1, 11), "metadata is not read each time");
}

#[tokio::test]
async fn a_paseto_verifier_finds_paserk_keys() {
    let (office, clock) = (Office::new(), clock());
    let issuer = TestIssuer::new(office.url(), super::world::AUDIENCE).format(Format::Paseto);
    office.publish(METADATA, metadata(office.url(), &office));
    office.publish("/paserk.json", Reply::ok(issuer.key_document()));
    let verifier = verifier(office.url(), &clock).format(Format::Paseto);
    let follower = start(&verifier);
    follower.wait_ready(DEADLINE).await.unwrap();
    verifier.verify(&issuer.token().sign(), clock.now()).unwrap();
    assert_eq!((office.asked("/paserk.json"), office.asked_for_keys()), (1, 0));
}

#[tokio::test]
async fn r_5_6_another_issuer_in_the_metadata_is_a_mistake_that_shows_both_names() {
    let (office, clock) = (Office::new(), clock());
    let (configured, published) = (office.url().to_owned(), format!("{}/", office.url()));
    office.publish(METADATA, metadata(&published, &office));
    office.publish_keys(keys_of(&[1]));
    let verifier = verifier(&configured, &clock);
    let told = Arc::<Mutex<Vec<Notice>>>::default();
    let notices = Arc::clone(&told);
    let settings =
        settings(KeysFrom::Discovery).on_notice(move |notice| notices.lock().unwrap().push(notice.clone()));
    let follower = Follower::start(&verifier, settings).unwrap();
    let NotReady::Setup(fault) = follower.wait_ready(DEADLINE).await.unwrap_err() else {
        panic!("asking again does not help");
    };
    assert_eq!(fault.reason(), "issuer_mismatch");
    let message = fault.to_string();
    assert!(message.contains(&format!("\"{configured}\"")), "{message}");
    assert!(message.contains(&format!("\"{published}\"")), "{message}");
    assert_eq!(*told.lock().unwrap(), [Notice::Setup(fault)]);
    assert_eq!(office.asked_for_keys(), 0);

    // It is not asked every second, and heals without a restart.
    clock.advance(Duration::from_mins(1));
    follower.poll_once().await;
    assert_eq!(office.asked(METADATA), 1);
    office.publish(METADATA, metadata(&configured, &office));
    clock.advance(Duration::from_mins(4));
    follower.poll_once().await;
    assert!(follower.ready());
}

#[tokio::test]
async fn r_5_6_metadata_that_leads_nowhere_is_refused() {
    for (what, body, reason) in [
        ("no address", json!({ "issuer": "ISSUER" }), "no_key_address"),
        ("plain http", json!({ "issuer": "ISSUER", "jwks_uri": "http://10.0.0.1/keys" }), "bad_key_address"),
        (
            "other scheme",
            json!({ "issuer": "ISSUER", "jwks_uri": "https://127.0.0.1/keys" }),
            "bad_key_address",
        ),
        ("a file", json!({ "issuer": "ISSUER", "jwks_uri": "file:///etc/keys" }), "bad_key_address"),
        ("relative", json!({ "issuer": "ISSUER", "jwks_uri": "/keys.json" }), "bad_key_address"),
        ("no issuer", json!({ "jwks_uri": "http://127.0.0.1/keys" }), "bad_metadata"),
        ("no text", json!({ "issuer": 1, "jwks_uri": "http://127.0.0.1/keys" }), "bad_metadata"),
        ("a list", json!([]), "bad_metadata"),
    ] {
        let (office, clock) = (Office::new(), clock());
        office.publish(METADATA, Reply::ok(body.to_string().replace("ISSUER", office.url())));
        let follower = start(&verifier(office.url(), &clock));
        follower.poll_once().await;
        assert_eq!(follower.status().last_failure.unwrap().fault.reason(), reason, "{what}");
    }
}

#[tokio::test]
async fn an_issuer_that_moves_its_keys_is_followed_within_a_day() {
    let (office, clock) = (Office::new(), clock());
    office.publish(METADATA, metadata(office.url(), &office));
    office.publish_keys(keys_of(&[1]));
    let follower = start(&verifier(office.url(), &clock));
    follower.wait_ready(DEADLINE).await.unwrap();
    let moved = json!({ "issuer": office.url(), "jwks_uri": format!("{}/moved.json", office.url()) });
    office.publish(METADATA, Reply::ok(moved.to_string()));
    office.publish("/moved.json", keys_of(&[2]));
    let mut passed = Duration::ZERO;
    while passed < DAY + INTERVAL {
        clock.advance(INTERVAL);
        passed += INTERVAL;
        follower.poll_once().await;
    }
    let kids: Vec<String> = follower.status().keys.iter().map(|key| key.kid.to_string()).collect();
    assert_eq!(kids, [super::world::issuer().key_number(2).kid()]);
}

#[tokio::test]
async fn keys_that_moved_are_found_at_once_when_the_old_address_fails() {
    let (office, clock) = (Office::new(), clock());
    office.publish(METADATA, metadata(office.url(), &office));
    office.publish_keys(keys_of(&[1]));
    let follower = start(&verifier(office.url(), &clock));
    follower.wait_ready(DEADLINE).await.unwrap();
    let moved = json!({ "issuer": office.url(), "jwks_uri": format!("{}/moved.json", office.url()) });
    office.publish(METADATA, Reply::ok(moved.to_string()));
    office.publish("/moved.json", keys_of(&[2]));
    office.publish_keys(Reply::status(410));
    clock.advance(INTERVAL);
    follower.poll_once().await;
    clock.advance(Duration::from_secs(1));
    follower.poll_once().await;
    assert_eq!(follower.status().last_failure, None);
    assert_eq!(office.asked("/moved.json"), 1);
}

#[tokio::test]
async fn metadata_that_fails_does_not_stop_the_refresh_of_keys() {
    let (office, clock) = (Office::new(), clock());
    office.publish(METADATA, metadata(office.url(), &office));
    office.publish_keys(keys_of(&[1]));
    let follower = start(&verifier(office.url(), &clock));
    follower.wait_ready(DEADLINE).await.unwrap();
    office.publish(METADATA, Reply::status(500));
    let mut passed = Duration::ZERO;
    while passed < DAY * 2 {
        clock.advance(INTERVAL);
        passed += INTERVAL;
        follower.poll_once().await;
    }
    assert!(office.asked(METADATA) > 1);
    let status = follower.status();
    assert_eq!((status.last_failure, status.age), (None, Some(Duration::ZERO)));
}
