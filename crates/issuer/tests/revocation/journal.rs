//! What an issuer writes down on its own disk, and what it is good for.

use crate::world::{ISSUER, NOW, RETENTION, World, at, client, identify, later, rows, sqlite, tail, token};
use chancery_issuer::revocation::{Journaling, LogSettings, RevocationLog};
use chancery_verifier::entropy::PredictableEntropy;
use serde_json::Value;
use std::sync::Arc;

fn place(world: &World) -> Value {
    serde_json::from_slice(&std::fs::read(world.journal("j")).unwrap()).unwrap()
}

async fn started(world: &World) -> Arc<RevocationLog> {
    world.log_with_journal("j").await.unwrap()
}

#[tokio::test]
async fn an_issuer_writes_down_how_far_it_has_seen_the_log() {
    let world = World::new().await;
    let log = started(&world).await;
    let at = |log: &RevocationLog| serde_json::to_value(log.current().position()).unwrap();
    let written = |world: &World| {
        let mut place = place(world);
        assert_eq!(place.as_object_mut().unwrap().remove("v"), Some(1.into()));
        assert_eq!(place.as_object_mut().unwrap().remove("issuer"), Some(ISSUER.into()));
        place
    };
    assert_eq!(written(&world), at(&log), "at its start");
    let before = written(&world);
    log.append(&[token(1), client("bot")]).await.unwrap();
    // That something was appended is known before it is; what it was, within a second.
    let mut opened = before.clone();
    opened["open"] = true.into();
    assert_eq!(written(&world), opened);
    log.write_down().await.unwrap();
    assert_eq!(written(&world), at(&log));
    log.write_down().await.unwrap();
    assert_eq!(written(&world), at(&log));
}

#[tokio::test]
async fn an_issuer_refuses_a_store_that_is_behind_its_journal_and_names_the_way_out() {
    let world = World::new().await;
    let log = started(&world).await;
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    drop(log);
    started(&world).await;
    world.store.put(backup);
    let refused = world.log_with_journal("j").await.unwrap_err();
    assert_eq!(refused.reason(), "log_behind");
    assert!(refused.to_string().contains("chancery revocation recover"), "{refused}");
    // Whoever has no journal cannot know.
    world.open(Arc::<crate::steered::Steered>::clone(&world.store), None).await.unwrap();
}

#[tokio::test]
async fn an_issuer_refuses_a_store_that_went_another_way_since() {
    let world = World::new().await;
    let log = started(&world).await;
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    let other = world.open(Arc::clone(&backup), None).await.unwrap();
    other.append(&[token(2), token(3)]).await.unwrap();
    world.store.put(backup);
    assert_eq!(world.log_with_journal("j").await.unwrap_err().reason(), "log_forked");
}

#[tokio::test]
async fn an_issuer_refuses_a_store_that_was_emptied_and_begins_no_log_in_it() {
    let world = World::new().await;
    started(&world).await.append(&[token(1)]).await.unwrap();
    let empty = sqlite(&world.folder.join("empty.db"));
    identify(&*empty, &PredictableEntropy::new(78)).await;
    world.store.put(Arc::clone(&empty));
    assert_eq!(world.log_with_journal("j").await.unwrap_err().reason(), "log_gone");
    assert_eq!(empty.log_tail().await.unwrap(), None);
}

#[tokio::test]
async fn a_store_without_an_owner_is_refused_before_it_is_given_one() {
    let world = World::new().await;
    let settings = |journal: Option<&str>| LogSettings {
        retention: RETENTION,
        journal: journal.map_or(Journaling::Never, |name| Journaling::Within(world.journal(name))),
    };
    let empty = sqlite(&world.folder.join("empty.db"));
    let expect = async |journal| RevocationLog::expect_owned(&*empty, &settings(journal)).await;
    for journal in [None, Some("j")] {
        expect(journal).await.unwrap();
    }
    started(&world).await;
    expect(None).await.unwrap();
    let refused = expect(Some("j")).await.unwrap_err();
    assert_eq!((refused.reason(), refused.is_loss()), ("log_gone", true));
    let told = refused.to_string();
    assert!(told.contains("chancery revocation recover") && told.contains("delete the journal"), "{told}");
    assert!(told.contains(world.journal("j").to_str().unwrap()), "{told}");
    // It may be another issuer's, that was started in the same folder.
    let log = world.identity.log.to_string();
    assert!(
        told.contains(ISSUER) && told.contains(&log) && told.contains("revocation.journal_file"),
        "{told}"
    );
    RevocationLog::expect_owned(&*world.store, &settings(Some("j"))).await.unwrap();
}

