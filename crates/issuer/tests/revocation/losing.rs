//! A store that lost something: nothing is appended to it, and nothing is confirmed.

use crate::world::{NOW, RETENTION, World, at, client, identify, later, rows, sqlite, tail, token};
use chancery_issuer::revocation::{Journaling, LogSettings, LogState, RevocationLog};
use chancery_revocation::Loss;
use chancery_verifier::entropy::PredictableEntropy;

#[tokio::test]
async fn r_8_5_a_store_that_went_back_is_noticed_at_once_and_takes_no_revocation() {
    let world = World::new().await;
    let log = world.log().await;
    log.append(&[token(1)]).await.unwrap();
    let backup = world.backup("backup.db");
    log.append(&[token(2), client("bot")]).await.unwrap();
    let ours = *log.current().position();
    world.store.put(std::sync::Arc::clone(&backup));

    let lost = log.look(at(later(1))).await.unwrap_err();
    assert_eq!((lost.reason(), lost.is_loss()), ("log_behind", true));
    let state = log.state(at(later(1)));
    assert_eq!((state.as_str(), state.fault()), ("lost", Some(&lost)));
    assert_eq!(log.confirmed_at(), NOW, "documents age");
    let before = tail(&*backup).await;
    assert_eq!(log.append(&[token(3)]).await.unwrap_err().reason(), "log_behind");
    assert_eq!(tail(&*backup).await, before, "nothing is written over it");
    assert_eq!(*log.current().position(), ours, "and nothing forgotten");
    for minute in 2..20 {
        log.look(at(later(minute))).await.unwrap_err();
    }
    assert_eq!(log.figures().losses(), 1, "one loss is one");
    assert!(log.may_issue(at(later(10))).is_ok() && log.may_issue(at(later(11))).is_err());

    // What was lost came back by itself: a line to the wrong database, say.
    world.store.put(world.beside());
    log.look(at(later(20))).await.unwrap();
    assert_eq!(log.state(at(later(20))), LogState::Following);
    log.append(&[token(3)]).await.unwrap();
}

#[tokio::test]
async fn a_loss_is_noticed_by_an_append_before_anybody_looks() {
    let world = World::new().await;
    let log = world.log().await;
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    world.store.put(backup);
    assert_eq!(log.append(&[token(2)]).await.unwrap_err().reason(), "log_behind");
    assert_eq!(log.state(at(NOW)).as_str(), "lost");
}

#[tokio::test]
async fn a_store_that_went_back_and_on_by_another_way_is_noticed() {
    let world = World::new().await;
    let log = world.log().await;
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    // An issuer that never saw what was lost.
    let other = world.open(std::sync::Arc::clone(&backup), None).await.unwrap();
    for (number, reason) in [(2, "log_forked"), (3, "log_forked"), (4, "log_forked")] {
        other.append(&[token(number)]).await.unwrap();
        world.store.put(std::sync::Arc::clone(&backup));
        assert_eq!(log.look(at(later(1))).await.unwrap_err().reason(), reason, "{number}");
    }
    assert_eq!(rows(&*backup, other.current().start()).await.len(), 3);
}

#[tokio::test]
async fn a_store_that_was_emptied_or_is_anothers_is_noticed() {
    let world = World::new().await;
    let log = world.log().await;
    log.append(&[token(1)]).await.unwrap();
    let empty = sqlite(&world.folder.join("empty.db"));
    world.store.put(std::sync::Arc::clone(&empty));
    assert_eq!(log.look(at(later(1))).await.unwrap_err().reason(), "log_gone");
    assert_eq!(log.append(&[token(2)]).await.unwrap_err().reason(), "log_gone");

    // Somebody began anew in it: that is no recovery, for nobody was asked what he remembers.
    let identity = identify(&*empty, &PredictableEntropy::new(77)).await;
    let settings = LogSettings { retention: RETENTION, journal: Journaling::Never };
    RevocationLog::open(std::sync::Arc::clone(&empty), &identity, settings, later(60), Box::new(|_| ()))
        .await
        .unwrap();
    let stored = empty.log().await.unwrap().unwrap();
    assert!(stored.start > log.applied(), "that it begins above is not enough");
    let lost = log.look(at(later(2))).await.unwrap_err();
    assert_eq!(lost.reason(), "log_replaced");
}

#[tokio::test]
async fn a_log_that_does_not_hold_together_is_not_opened() {
    let world = World::new().await;
    world.log().await.append(&[token(1), token(2), token(3)]).await.unwrap();
    let other = rusqlite::Connection::open(world.folder.join("store.db")).unwrap();
    let gone =
        other.execute("DELETE FROM log_rows WHERE sequence = (SELECT max(sequence) FROM log_rows)", []);
    assert_eq!(gone.unwrap(), 1);
    let refused = world.open(world.beside(), None).await.unwrap_err();
    assert_eq!((refused.reason(), refused.is_loss()), ("log_damaged", true));
    assert!(refused.to_string().contains("chancery revocation recover"), "{refused}");
}

#[test]
fn every_loss_names_what_to_do() {
    let id = chancery_revocation::LogId::from_bytes([1; 16]);
    let at = chancery_revocation::Sequence::new(1);
    for loss in [
        Loss::AnotherLog { ours: id, theirs: id },
        Loss::Behind { ours: at, theirs: at },
        Loss::Forked { ours: at },
    ] {
        let told = chancery_issuer::revocation::LogFault::Lost(loss).to_string();
        assert!(told.contains("chancery revocation recover"), "{told}");
    }
}
