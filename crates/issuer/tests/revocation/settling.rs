//! What is found in the log is made sure of before anybody is told that it is over.

use crate::world::{World, at, client, later, rows, tail, token};

#[tokio::test]
async fn what_another_issuer_appended_is_made_sure_of_once() {
    let world = World::new().await;
    let (log, beside) = (world.log().await, world.log_beside().await);
    let theirs = beside.append(&[token(1)]).await.unwrap().at.sequence;
    log.look(at(later(1))).await.unwrap();
    world.store.leave_alone(true);
    assert_eq!(log.settle(theirs).await.unwrap_err().reason(), "store_not_durable");
    world.store.leave_alone(false);
    log.settle(theirs).await.unwrap();
    assert_eq!(world.store.settles(), 2);
    // From here on it is known.
    world.store.leave_alone(true);
    log.settle(theirs).await.unwrap();
    let ours = log.append(&[token(2)]).await.unwrap().at.sequence;
    log.settle(ours).await.unwrap();
    assert_eq!(world.store.settles(), 2, "what it appended itself needs no question");
    assert_eq!(log.settle_all().await.unwrap_err().reason(), "store_not_durable");
    assert_eq!(world.store.settles(), 3);
}

#[tokio::test]
async fn nothing_is_made_sure_of_in_a_store_that_lost_it() {
    let world = World::new().await;
    let (log, beside) = (world.log().await, world.log_beside().await);
    let backup = world.backup("before.db");
    let theirs = beside.append(&[token(1)]).await.unwrap().at.sequence;
    log.look(at(later(1))).await.unwrap();
    world.store.put(backup);
    for _ in 0..2 {
        assert_eq!(log.settle(theirs).await.unwrap_err().reason(), "log_behind");
    }
}

#[tokio::test]
async fn an_append_whose_answer_was_lost_counts_only_once_it_is_sure_to_last() {
    let world = World::new().await;
    let log = world.log().await;
    let start = log.applied();
    world.store.lose_answers(1);
    world.store.leave_alone(true);
    assert_eq!(log.append(&[token(1)]).await.unwrap_err().reason(), "store_not_durable");
    world.store.lose_answers(1);
    world.store.leave_alone(false);
    let appended = log.append(&[client("bot")]).await.unwrap();
    assert_eq!(appended.at, tail(&*world.store).await);
    let kills: Vec<_> = rows(&*world.store, start).await.iter().map(|entry| entry.kill).collect();
    assert_eq!(kills, [token(1), client("bot")]);
}
