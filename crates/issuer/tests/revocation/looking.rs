//! What others append is seen, and counts only once everybody whom it ends was forgotten.

use crate::world::{NOW, World, at, client, later, token};
use chancery_issuer::revocation::{Applying, LogFault, LogState, RevocationLog};
use chancery_revocation::{Kind, Sequence};
use std::sync::{Arc, Mutex, OnceLock, Weak};

type Seen = Arc<Mutex<Vec<(Sequence, Vec<Kind>)>>>;

/// A log that notes, of all that it applies, how far it was when it was told.
async fn noting(world: &World) -> (Arc<RevocationLog>, Seen) {
    let (seen, slot): (Seen, Arc<OnceLock<Weak<RevocationLog>>>) = Default::default();
    let (note, late) = (Arc::clone(&seen), Arc::clone(&slot));
    let watch = move |what: Applying<'_>| {
        let log = late.get().and_then(Weak::upgrade).unwrap();
        let Applying::Entries(entries) = what else { panic!("{what:?}") };
        let kinds = entries.iter().map(|entry| entry.kill.kind()).collect();
        note.lock().unwrap().push((log.applied(), kinds));
        assert_eq!(log.applied(), log.current().position().sequence);
    };
    let log = world.open_watched(world.beside(), None, watch).await.unwrap();
    slot.set(Arc::downgrade(&log)).unwrap();
    (log, seen)
}

#[tokio::test]
async fn what_is_applied_is_told_before_the_sequence_advances_past_it() {
    let world = World::new().await;
    let (log, seen) = noting(&world).await;
    let other = world.log().await;
    let start = log.applied();
    other.append(&[token(1), client("bot")]).await.unwrap();
    other.append(&[token(2)]).await.unwrap();
    assert_eq!(log.applied(), start, "nobody looked");
    log.look(at(NOW)).await.unwrap();
    assert_eq!(log.applied().get(), start.get() + 3);
    log.append(&[client("own")]).await.unwrap();
    let expected = [
        (start, vec![Kind::Token, Kind::Client, Kind::Token]),
        (Sequence::new(start.get() + 3), vec![Kind::Client]),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    log.look(at(later(1))).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 2, "nothing new is told to nobody");
}

#[tokio::test]
async fn a_look_confirms_the_log_and_no_other_thing_does() {
    let world = World::new().await;
    let log = world.log().await;
    assert_eq!(log.confirmed_at(), NOW, "it was read at its start");
    log.append(&[token(1)]).await.unwrap();
    assert_eq!(log.confirmed_at(), NOW);
    log.look(at(later(1))).await.unwrap();
    assert_eq!(log.confirmed_at(), later(1));
    log.look(at(NOW)).await.unwrap();
    assert_eq!(log.confirmed_at(), later(1), "one that began earlier confirms nothing");
}

#[tokio::test]
async fn an_issuer_that_does_not_see_the_log_stops_after_a_while() {
    let world = World::new().await;
    let log = world.log().await;
    world.store.take_away(true);
    for minute in 1..=10 {
        log.look(at(later(minute))).await.unwrap_err();
        assert_eq!(log.may_issue(at(later(minute))), Ok(log.applied()), "{minute}");
    }
    let state = log.state(at(later(10)));
    assert_eq!(
        (state.as_str(), state.fault().map(LogFault::reason)),
        ("unconfirmed", Some("store_unreachable"))
    );
    let blind = log.may_issue(at(later(11))).unwrap_err();
    assert_eq!((blind.confirmed_at, blind.reason()), (NOW, "log_unconfirmed"));
    world.store.take_away(false);
    log.look(at(later(11))).await.unwrap();
    assert_eq!(
        (log.may_issue(at(later(11))), log.state(at(later(11)))),
        (Ok(log.applied()), LogState::Following)
    );
}

#[tokio::test]
async fn r_2_7_a_store_that_would_keep_nothing_is_seen_until_it_does_while_tokens_are_issued_on() {
    let world = World::new().await;
    let log = world.log().await;
    world.store.leave_alone(true);
    assert_eq!(log.settle_all().await.unwrap_err().reason(), "store_not_durable");
    log.look(at(later(1))).await.unwrap();
    let state = log.state(at(later(1)));
    assert_eq!(
        (state.as_str(), state.fault().map(LogFault::reason)),
        ("refusing", Some("store_not_durable")),
        "that it can be read says nothing"
    );
    assert_eq!(log.may_issue(at(later(1))), Ok(log.applied()));
    world.store.leave_alone(false);
    log.settle_all().await.unwrap();
    assert_eq!(log.state(at(later(1))), LogState::Following);
}

#[tokio::test]
async fn a_log_at_which_nobody_looks_is_not_confirmed() {
    let world = World::new().await;
    let log = world.log().await;
    assert_eq!(log.state(at(later(10))), LogState::Following);
    assert_eq!(log.state(at(later(11))), LogState::Unconfirmed { fault: None });
}

#[tokio::test]
async fn an_issuer_that_is_started_again_knows_what_it_knew() {
    let world = World::new().await;
    let log = world.log().await;
    log.append(&(0..5000).map(token).chain([client("bot")]).collect::<Vec<_>>()).await.unwrap();
    let again = world.log_beside().await;
    assert_eq!(again.current().position(), log.current().position());
    assert_eq!(again.current().published(), log.current().published());
    assert_eq!(again.current().kept(), log.current().kept());
}
