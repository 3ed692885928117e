//! Followers that do not start.

use super::world::{ISSUER, clock, settings, verifier};
use chancery_verifier::follow::{
    DiskState, FollowSettings, Follower, InvalidFollow, KeysFrom, LONGEST_MAX_STALE,
};
use std::time::Duration;

fn refused(issuer: &str, settings: FollowSettings) -> InvalidFollow {
    Follower::start(&verifier(issuer, &clock()), settings).expect_err("it does not start")
}

#[tokio::test]
async fn r_1_6_no_setting_makes_keys_live_for_ever() {
    let over = LONGEST_MAX_STALE + Duration::from_secs(1);
    let why = refused(ISSUER, settings(KeysFrom::Discovery).max_stale(over));
    assert_eq!(why, InvalidFollow::MaxStale { given: over });
    assert!(why.to_string().contains("604800"), "{why}");
    let verifier = verifier(ISSUER, &clock());
    Follower::start(&verifier, settings(KeysFrom::Discovery).max_stale(LONGEST_MAX_STALE)).unwrap();
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    for (settings, reason) in [
        (settings(KeysFrom::Discovery).max_stale(Duration::ZERO), "max_stale_out_of_bounds"),
        (settings(KeysFrom::Discovery).cooldown(Duration::ZERO), "cooldown_too_short"),
        (settings(KeysFrom::Discovery).total_timeout(Duration::ZERO), "zero_timeout"),
        (settings(KeysFrom::Discovery).connect_timeout(Duration::ZERO), "zero_timeout"),
        (settings(KeysFrom::Url("http://keys.example.com/jwks".into())), "invalid_key_url"),
        (settings(KeysFrom::Url("keys.json".into())), "invalid_key_url"),
    ] {
        assert_eq!(refused(ISSUER, settings).reason(), reason);
    }
    assert_eq!(refused("http://auth.example.com", settings(KeysFrom::Discovery)).reason(), "invalid_issuer");
    assert_eq!(refused("our issuer", settings(KeysFrom::Discovery)).reason(), "invalid_issuer");
}

#[tokio::test]
async fn a_password_in_the_address_is_refused_and_not_shown() {
    let why = refused(ISSUER, settings(KeysFrom::Url("https://me:hunter2@keys.example.com/jwks".into())));
    assert_eq!(why.reason(), "invalid_key_url");
    assert!(!format!("{why} {why:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_verifier_has_one_follower() {
    let verifier = verifier(ISSUER, &clock());
    let _first = Follower::start(&verifier, settings(KeysFrom::Discovery)).unwrap();
    let second = Follower::start(&verifier.clone(), settings(KeysFrom::Discovery));
    assert_eq!(second.unwrap_err(), InvalidFollow::AlreadyFollowed);
}

#[test]
fn a_follower_outside_of_a_runtime_says_what_is_missing() {
    let settings = FollowSettings::new(KeysFrom::Discovery, DiskState::Nowhere);
    assert_eq!(refused(ISSUER, settings), InvalidFollow::NoRuntime);
}
