//! Appends: together, each with its own answer, and once, whatever becomes of the line.

use crate::world::{World, client, rows, tail, token};
use chancery_issuer::revocation::RevocationLog;
use chancery_revocation::{Entry, Kill};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::Poll;

/// What each kill was told, for as many appends as there are.
async fn append_each(log: &Arc<RevocationLog>, kills: Vec<Kill>) -> Vec<Entry> {
    let tasks: Vec<_> = kills
        .into_iter()
        .map(|kill| {
            let log = Arc::clone(log);
            tokio::spawn(async move { (kill, log.append(&[kill]).await.unwrap()) })
        })
        .collect();
    let mut entries = Vec::new();
    for task in tasks {
        let (kill, appended) = task.await.unwrap();
        let [entry] = appended.entries.as_slice() else { panic!("{appended:?}") };
        assert_eq!((entry.kill, entry.sequence), (kill, appended.at.sequence));
        entries.push(*entry);
    }
    entries
}

#[tokio::test]
async fn what_is_asked_for_while_it_writes_is_written_together_and_each_gets_its_own_answer() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    world.store.hold_appends();
    let first = token(0);
    let mut alone = Box::pin(append_each(&log, vec![first]));
    assert!(first_poll(&mut alone).await.is_pending());
    world.store.holds_an_append().await;
    let mut others = Box::pin(append_each(&log, (1..1000).map(token).collect()));
    assert!(first_poll(&mut others).await.is_pending());
    // Each of them has its turn before this one has its second.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    world.store.release_appends();
    let (mut entries, others) = tokio::join!(alone, others);
    entries.extend(others);
    let sequences: BTreeSet<u64> = entries.iter().map(|entry| entry.sequence.get() - start.get()).collect();
    assert_eq!(sequences, (1..=1000).collect());
    assert_eq!(world.store.appends(), 2, "the first alone, all others together");
    assert_eq!((log.figures().entries(), log.figures().batches()), (1000, 2));
    assert_eq!(tail(&*world.store).await, *log.current().position());
    assert_eq!(rows(&*world.store, start).await.len(), 1000);
}

#[tokio::test]
async fn whoever_asks_for_the_same_at_the_same_time_gets_one_entry() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    world.store.hold_appends();
    let first = [client("other")];
    let mut alone = Box::pin(log.append(&first));
    assert!(first_poll(&mut alone).await.is_pending());
    world.store.holds_an_append().await;
    let (both, twice) = ([client("bot"), token(1)], [token(2), client("bot"), token(2)]);
    let (mut both, mut twice) = (Box::pin(log.append(&both)), Box::pin(log.append(&twice)));
    assert!(first_poll(&mut both).await.is_pending() && first_poll(&mut twice).await.is_pending());
    world.store.release_appends();
    alone.await.unwrap();
    let (both, twice) = (both.await.unwrap(), twice.await.unwrap());
    let kills: Vec<Kill> = rows(&*world.store, start).await.iter().map(|entry| entry.kill).collect();
    assert_eq!(kills, [client("other"), client("bot"), token(1), token(2)]);
    let told = |appended: &chancery_issuer::revocation::Appended| -> Vec<(Kill, u64)> {
        let told = appended.entries.iter().map(|entry| (entry.kill, entry.sequence.get() - start.get()));
        told.collect()
    };
    assert_eq!(told(&both), [(client("bot"), 2), (token(1), 3)]);
    assert_eq!(told(&twice), [(token(2), 4), (client("bot"), 2), (token(2), 4)]);
    assert_eq!((both.at.sequence.get(), twice.at.sequence.get()), (start.get() + 3, start.get() + 4));
    assert_eq!(twice.at, tail(&*world.store).await);
}