#[tokio::test]
async fn a_journal_is_never_replaced_by_an_older_place_of_the_same_log() {
    let world = World::new().await;
    let ahead = started(&world).await;
    let behind = started(&world).await;
    let begin = place(&world);
    ahead.append(&(0..10).map(token).collect::<Vec<_>>()).await.unwrap();
    behind.look(at(NOW)).await.unwrap();
    ahead.append(&[token(10)]).await.unwrap();
    ahead.write_down().await.unwrap();
    let written = place(&world);
    assert_ne!(written, begin);
    // It writes late what it saw before.
    behind.write_down().await.unwrap();
    assert_eq!(place(&world), written);
    behind.look(at(NOW)).await.unwrap();
    behind.append(&[token(11)]).await.unwrap();
    behind.write_down().await.unwrap();
    assert_ne!(place(&world), written);
}

#[tokio::test]
async fn a_command_writes_down_its_place_before_it_answers_and_an_issuer_beside_it_goes_on() {
    let world = World::new().await;
    let issuer = started(&world).await;
    let begin = place(&world);
    let command = world.log_of_a_command("j").await;
    assert_eq!(place(&world), begin, "who only looks writes nothing");
    command.append(&[token(1)]).await.unwrap();
    assert_eq!(place(&world)["sequence"], serde_json::to_value(command.applied()).unwrap());
    // The issuer knows of it a moment later, and not before.
    issuer.write_down().await.unwrap();
    assert_eq!(place(&world)["sequence"], serde_json::to_value(command.applied()).unwrap());
    issuer.look(at(later(1))).await.unwrap();
    issuer.append(&[token(2)]).await.unwrap();
    issuer.write_down().await.unwrap();
    assert_eq!(place(&world)["sequence"], serde_json::to_value(issuer.applied()).unwrap());
    assert_eq!(place(&world).get("open"), None);
}

#[tokio::test]
async fn what_a_command_appended_is_told_also_where_its_journal_cannot_be_written() {
    let world = World::new().await;
    let command = world.log_of_a_command("folder/j").await;
    std::fs::write(world.journal("folder"), "no folder").unwrap();
    let appended = command.append(&[token(1)]).await.unwrap();
    assert_eq!(appended.at, tail(&*world.store).await);
}

#[tokio::test]
async fn a_command_refuses_a_store_that_is_behind_the_journal_of_the_issuer_beside_it() {
    let world = World::new().await;
    let log = started(&world).await;
    let backup = world.backup("backup.db");
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    let settings =
        LogSettings { retention: RETENTION, journal: Journaling::BeforeAnswer(world.journal("j")) };
    let identity = backup.identity().await.unwrap().unwrap();
    let refused = RevocationLog::open(backup, &identity, settings, NOW, Box::new(|_| ())).await.unwrap_err();
    assert_eq!(refused.reason(), "log_behind");
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_or_is_none_stops_the_start() {
    let world = World::new().await;
    std::fs::write(world.journal("file"), "x").unwrap();
    for name in ["file/j", "file"] {
        let refused = world.log_with_journal(name).await.unwrap_err();
        assert_eq!(refused.reason(), "log_journal", "{name}");
        assert!(refused.to_string().contains("revocation.journal_file"), "{refused}");
    }
}

#[tokio::test]
async fn an_issuer_that_was_away_goes_on_where_the_others_are() {
    let world = World::new().await;
    let log = started(&world).await;
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    drop(log);
    let other = world.log_beside().await;
    other.append(&(10..5000).map(token).collect::<Vec<_>>()).await.unwrap();
    let log = started(&world).await;
    assert_eq!(log.current().position(), other.current().position());
    log.look(at(later(1))).await.unwrap();
    assert_eq!(rows(&*world.store, log.current().start()).await.len(), 4991);
    assert_eq!(log.confirmed_at(), later(1));
    assert!(NOW < later(1));
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_remembered_until_what_it_may_have_ended_is_refused_anyway() {
    let world = World::new().await;
    let log = started(&world).await;
    log.append(&[token(1)]).await.unwrap();
    let cut_off = place(&world)["sequence"].clone();
    assert_eq!(place(&world)["open"], true);
    drop(log);
    let log = started(&world).await;
    assert_eq!((place(&world).get("open"), &place(&world)["cut_off"]), (None, &cut_off));
    for number in 2..4 {
        log.append(&[token(number)]).await.unwrap();
        log.write_down().await.unwrap();
        assert_eq!(place(&world)["cut_off"], cut_off);
    }
    drop(log);
    let log = started(&world).await;
    assert_eq!(place(&world)["cut_off"], cut_off, "also over a start in peace");
    world.log_of_a_command("j").await.append(&[token(5)]).await.unwrap();
    assert_eq!(place(&world)["cut_off"], cut_off);
    for minute in 1..=90 {
        log.look(at(later(minute))).await.unwrap();
    }
    log.append(&[token(6)]).await.unwrap();
    log.write_down().await.unwrap();
    assert!(log.current().floor().get() > cut_off.as_u64().unwrap());
    assert_eq!(place(&world).get("cut_off"), None);
}
