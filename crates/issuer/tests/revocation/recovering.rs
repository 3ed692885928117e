//! A log is put together from what everybody still holds.

use crate::joining::{keyring, recover};
use crate::world::{ISSUER, NOW, RETENTION, World, at, client, later, token};
use chancery_issuer::keyring::Keyring;
use chancery_issuer::revocation::recover::{KeptDocuments, Remains, Rules, Source, State, plan_recovery};
use chancery_issuer::store::Store;
use chancery_revocation::{Issuers, Kill, Log, OnUnprovableLoss};
use chancery_token::Format;
use chancery_verifier::entropy::PredictableEntropy;

/// What the log of a store ends.
async fn ends(store: &dyn Store, kill: Kill) -> bool {
    let log = Log::resume(store.log().await.unwrap().unwrap(), RETENTION).unwrap();
    log.published().entries().iter().any(|entry| match (entry.kill, kill) {
        (Kill::Token { jti: a, .. }, Kill::Token { jti: b, .. }) => a == b,
        (Kill::Client { client_id: a, .. }, Kill::Client { client_id: b, .. }) => a == b,
        (a, b) => a.kind() == b.kind(),
    })
}

fn journals(world: &World, names: &[&str]) -> Remains {
    Remains { journals: names.iter().map(|name| world.journal(name)).collect(), ..Remains::default() }
}

fn snapshot(keyring: &Keyring, log: &Log) -> String {
    keyring.document_signer(NOW).snapshot(log, NOW).unwrap()
}

#[tokio::test]
async fn what_an_issuer_wrote_down_before_the_store_went_back_is_there_again_and_that_is_all() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    log.append(&[token(1)]).await.unwrap();
    let backup = world.backup("backup.db");
    log.append(&[token(2), client("bot")]).await.unwrap();
    log.write_down().await.unwrap();
    let before = log.applied();

    let remains = journals(&world, &["j"]);
    let report =
        recover(&*backup, &keyring, &remains, Issuers::AllAnswered, OnUnprovableLoss::RevokeAll, later(1))
            .await;
    assert_eq!((report.decision, report.silent_issuers, report.unreached.len()), ("complete", false, 0));
    let told: Vec<_> = report.found.iter().map(|it| (it.source, it.state, it.ids, it.names)).collect();
    assert_eq!(told, [(Source::Store, State::Whole, 1, 0), (Source::Journal, State::Whole, 2, 1)]);
    assert!(report.start > before && (report.ids, report.names) == (2, 1));
    for kill in [token(1), token(2), client("bot")] {
        assert!(ends(&*backup, kill).await, "{kill:?}");
    }
    assert!(!ends(&*backup, Kill::all(NOW)).await);
}

#[tokio::test]
async fn where_something_may_be_missing_everything_is_revoked_unless_the_operator_said_otherwise() {
    for (policy, word) in [(OnUnprovableLoss::RevokeAll, "revoked_all"), (OnUnprovableLoss::Union, "went_on")]
    {
        let world = World::new().await;
        let keyring = keyring(&*world.store).await;
        let log = world.log_with_journal("j").await.unwrap();
        let backup = world.backup("backup.db");
        log.append(&[token(1)]).await.unwrap();
        log.write_down().await.unwrap();
        // The place is known, and what led there is not.
        std::fs::remove_file(world.journal("j.kept")).unwrap();
        let remains = journals(&world, &["j"]);
        let report = recover(&*backup, &keyring, &remains, Issuers::AllAnswered, policy, later(1)).await;
        assert_eq!((report.decision, report.silent_issuers), (word, false));
        assert_eq!(report.unreached[0].sequence, log.applied());
        assert_eq!(report.found[1].state, State::PlaceOnly);
        assert_eq!(ends(&*backup, Kill::all(NOW)).await, policy == OnUnprovableLoss::RevokeAll);
    }
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_a_doubt_and_so_is_a_journal_that_is_not_there() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    let before = backup.log_tail().await.unwrap();
    for (names, issuers, decision) in [
        (&["j"][..], Issuers::AllAnswered, "complete"),
        (&["j"][..], Issuers::SomeSilent, "revoked_all"),
        (&["j", "nowhere"][..], Issuers::AllAnswered, "revoked_all"),
    ] {
        let rules = Rules { issuers, on_unprovable_loss: OnUnprovableLoss::RevokeAll, retention: RETENTION };
        let remains = journals(&world, names);
        let entropy = PredictableEntropy::new(3);
        let planned =
            plan_recovery(&*backup, &keyring, ISSUER, &remains, rules, later(1), &entropy).await.unwrap();
        let report = planned.report();
        assert_eq!((report.decision, report.silent_issuers), (decision, decision != "complete"), "{names:?}");
    }
    assert_eq!(backup.log_tail().await.unwrap(), before, "a plan writes nothing");
}