#[tokio::test]
async fn who_stops_waiting_harms_nobody() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    world.store.hold_appends();
    let (gone, [first, second]) = ([token(2)], [[token(1)], [token(3)]]);
    let mut first = Box::pin(log.append(&first));
    assert!(first_poll(&mut first).await.is_pending());
    world.store.holds_an_append().await;
    let mut leaves = Box::pin(log.append(&gone));
    assert!(first_poll(&mut leaves).await.is_pending());
    let mut second = Box::pin(log.append(&second));
    assert!(first_poll(&mut second).await.is_pending());
    drop(leaves);
    world.store.release_appends();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!((first.entries[0].kill, second.entries[0].kill), (token(1), token(3)));
    let kills: Vec<Kill> = rows(&*world.store, start).await.iter().map(|entry| entry.kill).collect();
    assert_eq!(kills, [token(1), token(2), token(3)]);
    assert_eq!(tail(&*world.store).await, *log.current().position());
}

async fn first_poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    let mut future = std::pin::Pin::new(future);
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

#[tokio::test]
async fn an_append_whose_answer_was_lost_is_written_once_and_known_by_its_place() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    for (number, lost) in [(1, 1), (2, 3)] {
        world.store.lose_answers(lost);
        let appended = log.append(&[token(number)]).await.unwrap();
        assert_eq!(appended.at, tail(&*world.store).await, "{lost}");
        world.store.lose_answers(0);
    }
    let kills: Vec<Kill> = rows(&*world.store, start).await.iter().map(|entry| entry.kill).collect();
    assert_eq!(kills, [token(1), token(2)], "each once");
}

#[tokio::test]
async fn an_append_that_never_arrived_is_sent_again() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    world.store.lose_requests(2);
    log.append(&[token(1)]).await.unwrap();
    assert_eq!(rows(&*world.store, start).await.len(), 1);
    world.store.lose_requests(usize::MAX);
    let fault = log.append(&[token(2)]).await.unwrap_err();
    assert_eq!(fault.reason(), "store_no_answer", "and not for ever");
    world.store.lose_requests(0);
    log.append(&[token(2)]).await.unwrap();
    assert_eq!(rows(&*world.store, start).await.len(), 2);
}

#[tokio::test]
async fn an_answer_that_was_lost_while_another_issuer_appended_is_found_all_the_same() {
    let world = World::new().await;
    let log = world.log().await;
    let beside = world.log_beside().await;
    let start = log.applied();
    world.store.lose_answers(1);
    world.store.hold_appends();
    let ours = [token(7)];
    let mut first = Box::pin(log.append(&ours));
    assert!(first_poll(&mut first).await.is_pending());
    world.store.holds_an_append().await;
    // It was faster: ours is not written, and must be made anew.
    beside.append(&[client("beside")]).await.unwrap();
    world.store.release_appends();
    first.await.unwrap();
    let kills: Vec<Kill> = rows(&*world.store, start).await.iter().map(|entry| entry.kill).collect();
    assert_eq!(kills, [client("beside"), token(7)]);
}

#[tokio::test]
async fn more_than_one_write_may_take_is_written_in_several() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    let kills: Vec<Kill> = (0..10_000).map(token).collect();
    let appended = log.append(&kills).await.unwrap();
    assert_eq!(appended.entries.len(), 10_000);
    assert!(appended.entries.iter().zip(&kills).all(|(entry, kill)| entry.kill == *kill));
    assert_eq!(appended.at, tail(&*world.store).await);
    assert_eq!(appended.at.sequence.get(), start.get() + 10_000);
    assert_eq!(world.store.appends(), 3);
    let nothing = log.append(&[]).await.unwrap();
    assert_eq!((nothing.entries.len(), nothing.at, world.store.appends()), (0, appended.at, 3));
}

#[tokio::test]
async fn what_the_store_does_not_take_is_not_applied() {
    let world = World::new().await;
    let log = world.log().await;
    let before = *log.current().position();
    world.store.take_away(true);
    assert_eq!(log.append(&[token(1)]).await.unwrap_err().reason(), "store_unreachable");
    assert_eq!(*log.current().position(), before);
    world.store.take_away(false);
    log.append(&[token(1)]).await.unwrap();
    assert_eq!(log.applied().get(), before.sequence.get() + 1);
}

#[tokio::test]
async fn news_come_with_every_append() {
    let world = World::new().await;
    let log = world.log().await;
    let mut news = log.news();
    for number in 0..3 {
        let appended = log.append(&[token(number)]).await.unwrap();
        assert!(news.has_changed().unwrap());
        assert_eq!(*news.borrow_and_update(), appended.at);
    }
}
