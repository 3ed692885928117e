//! A log that was recovered without an issuer: it goes over to it, and adds what only it remembers.

use crate::world::{ISSUER, NOW, RETENTION, World, at, client, later, rows, token};
use chancery_issuer::config::Config;
use chancery_issuer::keyring::{Keyring, KeyringSetup};
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::revocation::LogState;
use chancery_issuer::revocation::recover::{Recovery, Remains, Rules, plan_recovery};
use chancery_issuer::store::Store;
use chancery_revocation::{Issuers, Kill, OnUnprovableLoss};
use chancery_token::{AlgorithmName, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) async fn keyring(store: &dyn Store) -> Keyring {
    let entropy = PredictableEntropy::new(5);
    let config = Config::load(None, []).unwrap();
    let setup =
        KeyringSetup { issuer: ISSUER.into(), algorithm: AlgorithmName::EdDsa, schedule: config.schedule() };
    let master = MasterKey::generate(&PredictableEntropy::new(5));
    Keyring::open(store, master, setup, NOW, &entropy).await.unwrap()
}

/// Recovers the log of `store` from what `remains` beside it.
pub(crate) async fn recover(
    store: &dyn Store,
    keyring: &Keyring,
    remains: &Remains,
    issuers: Issuers,
    policy: OnUnprovableLoss,
    now: UnixTime,
) -> Recovery {
    let rules = Rules { issuers, on_unprovable_loss: policy, retention: RETENTION };
    let entropy = PredictableEntropy::new(now.as_secs());
    let planned = plan_recovery(store, keyring, ISSUER, remains, rules, now, &entropy).await.unwrap();
    let told = planned.report().clone();
    let done = planned.carry_out(store, keyring, now, &entropy).await.unwrap();
    assert_eq!(done, told);
    done
}

async fn recover_alone(store: &dyn Store, keyring: &Keyring, now: UnixTime) {
    // Somebody who does not answer is why there is anything to recover.
    let silent = Remains { journals: vec!["/nowhere/journal".into()], ..Remains::default() };
    recover(store, keyring, &silent, Issuers::SomeSilent, OnUnprovableLoss::Union, now).await;
}

fn kills(entries: &[chancery_revocation::Entry]) -> BTreeSet<String> {
    entries.iter().map(|entry| format!("{:?}", entry.kill)).collect()
}

fn named(kills: &[Kill]) -> BTreeSet<String> {
    kills.iter().map(|kill| format!("{kill:?}")).collect()
}

#[tokio::test]
async fn a_running_issuer_goes_over_to_a_recovered_log_and_adds_what_it_owes() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = Arc::clone(&told);
    let line = Arc::<crate::steered::Steered>::clone(&world.store);
    let watch = move |what: chancery_issuer::revocation::Applying<'_>| {
        note.lock().unwrap().push(format!("{what:?}").starts_with("Everything"));
    };
    let log = world.open_watched(line, None, watch).await.unwrap();
    log.append(&[token(1), client("early")]).await.unwrap();
    let backup = world.backup("backup.db");
    log.append(&[token(2), client("late")]).await.unwrap();
    let before = log.applied();
    world.store.put(Arc::clone(&backup));
    log.look(at(later(1))).await.unwrap_err();

    recover_alone(&*backup, &keyring, later(2)).await;
    let begun = backup.log_tail().await.unwrap().unwrap();
    assert!(begun.sequence > before);
    log.look(at(later(2))).await.unwrap();
    assert_eq!((log.state(at(later(2))), log.confirmed_at()), (LogState::Following, later(2)));
    let added = rows(&*backup, begun.sequence).await;
    assert_eq!(kills(&added), named(&[token(2), client("late")]), "and nothing that was known");
    assert_eq!(*log.current().position(), backup.log_tail().await.unwrap().unwrap());
    let published = log.current().published().clone();
    for kill in [token(1), token(2)] {
        assert!(published.ended_at(&kill).is_some(), "{kill:?}");
    }
    assert_eq!(published.names(), 2);
    assert_eq!(told.lock().unwrap().last(), Some(&true), "everybody is read again");
    log.append(&[token(3)]).await.unwrap();
}

#[tokio::test]
async fn r_2_7_what_is_owed_lasts_before_the_new_log_is_taken_into_use() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log().await;
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    let before = *log.current().position();
    world.store.put(Arc::clone(&backup));
    recover_alone(&*backup, &keyring, later(1)).await;
    world.store.leave_alone(true);
    for _ in 0..2 {
        assert_eq!(log.look(at(later(1))).await.unwrap_err().reason(), "store_not_durable");
        assert_eq!(*log.current().position(), before, "what it owed is written, and no replica has it");
    }
    world.store.leave_alone(false);
    log.look(at(later(1))).await.unwrap();
    assert!(log.current().published().ended_at(&token(1)).is_some());
    assert_ne!(log.current().position().log, before.log);
}

