//! A clock that is wrong for a while stops what rests on it, and nothing else; once it is right, all goes on.

use crate::world::{NOW, RETENTION, World, at, client, every_row, later, token};
use chancery_issuer::revocation::{Journaling, LogFault, LogSettings, LogState, RevocationLog, SKEW};
use chancery_revocation::{Moment, Sequence};
use chancery_token::UnixTime;
use std::time::Duration;

const HOURS: Duration = Duration::from_hours(3);

/// What the wall clock shows when so many minutes have passed since the start.
fn shown(wall: UnixTime, minutes: u64) -> Moment {
    Moment { wall, ..at(later(minutes)) }
}

/// Half an hour in which an entry comes every minute.
async fn half_an_hour(log: &RevocationLog) {
    for minute in 0..=30 {
        log.append(&[token(minute)]).await.unwrap();
        log.look(at(later(minute))).await.unwrap();
    }
}

async fn kept_floor(world: &World) -> Sequence {
    world.beside().log().await.unwrap().unwrap().floor
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_for_a_second_moves_nothing() {
    let world = World::new().await;
    let (log, other) = (world.log().await, world.log_beside().await);
    half_an_hour(&log).await;
    log.trim(at(later(30))).await.unwrap();
    let (floor, marks) = (log.current().floor(), log.current().marks().collect::<Vec<_>>());
    let (kept, rows) = (kept_floor(&world).await, every_row(&*world.store).await);

    let leapt = shown(later(30).plus(HOURS), 30);
    for _ in 0..3 {
        assert_eq!(log.look(leapt).await.unwrap_err().reason(), "clock_jumped");
        assert_eq!(log.trim(leapt).await.unwrap_err().reason(), "clock_jumped");
    }
    let state = log.state(leapt);
    assert_eq!((state.as_str(), state.fault().map(LogFault::reason)), ("unconfirmed", Some("clock_jumped")));
    assert_eq!(log.confirmed_at(), later(30), "no document is from the future");
    assert_eq!((log.current().floor(), log.current().marks().collect::<Vec<_>>()), (floor, marks));
    assert_eq!((kept_floor(&world).await, every_row(&*world.store).await), (kept, rows));

    log.look(at(later(31))).await.unwrap();
    assert_eq!((log.state(at(later(31))), log.confirmed_at()), (LogState::Following, later(31)));
    log.trim(at(later(31))).await.unwrap();
    assert!(log.may_issue(at(later(41))).is_ok(), "it counts from the last look");
    assert!(log.may_issue(at(later(42))).is_err(), "and a leap that is over makes nobody see for longer");
    drop(other);
}

#[tokio::test]
async fn what_is_revoked_while_the_clock_is_wrong_is_revoked() {
    let world = World::new().await;
    let (log, other) = (world.log().await, world.log_beside().await);
    log.look(at(NOW)).await.unwrap();
    let leapt = shown(NOW.plus(HOURS), 1);
    other.append(&[client("bot")]).await.unwrap();
    log.look(leapt).await.unwrap_err();
    assert_eq!(log.current().position(), other.current().position(), "what others revoke is applied");
    log.append(&[token(1)]).await.unwrap();
    assert!(log.may_issue(leapt).is_err(), "what would be issued is from the future");
}

#[tokio::test]
async fn a_clock_that_stays_where_it_leapt_to_is_believed_after_a_minute_and_by_a_start_at_once() {
    let world = World::new().await;
    let log = world.log().await;
    log.look(at(NOW)).await.unwrap();
    // As on a machine that slept: one clock went on, and the other stood still.
    let woke = shown(later(1).plus(HOURS), 1);
    assert_eq!(log.look(woke).await.unwrap_err().reason(), "clock_jumped");
    assert!(log.may_issue(woke).is_err());
    let minute = shown(later(2).plus(HOURS), 2);
    log.look(minute).await.unwrap();
    assert!(log.may_issue(minute).is_ok());
    assert_eq!((log.state(minute), log.confirmed_at()), (LogState::Following, minute.wall));
    let settings = LogSettings { retention: RETENTION, journal: Journaling::Never };
    let now = later(61).plus(HOURS);
    let again = RevocationLog::open(world.beside(), &world.identity, settings, now, Box::new(|_| ()));
    let again = again.await.unwrap();
    let moment = Moment { wall: now, monotonic: Duration::ZERO };
    again.look(moment).await.unwrap();
    assert_eq!((again.state(moment), again.confirmed_at()), (LogState::Following, now));
}

#[tokio::test]
async fn no_document_is_from_the_future_of_a_clock_that_was_set_back() {
    let world = World::new().await;
    let log = world.log().await;
    half_an_hour(&log).await;
    let floor = log.current().floor();
    let back = shown(later(30).minus(HOURS), 31);
    log.look(back).await.unwrap();
    assert_eq!((log.confirmed_at(), log.state(back)), (back.wall, LogState::Following));
    log.trim(back).await.unwrap();
    assert_eq!(log.current().floor(), floor);
    log.look(at(later(32))).await.unwrap();
    assert_eq!(
        (log.confirmed_at(), log.state(at(later(32)))),
        (later(32), LogState::Following),
        "all goes on"
    );
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_a_blind_issuer_no_younger() {
    let world = World::new().await;
    let log = world.log().await;
    log.look(at(NOW)).await.unwrap();
    world.store.take_away(true);
    for minute in 1..=10 {
        let back = shown(later(minute).minus(HOURS), minute);
        log.look(back).await.unwrap_err();
        assert_eq!(log.confirmed_at(), NOW.minus(HOURS), "as old as it is, by the clock that holds now");
        assert!(log.may_issue(back).is_ok(), "{minute}");
    }
    let back = shown(later(11).minus(HOURS), 11);
    assert_eq!(log.may_issue(back).unwrap_err().reason(), "log_unconfirmed");
    assert_eq!(log.state(back).as_str(), "unconfirmed");
    world.store.take_away(false);
    log.look(at(later(12))).await.unwrap();
    assert_eq!(log.state(at(later(12))), LogState::Following);
}

#[tokio::test]
async fn an_issuer_that_was_started_with_a_fast_clock_goes_on_once_it_is_right() {
    let world = World::new().await;
    let log = world.log().await;
    log.look(at(NOW)).await.unwrap();
    let day = Duration::from_hours(24);
    for minute in 1..60 {
        let right = shown(later(minute).minus(day), minute);
        log.append(&[token(minute)]).await.unwrap();
        log.look(right).await.unwrap();
        log.trim(right).await.unwrap();
        assert_eq!((log.state(right), log.confirmed_at()), (LogState::Following, right.wall));
        assert_eq!(log.may_issue(right), Ok(log.applied()));
    }
}

#[tokio::test]
async fn a_step_below_what_clocks_may_differ_by_is_followed() {
    let world = World::new().await;
    let log = world.log().await;
    log.look(at(NOW)).await.unwrap();
    for (minute, wall) in [(1, later(1).plus(SKEW)), (2, later(2)), (3, later(3).minus(SKEW)), (4, later(4))]
    {
        log.look(shown(wall, minute)).await.unwrap();
        assert_eq!(log.confirmed_at(), wall, "{minute}");
    }
}

#[tokio::test]
async fn a_look_that_began_earlier_than_one_that_is_over_changes_nothing() {
    let world = World::new().await;
    let log = world.log().await;
    log.look(at(later(2))).await.unwrap();
    log.look(at(later(1))).await.unwrap();
    assert_eq!(log.confirmed_at(), later(2));
}
