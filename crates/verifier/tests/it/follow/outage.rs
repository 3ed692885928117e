//! Issuers that are away: at the start, for hours, for good.

use super::office::{ClosedOffice, DEADLINE, KEYS, Office, Reply};
use super::world::{AUDIENCE, INTERVAL, ISSUER, World, clock, issuer, keys_of, reason, settings, verifier};
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::follow::{Follower, KeysFrom, NotReady, Notice, Standing};
use chancery_verifier::{Revocation, Verifier};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
/// No retry waits longer.
const RETRY: Duration = Duration::from_mins(1);

#[tokio::test]
async fn r_1_6_keys_outlive_their_issuer_for_half_a_day_and_no_longer() {
    let mut world = World::new().await;
    let end = world.clock.now().plus(12 * HOUR);
    world.office.close();
    world.pass(INTERVAL).await;
    assert_eq!(world.follower.status().standing, Standing::Fresh, "within the lifetime nothing is amiss");
    assert_eq!(world.last_reason(), Some("unreachable"));

    let age = (12 * HOUR).saturating_sub(RETRY);
    world.pass(age.saturating_sub(INTERVAL)).await;
    assert_eq!(world.follower.status().standing, Standing::Stale);
    assert_eq!(world.follower.status().age, Some(age));
    assert!(world.follower.ready());
    world.verify(&world.token(1)).unwrap();
    assert_eq!(*world.notices.lock().unwrap(), [Notice::Stale { age, good_until: end }]);

    // The verifier ends them by itself, before the follower has looked.
    world.clock.advance(RETRY);
    assert_eq!(reason(world.verify(&world.token(1))), "keys_unavailable");
    assert!(!world.follower.ready());
    world.follower.poll_once().await;
    assert_eq!(reason(world.verify(&world.token(1))), "keys_unavailable");
    assert_eq!(world.follower.status().standing, Standing::Absent);
    assert_eq!(world.notices.lock().unwrap().last(), Some(&Notice::Expired));
}

#[tokio::test]
async fn r_1_6_a_clock_that_is_set_back_keeps_no_key_alive() {
    let world = World::new().await;
    let start = world.clock.now();
    world.office.publish_keys(Reply::status(503));
    world.clock.advance(12 * HOUR);
    world.clock.jump(start);
    world.follower.poll_once().await;
    assert_eq!(reason(world.verify(&world.token(1))), "keys_unavailable");
}

#[tokio::test]
async fn r_1_6_a_clock_that_jumps_ahead_is_healed_by_the_next_token() {
    let world = World::new().await;
    world.clock.jump(world.clock.now().plus(13 * HOUR));
    assert_eq!(reason(world.verify(&world.token(1))), "keys_unavailable");
    world.verifier.verify_now(&world.token(1)).await.unwrap();
    assert_eq!(world.office.asked_for_keys(), 2);
}

#[tokio::test]
async fn r_1_6_good_news_is_told_after_bad() {
    let world = World::new().await;
    world.office.publish_keys(Reply::status(503));
    world.pass(HOUR).await;
    world.pass(RETRY).await;
    world.office.publish_keys(keys_of(&[1]));
    world.pass(RETRY).await;
    let told = world.notices.lock().unwrap().clone();
    assert!(matches!(told.as_slice(), [Notice::Stale { .. }, Notice::Recovered]), "{told:?}");
    world.pass(INTERVAL).await;
    assert_eq!(world.notices.lock().unwrap().len(), 2, "and told once");
}

#[tokio::test]
async fn r_1_10_it_starts_with_the_issuer_unreachable_and_recovers() {
    let closed = ClosedOffice::new();
    let clock = clock();
    let verifier = verifier(ISSUER, &clock);
    let keys_url = format!("{}{KEYS}", closed.url());
    let follower = Follower::start(&verifier, settings(KeysFrom::Url(keys_url))).unwrap();
    assert!(!follower.ready());
    follower.poll_once().await;
    let NotReady::Late { last: Some(last), .. } = follower.wait_ready(Duration::ZERO).await.unwrap_err()
    else {
        panic!("nobody answers, which may pass");
    };
    assert_eq!(last.reason(), "unreachable");
    let token = issuer().token().sign();
    assert_eq!(reason(verifier.verify(&token, clock.now())), "keys_unavailable");

    let office = closed.open();
    office.publish_keys(keys_of(&[1]));
    clock.advance(Duration::from_secs(1));
    follower.poll_once().await;
    assert!(follower.ready());
    verifier.verify(&token, clock.now()).unwrap();
}

#[tokio::test]
async fn r_1_10_it_recovers_on_its_own_in_real_time() {
    let closed = ClosedOffice::new();
    let clock = SystemClock::new();
    let verifier = Verifier::new(ISSUER, AUDIENCE, Revocation::Ignore { reason: "a test" }).unwrap();
    let keys_url = format!("{}{KEYS}", closed.url());
    let follower = Follower::start(&verifier, settings(KeysFrom::Url(keys_url))).unwrap();
    follower.poll_once().await;
    assert!(follower.status().fetches.failed >= 1);
    let office = closed.open();
    office.publish_keys(keys_of(&[1]));
    follower.wait_ready(DEADLINE).await.unwrap();
    verifier.verify_now(&issuer().at(clock.now()).token().sign()).await.unwrap();
}

#[tokio::test]
async fn r_1_11_an_issuer_that_fails_does_not_hold_up_another() {
    let good = World::new().await;
    let hanging = Office::new();
    hanging.hold();
    let other = verifier("https://other.example.com", &good.clock);
    let _other = Follower::start(&other, settings(KeysFrom::Url(hanging.keys_url()))).unwrap();
    hanging.until_asked_for_keys(1).await;
    for fetches in 2..12 {
        good.pass(INTERVAL).await;
        assert_eq!(good.office.asked_for_keys(), fetches);
    }
    good.verify(&good.token(1)).unwrap();
    assert_eq!(good.follower.status().last_failure, None);
}