#[tokio::test]
async fn what_is_owed_is_there_before_the_new_log_is_taken_into_use() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log().await;
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    let ours = *log.current().position();
    world.store.put(Arc::clone(&backup));
    recover_alone(&*backup, &keyring, later(1)).await;
    world.store.lose_requests(1);
    assert_eq!(log.look(at(later(1))).await.unwrap_err().reason(), "store_no_answer");
    assert_eq!((*log.current().position(), log.confirmed_at()), (ours, NOW));
    log.look(at(later(1))).await.unwrap();
    assert!(log.current().published().ended_at(&token(1)).is_some());
}

#[tokio::test]
async fn of_two_issuers_that_join_each_adds_what_the_other_has_not() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let (first, second) = (world.log().await, world.log().await);
    let backup = world.backup("backup.db");
    first.append(&[token(1)]).await.unwrap();
    second.append(&[token(2)]).await.unwrap();
    world.store.put(Arc::clone(&backup));
    recover_alone(&*backup, &keyring, later(1)).await;
    let begun = backup.log_tail().await.unwrap().unwrap();
    let (one, two) = tokio::join!(first.look(at(later(1))), second.look(at(later(1))));
    one.unwrap();
    two.unwrap();
    first.look(at(later(1))).await.unwrap();
    assert_eq!(first.current().position(), second.current().position());
    assert_eq!(kills(&rows(&*backup, begun.sequence).await), named(&[token(1), token(2)]));
}

#[tokio::test]
async fn an_issuer_that_was_stopped_joins_with_what_lies_beside_its_journal() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    let backup = world.backup("backup.db");
    // Twice, so that some of it stands behind what was written first.
    for number in 0..3 {
        log.append(&[token(number), client(&format!("client-{number}"))]).await.unwrap();
        log.write_down().await.unwrap();
    }
    drop(log);
    // A crash in the middle of a line.
    let kept = world.journal("j.kept");
    let mut text = std::fs::read_to_string(&kept).unwrap();
    text.push_str("1838403194887 AAA");
    std::fs::write(&kept, text).unwrap();
    world.store.put(Arc::clone(&backup));
    assert_eq!(world.log_with_journal("j").await.unwrap_err().reason(), "log_behind");

    recover_alone(&*backup, &keyring, later(1)).await;
    let log = world.log_with_journal("j").await.unwrap();
    let published = log.current().published().clone();
    assert_eq!((published.ids(), published.names()), (3, 3));
    let again = world.log_with_journal("j").await.unwrap();
    assert_eq!(again.current().position(), log.current().position(), "it owes nothing twice");
}

#[tokio::test]
async fn a_log_that_begins_below_what_is_known_is_no_recovery() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log().await;
    recover_alone(&*world.store, &keyring, later(1)).await;
    let backup = world.backup("backup.db");
    log.look(at(later(1))).await.unwrap();
    recover_alone(&*world.store, &keyring, later(2)).await;
    log.look(at(later(2))).await.unwrap();
    log.append(&[token(1)]).await.unwrap();
    world.store.put(backup);
    assert_eq!(log.look(at(later(3))).await.unwrap_err().reason(), "log_replaced");
}

#[tokio::test]
async fn an_issuer_that_forgot_what_it_knew_joins_nothing_but_a_log_that_revoked_everything() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    let backup = world.backup("backup.db");
    log.append(&[token(1), client("leaked")]).await.unwrap();
    log.write_down().await.unwrap();
    drop(log);
    world.store.put(Arc::clone(&backup));
    recover_alone(&*backup, &keyring, later(1)).await;
    let begun = *backup.log().await.unwrap().map(|stored| stored.tail).as_ref().unwrap();
    let kept = world.journal("j.kept");
    let whole = std::fs::read_to_string(&kept).unwrap();
    let cut = whole.lines().next().unwrap().to_owned();
    for known in [None, Some(cut)] {
        match known {
            None => std::fs::remove_file(&kept).unwrap(),
            Some(some) => std::fs::write(&kept, some).unwrap(),
        }
        let refused = world.log_with_journal("j").await.unwrap_err();
        assert_eq!((refused.reason(), refused.is_loss()), ("log_replaced", true));
        assert!(refused.to_string().contains("chancery revocation recover"), "{refused}");
        assert_eq!(backup.log_tail().await.unwrap(), Some(begun), "it added nothing");
    }
    // Recovered once more, with its journal.
    let remains = Remains { journals: vec![world.journal("j")], ..Remains::default() };
    let (all, policy) = (Issuers::AllAnswered, OnUnprovableLoss::RevokeAll);
    let report = recover(&*backup, &keyring, &remains, all, policy, later(2)).await;
    assert_eq!(report.decision, "revoked_all");
    let log = world.log_with_journal("j").await.unwrap();
    log.append(&[token(2)]).await.unwrap();
}
