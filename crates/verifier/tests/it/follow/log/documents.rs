//! Documents that are not in order, old, or of somebody else.

use super::world::{HOUR, RETRY, World};
use crate::follow::office::{DELTA, LOG_KEYS, Reply, SNAPSHOT};
use crate::follow::world::{AUDIENCE, issuer};
use chancery_verifier::Freshness;
use chancery_verifier::follow::{FetchFault, LogKeysFrom, Notice};
use chancery_verifier::revocation_log::Outcome;
use chancery_verifier::testing::TestIssuer;
use std::time::Duration;

/// A world in which token 1 is revoked and known to be.
async fn revoked() -> (World, String) {
    let world = World::new().await;
    let token = world.token(1);
    world.revoke(&token);
    world.follower.poll_once().await;
    assert_eq!(world.said(&token), "revoked");
    (world, token)
}

#[tokio::test]
async fn r50_no_document_from_anywhere_revives_a_token() {
    let (world, token) = revoked().await;
    let empty = issuer().log();
    let after = empty.position().sequence;
    let later = empty.clone().at(world.clock_later(Duration::from_secs(100)));
    let foreign = TestIssuer::new("https://other.example.com", AUDIENCE).log();
    let (good, beat) = (world.office_delta().await, empty.delta(after).unwrap());
    let half = good[..good.len() / 2].to_owned();
    for (what, text, reason) in [
        ("replayed", beat.clone(), "document_older"),
        ("of a store that went back", later.delta(after).unwrap(), "log_went_back"),
        (
            "of another issuer",
            foreign.delta(foreign.position().sequence).unwrap(),
            "document_issuer_mismatch",
        ),
        ("under another key", empty.clone().key_number(7).snapshot(), "document_key_unknown"),
        ("cut off", half, "segment_count"),
        ("a token", token.clone(), "document_kind"),
        ("nothing", String::new(), "segment_count"),
    ] {
        world.office.publish(DELTA, Reply::ok(text));
        // Longer than clocks may differ, and than any retry waits.
        world.pass(Duration::from_secs(70)).await;
        assert_eq!(world.last_reason(), Some(reason), "{what}");
        assert_eq!(world.said(&token), "revoked", "{what}");
    }
    world.office.withdraw(DELTA);
    world.pass(RETRY).await;
    assert_eq!(world.last_reason(), None);
    assert!(matches!(world.alarms().as_slice(), [Outcome::WentBack { .. }]), "{:?}", world.alarms());
    assert_eq!((world.said(&token), world.said(&world.token(2))), ("revoked", "ok"));
}

#[tokio::test]
async fn a_place_that_is_forgotten_is_answered_with_a_snapshot() {
    let world = World::new().await;
    let token = world.token(1);
    world.revoke(&token);
    world.office.publish(DELTA, Reply::status(410));
    world.follower.poll_once().await;
    assert_eq!((world.said(&token), world.office.asked(SNAPSHOT)), ("revoked", 2));
    // An issuer that forgets everything at once is not asked for snapshots in a loop.
    for _ in 0..50 {
        world.follower.poll_once().await;
    }
    assert!(world.office.asked(SNAPSHOT) <= 4, "{}", world.office.asked(SNAPSHOT));
    world.office.withdraw(DELTA);
    world.pass(RETRY).await;
    assert_eq!(world.last_reason(), None);
}

#[tokio::test]
async fn an_issuer_that_is_behind_raises_an_alarm_and_changes_nothing() {
    let (world, token) = revoked().await;
    world.office.publish(DELTA, Reply::status(409));
    for _ in 0..3 {
        world.pass(RETRY).await;
    }
    assert_eq!(world.last_reason(), Some("issuer_behind"));
    let notices = world.notices.lock().unwrap().clone();
    assert!(
        matches!(notices.as_slice(), [Notice::LogRefused(FetchFault::IssuerBehind { .. })]),
        "{notices:?}"
    );
    assert_eq!((world.said(&token), world.status().age), ("revoked", Some(RETRY * 3)));
}

#[tokio::test]
async fn a_new_key_of_the_log_is_fetched_when_a_document_names_it() {
    let world = World::new().await;
    let token = world.token(1);
    world.office.change_log(|log| *log = log.clone().key_number(120));
    world.revoke(&token);
    world.follower.poll_once().await;
    assert_eq!(world.last_reason(), Some("document_key_unknown"));
    world.pass(RETRY).await;
    assert_eq!((world.last_reason(), world.said(&token)), (None, "revoked"));
    assert_eq!(world.office.asked(LOG_KEYS), 2);
}

#[tokio::test]
async fn keys_that_are_pinned_are_believed_and_no_others() {
    let pinned = issuer().log().keys();
    let world = World::with(Freshness::MaxStaleness(HOUR), |settings| {
        settings.log_keys_from(LogKeysFrom::Pinned(pinned))
    })
    .await;
    world.office.change_log(|log| *log = log.clone().key_number(120));
    for _ in 0..3 {
        world.pass(RETRY).await;
        assert_eq!(world.last_reason(), Some("document_key_unknown"));
    }
    assert_eq!(world.office.asked(LOG_KEYS), 0);
}

#[tokio::test]
async fn a_log_under_a_key_of_tokens_is_not_followed() {
    let clock = crate::follow::world::clock();
    let office = super::world::office(&clock);
    office.publish_log(issuer().log().key_number(1), &clock);
    let world = World::started(office, clock, Freshness::MaxStaleness(HOUR), |settings| settings);
    world.follower.poll_once().await;
    // Which of the two tasks was first does not matter in the end.
    world.pass(Duration::from_mins(5)).await;
    assert_eq!(world.last_reason(), Some("revocation_key_shared"));
    assert!(!world.follower.ready());
}

#[tokio::test]
async fn another_log_is_merged_and_what_was_revoked_stays_so() {
    let (world, token) = revoked().await;
    world.office.change_log(|log| *log = log.clone().lost());
    let other = world.token(2);
    world.revoke(&other);
    world.pass(RETRY).await;
    assert!(matches!(world.alarms().as_slice(), [Outcome::MergedAnotherLog { .. }]), "{:?}", world.alarms());
    let fresh =
        issuer().token().number(3).claim("rvs", world.status().position.unwrap().sequence.get()).sign();
    assert_eq!([&token, &other, &fresh].map(|token| world.said(token)), ["revoked", "revoked", "ok"]);
    assert_eq!((world.status().alarms, world.last_reason()), (1, None));
}

impl World {
    fn clock_later(&self, span: Duration) -> chancery_verifier::UnixTime {
        use chancery_verifier::clock::Clock as _;
        self.clock.now().plus(span)
    }

    /// A delta as the office would give it.
    async fn office_delta(&self) -> String {
        let position = self.status().position.unwrap();
        let url =
            format!("{}{DELTA}?log={}&after={}&wait=0", self.office.url(), position.log, position.sequence);
        reqwest::get(url).await.unwrap().text().await.unwrap()
    }
}
