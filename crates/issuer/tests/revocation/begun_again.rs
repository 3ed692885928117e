//! A store whose log is gone, and whose owner is still known.

use crate::world::{NOW, RETENTION, World, at, client, later, tail, token};
use chancery_issuer::revocation::{Journaling, LogSettings, RevocationLog};
use chancery_issuer::store::Store as _;

fn by_hand(world: &World, what: &str) {
    let hand = rusqlite::Connection::open(world.folder.join("store.db")).unwrap();
    hand.execute_batch(what).unwrap();
}

const GONE: &str = "DELETE FROM log; DELETE FROM log_rows; DELETE FROM log_marks";

#[tokio::test]
async fn nobody_begins_a_log_again_in_a_store_that_lost_it() {
    let world = World::new().await;
    let issuer = world.log().await;
    issuer.append(&[token(1), client("leaked")]).await.unwrap();
    by_hand(&world, GONE);
    assert_eq!(issuer.look(at(later(1))).await.unwrap_err().reason(), "log_gone");
    // Neither of them has a journal, and the store says whose it is.
    for journal in [Journaling::Never, Journaling::BeforeAnswer(world.journal("none"))] {
        let settings = LogSettings { retention: RETENTION, journal };
        let opened =
            RevocationLog::open(world.beside(), &world.identity, settings, later(60), Box::new(|_| ()));
        let refused = opened.await.unwrap_err();
        assert_eq!((refused.reason(), refused.is_loss()), ("log_gone", true));
        assert!(refused.to_string().contains("chancery revocation recover"), "{refused}");
    }
    assert_eq!(world.store.log_tail().await.unwrap(), None);
    assert_eq!(issuer.look(at(later(1))).await.unwrap_err().reason(), "log_gone");
}

#[tokio::test]
async fn an_issuer_does_not_take_a_log_that_began_again_for_its_own() {
    let world = World::new().await;
    let issuer = world.log_with_journal("j").await.unwrap();
    issuer.append(&[token(1), client("leaked")]).await.unwrap();
    issuer.write_down().await.unwrap();
    let ours = *issuer.current().position();
    // Somebody who does not know of the note began it.
    by_hand(&world, &format!("{GONE}; DELETE FROM first_log"));
    let settings = LogSettings { retention: RETENTION, journal: Journaling::Never };
    RevocationLog::open(world.beside(), &world.identity, settings, later(60), Box::new(|_| ()))
        .await
        .unwrap();
    let begun = tail(&*world.store).await;
    assert!(begun.log == ours.log && begun.sequence > ours.sequence);

    assert_eq!(issuer.look(at(later(1))).await.unwrap_err().reason(), "log_forked");
    assert_eq!(*issuer.current().position(), ours, "what was revoked stays so");
    assert_eq!((issuer.confirmed_at(), issuer.state(at(later(1))).as_str()), (NOW, "lost"));
    assert_eq!(issuer.append(&[token(2)]).await.unwrap_err().reason(), "log_forked");
    let refused = world.log_with_journal("j").await.unwrap_err();
    assert_eq!(refused.reason(), "log_forked", "by its journal");
}