#[tokio::test]
async fn where_the_store_lacks_nothing_of_what_is_found_nothing_is_changed() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    let (remains, policy) = (journals(&world, &["j"]), OnUnprovableLoss::RevokeAll);
    let report = recover(&*world.store, &keyring, &remains, Issuers::SomeSilent, policy, later(1)).await;
    assert_eq!(report.decision, "needless");
    assert_eq!(world.store.log_tail().await.unwrap().unwrap(), *log.current().position());
}

#[tokio::test]
async fn an_issuer_that_died_before_it_wrote_down_what_it_appended_is_a_doubt() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    drop(log);
    let remains = journals(&world, &["j"]);
    let policy = OnUnprovableLoss::RevokeAll;
    let report = recover(&*backup, &keyring, &remains, Issuers::AllAnswered, policy, later(1)).await;
    assert_eq!((report.decision, report.silent_issuers), ("revoked_all", true));
    assert_eq!(report.found[1].state, State::CutOff);
    assert!(ends(&*backup, Kill::all(NOW)).await);
}

#[tokio::test]
async fn what_two_issuers_wrote_into_one_journal_is_whole() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let (one, two) = (world.log_with_journal("j").await.unwrap(), world.log_with_journal("j").await.unwrap());
    for number in 0..4 {
        let (writes, reads) = if number % 2 == 0 { (&one, &two) } else { (&two, &one) };
        writes.append(&[token(number)]).await.unwrap();
        reads.look(at(NOW)).await.unwrap();
        // Both knew the place before, and the other one has written beyond it since.
        writes.write_down().await.unwrap();
        let (remains, all) = (journals(&world, &["j"]), Issuers::AllAnswered);
        let rules =
            Rules { issuers: all, on_unprovable_loss: OnUnprovableLoss::RevokeAll, retention: RETENTION };
        let entropy = PredictableEntropy::new(3);
        let planned = plan_recovery(&*world.store, &keyring, ISSUER, &remains, rules, later(1), &entropy);
        let planned = planned.await.unwrap();
        let of_journal = &planned.report().found[1];
        assert_eq!((of_journal.state, of_journal.sequence), (State::Whole, Some(one.applied())), "{number}");
    }
}

#[tokio::test]
async fn an_issuer_that_died_while_it_revoked_is_a_doubt_also_after_it_was_started_again() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    log.append(&[token(1)]).await.unwrap();
    drop(log);
    let log = world.log_with_journal("j").await.unwrap();
    log.append(&[token(2)]).await.unwrap();
    log.write_down().await.unwrap();
    let remains = journals(&world, &["j"]);
    let policy = OnUnprovableLoss::RevokeAll;
    let report = recover(&*world.store, &keyring, &remains, Issuers::AllAnswered, policy, later(1)).await;
    assert_eq!((report.decision, report.silent_issuers), ("revoked_all", true));
    assert_eq!(report.found[1].state, State::CutOff);
    // The new log has everything that can be known.
    log.look(at(later(1))).await.unwrap();
    log.append(&[token(3)]).await.unwrap();
    log.write_down().await.unwrap();
    let report = recover(&*world.store, &keyring, &remains, Issuers::AllAnswered, policy, later(2)).await;
    assert_ne!(report.decision, "revoked_all");
    assert_eq!((report.silent_issuers, report.found[1].state), (false, State::Whole));
}

#[tokio::test]
async fn what_a_command_appended_while_no_issuer_ran_is_missed_and_not_taken_for_nothing() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    world.log_with_journal("j").await.unwrap();
    let backup = world.backup("backup.db");
    let command = world.log_of_a_command("j").await;
    command.append(&[token(1)]).await.unwrap();
    let remains = journals(&world, &["j"]);
    let policy = OnUnprovableLoss::RevokeAll;
    let report = recover(&*backup, &keyring, &remains, Issuers::AllAnswered, policy, later(1)).await;
    assert_eq!((report.decision, report.silent_issuers), ("revoked_all", false));
    assert_eq!(report.unreached[0].sequence, command.applied());
}

#[tokio::test]
async fn what_verifiers_kept_counts_if_this_issuer_signed_it() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log().await;
    let backup = world.backup("backup.db");
    log.append(&[token(1), client("bot")]).await.unwrap();
    let good = snapshot(&keyring, &log.current());
    let mut forged = good.clone();
    forged.replace_range(60..61, if &good[60..61] == "A" { "B" } else { "A" });
    let documents = |from: &str, texts: &[&str]| KeptDocuments {
        from: from.into(),
        texts: texts.iter().map(|text| (*text).to_owned()).collect(),
    };
    let remains = Remains {
        documents: vec![
            documents("https://one.example", &[&good]),
            documents("/var/cut", &["", &good[..100], &good]),
            documents("/var/forged", &[&forged]),
            documents("/var/empty", &[]),
        ],
        ..Remains::default()
    };
    let union = OnUnprovableLoss::Union;
    let report = recover(&*backup, &keyring, &remains, Issuers::SomeSilent, union, later(1)).await;
    let states: Vec<State> = report.found.iter().map(|it| it.state).collect();
    assert_eq!(states, [State::Whole, State::Whole, State::Damaged, State::Unreadable, State::Nothing]);
    for kill in [token(1), client("bot")] {
        assert!(ends(&*backup, kill).await, "{kill:?}");
    }
}

