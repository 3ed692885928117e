//! From the issuer's name to its log.

use super::world::HOUR;
use crate::follow::office::{DEADLINE, DELTA, LOG_KEYS, Office, Reply, SNAPSHOT};
use crate::follow::world::{AUDIENCE, clock, keys_of};
use chancery_verifier::clock::{Clock, FixedClock};
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom, NotReady};
use chancery_verifier::testing::TestIssuer;
use chancery_verifier::{Freshness, Revocation, Verifier};
use serde_json::{Value, json};
use std::sync::Arc;

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// What is wrong with the metadata of one case.
type Change = Box<dyn Fn(&mut Value)>;

fn metadata(office: &Office) -> Value {
    let at = |path: &str| format!("{}{path}", office.url());
    json!({
        "issuer": office.url(),
        "jwks_uri": office.keys_url(),
        "revocation_snapshot_uri": at(SNAPSHOT),
        "revocation_delta_uri": at(DELTA),
        "revocation_keys_uri": at(LOG_KEYS),
    })
}

fn started(office: &Office, clock: &Arc<FixedClock>) -> (Verifier, Follower) {
    let policy = Revocation::Follow(Freshness::MaxStaleness(HOUR));
    let shared: Arc<dyn Clock> = clock.clone();
    let verifier = Verifier::new(office.url(), AUDIENCE, policy).unwrap().clock(shared);
    let settings = FollowSettings::new(KeysFrom::Discovery, DiskState::Nowhere);
    let follower = Follower::start(&verifier, settings).unwrap();
    (verifier, follower)
}

#[tokio::test]
async fn the_log_is_found_through_the_issuers_metadata() {
    let (office, clock) = (Office::new(), clock());
    let issuer = TestIssuer::new(office.url(), AUDIENCE);
    office.publish(METADATA, Reply::ok(metadata(&office).to_string()));
    office.publish_keys(keys_of(&[1]));
    office.publish_log(issuer.log(), &clock);
    let (verifier, follower) = started(&office, &clock);
    follower.wait_ready(DEADLINE).await.unwrap();
    let token = issuer.token().sign();
    verifier.verify(&token, clock.now()).unwrap();
    office.change_log(|log| {
        log.revoke_token(&token);
    });
    follower.poll_once().await;
    assert_eq!(verifier.verify(&token, clock.now()).unwrap_err().reason(), "revoked");
    assert_eq!(office.asked(METADATA), 2, "once for the keys, once for the log");
}

#[tokio::test]
async fn r_5_6_metadata_that_leads_to_no_log_is_a_mistake_of_the_setup() {
    let drop = |member: &'static str| {
        move |metadata: &mut Value| drop(metadata.as_object_mut().unwrap().remove(member))
    };
    let set = |member: &'static str, value: &'static str| {
        move |metadata: &mut Value| metadata[member] = value.into()
    };
    let changes: [(&str, Change); 5] = [
        ("no_log_address", Box::new(drop("revocation_snapshot_uri"))),
        ("no_log_address", Box::new(drop("revocation_delta_uri"))),
        ("no_log_address", Box::new(drop("revocation_keys_uri"))),
        ("bad_log_address", Box::new(set("revocation_delta_uri", "http://log.example.com/d"))),
        // Whoever names the keys decides what is believed.
        ("bad_log_address", Box::new(set("revocation_keys_uri", "http://127.0.0.1:1/keys"))),
    ];
    for (reason, change) in changes {
        let (office, clock) = (Office::new(), clock());
        let mut document = metadata(&office);
        change(&mut document);
        office.publish(METADATA, Reply::ok(document.to_string()));
        office.publish_keys(keys_of(&[1]));
        office.publish_log(TestIssuer::new(office.url(), AUDIENCE).log(), &clock);
        let (_, follower) = started(&office, &clock);
        let NotReady::Setup(fault) = follower.wait_ready(DEADLINE).await.unwrap_err() else {
            panic!("asking again does not help");
        };
        assert_eq!(fault.reason(), reason, "{fault}");
        assert_eq!(office.asked(LOG_KEYS), 0);
    }
}
