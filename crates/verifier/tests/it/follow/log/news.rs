//! Revocations reach the verifier.

use super::world::{HOUR, World, office, settings, verifier};
use crate::follow::office::{DEADLINE, DELTA, LOG_KEYS, SNAPSHOT};
use crate::follow::world::clock;
use chancery_verifier::Freshness;
use chancery_verifier::follow::{DiskState, Follower, LogStanding};
use std::time::Duration;

#[tokio::test]
async fn r_3_3_a_revocation_reaches_a_verifier_whose_question_is_held() {
    let world = World::new().await;
    let [stolen, sister] = [1, 2].map(|number| world.token(number));
    assert_eq!([world.said(&stolen), world.said(&sister)], ["ok", "ok"]);
    // Somebody has to hold a question: time passes for the follower, and it asks again.
    world.clock.advance(Duration::from_secs(1));
    world.follower.poll_once().await;
    world.clock.advance(Duration::from_secs(1));
    world.until(|world| world.office.last_query().ends_with("wait=25")).await;
    world.revoke(&stolen);
    world.until(|world| world.said(&stolen) == "revoked").await;
    assert_eq!(world.said(&sister), "ok");
    let status = world.status();
    assert_eq!((status.ids, status.alarms, &status.last_failure), (1, 0, &None));
    assert!(status.outcomes["advanced"] >= 1, "{status:?}");
    assert_eq!(world.office.asked(SNAPSHOT), 1);
}

#[tokio::test]
async fn r_3_3_no_request_is_made_for_a_token() {
    let world = World::new().await;
    world.follower.poll_once().await;
    let asked = [DELTA, SNAPSHOT, LOG_KEYS].map(|path| world.office.asked(path));
    for number in 0..1000 {
        world.verifier.verify_now(&world.token(number)).await.unwrap();
    }
    assert_eq!([DELTA, SNAPSHOT, LOG_KEYS].map(|path| world.office.asked(path)), asked);
}

#[tokio::test]
async fn a_heartbeat_keeps_what_is_known_young() {
    let world = World::new().await;
    let token = world.token(1);
    for _ in 0..5 {
        world.pass(Duration::from_mins(50)).await;
        assert_eq!(world.status().age, Some(Duration::ZERO));
    }
    assert_eq!(world.status().standing, LogStanding::Fresh);
    assert!(world.status().outcomes["heartbeat"] >= 5);
    assert_eq!(world.said(&world.token(2)), "ok");
    assert_eq!(world.said(&token), "expired");
    assert_eq!(world.office.asked(SNAPSHOT), 1);
}

#[tokio::test]
async fn a_thousand_entries_come_in_one_answer() {
    let world = World::new().await;
    let tokens: Vec<String> = (0..1000).map(|number| world.token(number)).collect();
    world.office.change_log(|log| {
        for token in &tokens {
            log.revoke_token(token);
        }
    });
    world.follower.poll_once().await;
    assert!(tokens.iter().all(|token| world.said(token) == "revoked"));
    assert_eq!(world.said(&world.token(1000)), "ok");
    assert_eq!(world.status().outcomes["advanced"], 1);
}

#[tokio::test]
async fn r_3_5_the_first_start_is_closed_until_the_first_snapshot() {
    let clock = clock();
    let office = office(&clock);
    office.hold();
    let world = World::started(office, clock, Freshness::MaxStaleness(HOUR), |settings| settings);
    world.verifier.install_keys(crate::follow::world::issuer().keys()).unwrap();
    assert_eq!(world.said(&world.token(1)), "revocation_never_heard");
    assert!(!world.follower.ready());
    assert_eq!(world.status().standing, LogStanding::Unheard);
    world.office.release();
    world.follower.wait_ready(DEADLINE).await.unwrap();
    assert_eq!(world.said(&world.token(1)), "ok");
}

#[tokio::test]
async fn heartbeats_come_as_often_as_the_strictest_route_needs() {
    let clock = clock();
    let office = office(&clock);
    let verifier = verifier(Freshness::MaxStaleness(HOUR), &clock);
    let _delete = verifier.at_most(Duration::from_secs(5)).unwrap();
    let _follower = Follower::start(&verifier, settings(&office, DiskState::Nowhere)).unwrap();
    office.until_asked(DELTA, 1).await;
    assert!(office.last_query().ends_with("&wait=2"), "{}", office.last_query());
}

#[tokio::test]
async fn an_answer_that_comes_at_once_is_not_asked_for_in_a_loop() {
    let world = World::new().await;
    let beat = crate::follow::world::issuer().log();
    let cached = beat.delta(beat.position().sequence).unwrap();
    world.office.publish(DELTA, crate::follow::office::Reply::ok(cached));
    world.follower.poll_once().await;
    let asked = world.office.asked(DELTA);
    for _ in 0..20 {
        // Time stands: only whoever looks has it ask.
        world.follower.poll_once().await;
    }
    assert_eq!(world.office.asked(DELTA), asked + 20);
    assert_eq!(world.last_reason(), None);
}