#[tokio::test]
async fn what_is_left_of_a_damaged_log_is_carried_over() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    world.log().await.append(&[token(1), token(2), token(3)]).await.unwrap();
    let hand = rusqlite::Connection::open(world.folder.join("store.db")).unwrap();
    let middle = "DELETE FROM log_rows WHERE sequence = (SELECT max(sequence) - 1 FROM log_rows)";
    assert_eq!(hand.execute(middle, []).unwrap(), 1);
    let nobody = Remains::default();
    let policy = OnUnprovableLoss::RevokeAll;
    let report = recover(&*world.store, &keyring, &nobody, Issuers::AllAnswered, policy, later(1)).await;
    assert_eq!((report.found[0].state, report.decision), (State::Damaged, "revoked_all"));
    assert!(ends(&*world.store, token(1)).await && ends(&*world.store, token(3)).await);
    assert!(!ends(&*world.store, token(2)).await, "it is gone, and everything is revoked for it");
    assert!(ends(&*world.store, Kill::all(NOW)).await);
    world.log().await.append(&[token(2)]).await.unwrap();
}

#[tokio::test]
async fn keys_that_were_revoked_are_said_again_whatever_was_lost() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let kid = keyring.records()[0].kid.clone();
    keyring.revoke(&*world.store, &kid, NOW, &PredictableEntropy::new(8)).await.unwrap();
    world.log().await;
    let (nobody, policy) = (Remains::default(), OnUnprovableLoss::Union);
    for (minute, said_again) in [(1, 1), (2, 0)] {
        let report =
            recover(&*world.store, &keyring, &nobody, Issuers::AllAnswered, policy, later(minute)).await;
        assert_eq!(report.keys_said_again, said_again, "it is carried over after that");
        let log = world.log().await;
        assert!(log.current().published().ended_at(&Kill::key(&kid)).is_some());
    }
}

#[tokio::test]
async fn a_recovery_is_not_written_over_what_was_appended_meanwhile() {
    let world = World::new().await;
    let keyring = keyring(&*world.store).await;
    let log = world.log().await;
    let rules = Rules {
        issuers: Issuers::AllAnswered,
        on_unprovable_loss: OnUnprovableLoss::RevokeAll,
        retention: RETENTION,
    };
    // A journal that is not there is a doubt, so that there is something to recover.
    let (remains, entropy) = (journals(&world, &["nowhere"]), PredictableEntropy::new(3));
    let planned =
        plan_recovery(&*world.store, &keyring, ISSUER, &remains, rules, later(1), &entropy).await.unwrap();
    log.append(&[token(1)]).await.unwrap();
    let refused = planned.carry_out(&*world.store, &keyring, later(1), &entropy).await.unwrap_err();
    assert_eq!(refused.reason(), "recovery_moved");
    log.look(at(later(1))).await.unwrap();
    assert!(log.current().published().ended_at(&token(1)).is_some());
}

#[tokio::test]
async fn a_key_that_was_revoked_after_the_backup_signs_no_more_after_the_recovery() {
    let world = World::new().await;
    let live = keyring(&*world.store).await;
    let log = world.log_with_journal("j").await.unwrap();
    let backup = world.backup("backup.db");
    let kid = live.signer(Format::Jwt, NOW).kid().to_owned();
    live.revoke(&*world.store, &kid, NOW, &PredictableEntropy::new(8)).await.unwrap();
    log.append(&[Kill::key(&kid)]).await.unwrap();
    log.write_down().await.unwrap();

    let keyring = keyring(&*backup).await;
    assert_eq!(keyring.signer(Format::Jwt, NOW).kid(), kid, "the backup brings it back");
    let (remains, policy) = (journals(&world, &["j"]), OnUnprovableLoss::RevokeAll);
    let report = recover(&*backup, &keyring, &remains, Issuers::AllAnswered, policy, later(1)).await;
    assert_eq!((report.decision, &report.keys_taken_out), ("complete", &vec![kid.clone()]));
    assert!(ends(&*backup, Kill::key(&kid)).await);
    assert_ne!(keyring.signer(Format::Jwt, later(1)).kid(), kid);
    assert_eq!(keyring.revoked(), [kid]);
    let again = recover(&*backup, &keyring, &remains, Issuers::AllAnswered, policy, later(2)).await;
    assert_eq!((again.keys_taken_out.len(), again.keys_said_again), (0, 0));
}
