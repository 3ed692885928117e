//! Verifiers that say who they are.

use super::world::{HOUR, World, settings, verifier};
use crate::follow::office::{DEADLINE, DELTA, Introduced, LOG_KEYS, Office};
use crate::follow::world::{AUDIENCE, clock, keys_of};
use chancery_verifier::clock::{Clock, FixedClock};
use chancery_verifier::follow::{
    Credentials, DiskState, FollowSettings, Follower, Introduction, KeysFrom, LogFrom, LogKeysFrom, Notice,
    Receipts, ShownTo, VerifierName,
};
use chancery_verifier::revocation_log::Kill;
use chancery_verifier::testing::TestIssuer;
use chancery_verifier::{Freshness, Revocation, Verifier};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// `invoices:a%2Bb+c%3A%2F`: encoded as in a form, then as RFC 7617 has it.
const BASIC: &str = "Basic aW52b2ljZXM6YSUyQmIrYyUzQSUyRg==";
const SECRET: &str = "a+b c:/";

fn named() -> Introduction {
    Introduction::new(VerifierName::parse("invoices-1").unwrap())
}

fn registered() -> Introduction {
    named().credentials(Credentials::new("invoices".parse().unwrap(), SECRET))
}

fn both() -> Introduced {
    (Some("invoices-1".to_owned()), Some(BASIC.to_owned()))
}

/// A follower whose issuer is the office itself.
fn followed(
    office: &Office,
    clock: &Arc<FixedClock>,
    introduction: Introduction,
    notices: &Arc<Mutex<Vec<Notice>>>,
) -> Follower {
    let (shared, told): (Arc<dyn Clock>, _) = (clock.clone(), Arc::clone(notices));
    let policy = Revocation::Follow(Freshness::MaxStaleness(HOUR));
    let verifier = Verifier::new(office.url(), AUDIENCE, policy).unwrap().clock(shared);
    let settings = FollowSettings::new(KeysFrom::Url(office.keys_url()), DiskState::Nowhere)
        .log_from(LogFrom::Urls(vec![office.url().to_owned()]))
        .log_keys_from(LogKeysFrom::Url(format!("{}{LOG_KEYS}", office.url())))
        .introduce(introduction)
        .on_notice(move |notice| told.lock().unwrap().push(notice.clone()));
    Follower::start(&verifier, settings).unwrap()
}

fn office(clock: &Arc<FixedClock>) -> Office {
    let office = Office::new();
    office.publish_keys(keys_of(&[1]));
    office.publish_log(TestIssuer::new(office.url(), AUDIENCE).log(), clock);
    office
}

#[tokio::test]
async fn the_issuer_is_told_the_name_and_shown_the_credentials_with_every_poll() {
    let clock = clock();
    let office = office(&clock);
    let follower = followed(&office, &clock, registered(), &Arc::default());
    follower.wait_ready(DEADLINE).await.unwrap();
    clock.advance(Duration::from_secs(1));
    follower.poll_once().await;
    office.until_asked(DELTA, 2).await;
    assert!(office.introduced().iter().all(|introduced| *introduced == both()), "{:?}", office.introduced());
    assert_eq!(follower.status().log.unwrap().receipts, Receipts::Named);
}

#[tokio::test]
async fn a_name_alone_is_told_without_credentials() {
    let clock = clock();
    let office = office(&clock);
    let follower = followed(&office, &clock, named(), &Arc::default());
    office.until_asked(DELTA, 1).await;
    assert_eq!(office.introduced()[0], (Some("invoices-1".to_owned()), None));
    assert_eq!(follower.status().log.unwrap().receipts, Receipts::Anonymous);
}

#[tokio::test]
async fn r_3_4_credentials_that_are_refused_keep_no_news_away() {
    let clock = clock();
    let (office, notices) = (office(&clock), Arc::default());
    office.refuse_credentials();
    let follower = followed(&office, &clock, registered(), &notices);
    follower.wait_ready(DEADLINE).await.unwrap();
    office.until_asked(DELTA, 2).await;
    assert_eq!(office.introduced()[..2], [both(), (None, None)]);
    office.change_log(|log| {
        log.revoke(Kill::subject(&"user:mallory".parse().unwrap(), clock.now().plus(HOUR)));
    });
    clock.advance(Duration::from_secs(1));
    follower.poll_once().await;
    let status = follower.status().log.unwrap();
    assert_eq!((status.names, status.receipts), (1, Receipts::Refused));
    assert_eq!((status.failures["credentials_refused"], status.last_failure), (1, None));
    let told = notices.lock().unwrap().clone();
    assert!(
        matches!(&told[..], [Notice::Setup(fault)] if fault.reason() == "credentials_refused"),
        "{told:?}"
    );
    assert!(!format!("{told:?}").contains(SECRET));
    // Shown again after a while, for the issuer's side may have been mended.
    office.withdraw("strangers");
    let asked = office.introduced().len();
    clock.advance(Duration::from_mins(10));
    follower.poll_once().await;
    assert!(office.introduced()[asked..].contains(&both()), "{:?}", office.introduced());
    assert_eq!(follower.status().log.unwrap().receipts, Receipts::Named);
}

#[tokio::test]
async fn places_that_are_not_the_issuers_learn_neither_name_nor_secret() {
    // The issuer of this world is at another address than its office.
    let world = World::with(Freshness::MaxStaleness(HOUR), |settings| settings.introduce(named())).await;
    world.office.until_asked(DELTA, 1).await;
    assert_eq!(world.office.introduced()[0], (None, None));
    let clock = clock();
    let refused = Follower::start(
        &verifier(Freshness::MaxStaleness(HOUR), &clock),
        settings(&world.office, DiskState::Nowhere).introduce(registered()),
    );
    let why = refused.unwrap_err();
    assert_eq!(why.reason(), "credentials_for_nobody", "{why}");
}

#[tokio::test]
async fn every_place_is_told_where_that_is_said() {
    let introduction = registered().shown_to(ShownTo::EveryPlace);
    let world = World::with(Freshness::MaxStaleness(HOUR), |settings| settings.introduce(introduction)).await;
    world.office.until_asked(DELTA, 1).await;
    assert_eq!(world.office.introduced()[0], both());
}
