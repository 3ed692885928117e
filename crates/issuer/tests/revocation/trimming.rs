//! What can end nothing any more goes, and nothing else does.

use crate::world::{NOW, RETENTION, World, at, client, every_row, later, rows, tail, token};
use chancery_issuer::revocation::RevocationLog;
use chancery_revocation::Kill;
use chancery_token::{FamilyId, UnixTime};
use std::time::Duration;

/// Looks every half minute for so many minutes, as an issuer does more often.
async fn watch(log: &RevocationLog, from: u64, minutes: u64) -> UnixTime {
    let mut now = later(from);
    for half in 0..=2 * minutes {
        now = later(from).plus(Duration::from_secs(30 * half));
        log.look(at(now)).await.unwrap();
    }
    now
}

fn family(number: u8, end: UnixTime) -> Kill {
    Kill::family(FamilyId::from_bytes([number; 16]), end)
}

#[tokio::test]
async fn tokens_go_when_their_time_is_over_and_names_stay_for_families() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    let mut kills: Vec<Kill> = (0..3000).map(token).collect();
    kills.extend([client("bot"), family(1, NOW.plus(Duration::from_hours(3))), Kill::key("stolen")]);
    kills.extend((3000..6000).map(token));
    log.append(&kills).await.unwrap();
    let now = watch(&log, 0, 30).await;
    log.trim(at(now)).await.unwrap();
    assert_eq!(rows(&*world.store, start).await.len(), 6003, "all of them may matter still");

    let window = RETENTION.window().as_secs() / 60;
    log.append(&(6000..6010).map(token).collect::<Vec<_>>()).await.unwrap();
    let now = watch(&log, 31, window + 2).await;
    log.trim(at(now)).await.unwrap();
    let left = every_row(&*world.store).await;
    let tokens = left.iter().filter(|entry| matches!(entry.kill, Kill::Token { .. })).count();
    assert!(tokens < 1024 + 10, "{tokens} of 6010 are left, less than a block and the last ones");
    assert_eq!(left.len() - tokens, 3, "a client, a family and a key may end something still");
    assert_eq!(tail(&*world.store).await, *log.current().position());

    // Who starts now publishes the same, and so does whoever was there.
    let again = world.log_beside().await;
    assert_eq!(again.current().position(), log.current().position());
    assert_eq!(again.current().floor(), log.current().floor());
    assert_eq!(again.current().published(), log.current().published());
    assert_eq!(again.current().kept(), log.current().kept());
    again.append(&[token(1)]).await.unwrap();
    log.append(&[token(2)]).await.unwrap();

    // The family ends; the client and the key do not.
    let now = later(190 + 31);
    log.look(at(now)).await.unwrap();
    log.trim(at(now)).await.unwrap();
    let kinds = |kill: &Kill| matches!(kill, Kill::Token { .. });
    let left: Vec<Kill> = every_row(&*world.store).await.iter().map(|entry| entry.kill).collect();
    assert_eq!(left.iter().filter(|kill| !kinds(kill)).count(), 2, "{left:?}");
    let ninety_days = RETENTION.family_end(later(300)).plus(Duration::from_mins(5));
    log.look(at(ninety_days)).await.unwrap();
    log.trim(at(ninety_days)).await.unwrap();
    let left: Vec<Kill> = every_row(&*world.store).await.iter().map(|entry| entry.kill).collect();
    let names: Vec<&Kill> = left.iter().filter(|kill| !kinds(kill)).collect();
    assert_eq!(names, [&Kill::key("stolen")], "a key ends nothing less than for ever");
}

#[tokio::test]
async fn two_issuers_that_trim_at_the_same_time_keep_the_log_whole() {
    let world = World::new().await;
    let (first, second) = (world.log().await, world.log_beside().await);
    first.append(&(0..5000).map(token).collect::<Vec<_>>()).await.unwrap();
    let window = RETENTION.window().as_secs() / 60;
    for minute in 0..=window + 5 {
        second.append(&[token(10_000 + minute)]).await.unwrap();
        let (one, two) = tokio::join!(first.look(at(later(minute))), second.look(at(later(minute))));
        one.unwrap();
        two.unwrap();
        let (one, two) = tokio::join!(first.trim(at(later(minute))), second.trim(at(later(minute))));
        one.unwrap();
        two.unwrap();
    }
    assert!(every_row(&*world.store).await.len() < 2200);
    let again = world.log().await;
    assert_eq!(again.current().position(), second.current().position());
    assert_eq!(again.current().published(), second.current().published());
}

#[tokio::test]
async fn what_an_issuer_let_stand_and_never_came_back_for_goes_by_another() {
    let world = World::new().await;
    let (first, second) = (world.log().await, world.log_beside().await);
    first.append(&[client("bot")]).await.unwrap();
    first.append(&(0..5000).map(token).collect::<Vec<_>>()).await.unwrap();
    let window = RETENTION.window().as_secs() / 60;
    let now = watch(&first, 0, window + 2).await;
    first.trim(at(now)).await.unwrap();
    watch(&second, 0, window + 2).await;
    second.trim(at(now)).await.unwrap();
    drop(first);
    let at_its_end = RETENTION.family_end(NOW).plus(Duration::from_mins(1));
    second.look(at(at_its_end)).await.unwrap();
    second.trim(at(at_its_end)).await.unwrap();
    let left = every_row(&*world.store).await;
    assert!(left.iter().all(|entry| matches!(entry.kill, Kill::Token { .. })), "the client's is gone");
}

#[tokio::test]
async fn an_issuer_that_slept_while_rows_went_wakes_up_and_goes_on() {
    let world = World::new().await;
    let (sleeper, other) = (world.log().await, world.log_beside().await);
    sleeper.append(&[token(1)]).await.unwrap();
    other.append(&(10..5000).map(token).collect::<Vec<_>>()).await.unwrap();
    let window = RETENTION.window().as_secs() / 60;
    let now = watch(&other, 0, window + 2).await;
    other.trim(at(now)).await.unwrap();
    other.append(&[client("bot")]).await.unwrap();
    let slept = *sleeper.current().position();
    assert!(rows(&*world.store, slept.sequence).await[0].sequence > slept.sequence.next(), "some are gone");
    sleeper.look(at(now)).await.unwrap();
    assert_eq!(sleeper.current().position(), other.current().position());
    sleeper.append(&[token(2)]).await.unwrap();
}

#[tokio::test]
async fn of_a_name_that_is_ended_over_and_over_the_last_entry_stays() {
    let world = World::new().await;
    let log = world.log().await;
    for round in 0..1100 {
        log.append(&[client("bot"), token(round)]).await.unwrap();
    }
    let window = RETENTION.window().as_secs() / 60;
    let now = watch(&log, 0, window + 2).await;
    log.trim(at(now)).await.unwrap();
    let left = every_row(&*world.store).await;
    let last = left.iter().map(|entry| entry.sequence).max().unwrap();
    let bots: Vec<_> = left.iter().filter(|entry| entry.kill == client("bot")).collect();
    assert!(bots.len() <= 513, "{} rows are left, half a block at most", bots.len());
    assert!(bots.iter().any(|entry| entry.sequence.next() == last), "the last one is there");
    let again = world.log_beside().await;
    assert_eq!(again.current().position(), log.current().position());
    assert_eq!(again.current().published(), log.current().published());
    assert_eq!(again.current().kept(), log.current().kept());
}
