//! A verifier follows a real issuer over HTTP, from its metadata on.

use super::office::{Office, until};
use chancery_issuer::Drained;
use chancery_issuer::keyring::{KeyRevocation, KeyUse};
use chancery_issuer::store::Store as _;
use chancery_revocation::{Issuers, Kill, LogId, OnUnprovableLoss, Survivor, recover};
use chancery_token::Format;
use chancery_verifier::clock::Clock as _;
use chancery_verifier::entropy::PredictableEntropy;
use chancery_verifier::follow::LogStanding;
use std::time::Duration;

#[tokio::test]
async fn r50_what_is_revoked_here_is_refused_there_and_its_sisters_work_on() {
    let office = Office::open().await;
    let (verifier, follower) = office.follow().await;
    let [stolen, sister] = [office.token().await, office.token().await];
    assert_eq!([&stolen, &sister].map(|token| office.said(&verifier, token)), ["ok", "ok"]);
    office.desk.revoke(&stolen).await;
    until(|| office.said(&verifier, &stolen) == "revoked").await;
    assert_eq!(office.said(&verifier, &sister), "ok");
    // And by name: every token that was issued before, and none that is issued after.
    let end = office.desk.clock.now().plus(Duration::from_hours(24));
    let client = Kill::client(&"bot".parse().unwrap(), end);
    office.desk.issuer.revocation_log().append(&[client]).await.unwrap();
    until(|| office.said(&verifier, &sister) == "revoked").await;
    let fresh = office.token().await;
    assert_eq!(office.said(&verifier, &fresh), "ok");
    let status = follower.status().log.unwrap();
    assert_eq!(status.position.unwrap(), *office.desk.issuer.revocation_log().current().position());
    assert_eq!((status.last_failure, status.alarms), (None, 0));
}

#[tokio::test]
async fn a_verifier_that_comes_late_is_told_everything_at_once() {
    let office = Office::open().await;
    let tokens = [office.token().await, office.token().await];
    office.desk.revoke(&tokens[0]).await;
    let (verifier, _first) = office.follow().await;
    // The snapshot lies ready by now; what comes after it comes with the first delta.
    office.desk.revoke(&tokens[1]).await;
    let (late, _second) = office.follow().await;
    for of in [&verifier, &late] {
        until(|| tokens.iter().all(|token| office.said(of, token) == "revoked")).await;
    }
}

#[tokio::test]
async fn a_key_that_is_revoked_ends_its_tokens_everywhere_and_the_next_one_signs_at_once() {
    let office = Office::open().await;
    let (verifier, follower) = office.follow().await;
    let old = office.token().await;
    assert_eq!(office.said(&verifier, &old), "ok");
    let (issuer, now) = (&office.desk.issuer, office.desk.clock.now());
    let kid = issuer.keyring().signer(Format::Jwt, now).kid().to_owned();
    let revoked = issuer.keyring().revoke(&**issuer.store(), &kid, now, &PredictableEntropy::new(9)).await;
    assert!(matches!(revoked, Ok(KeyRevocation::Done(_))), "{revoked:?}");
    let entry = issuer.revocation_log().append(&[Kill::key(&kid)]).await.unwrap().at.sequence;
    assert!(follower.wait_applied(entry, super::office::DEADLINE).await);
    let fresh = office.token().await;
    assert_eq!([&old, &fresh].map(|token| office.said(&verifier, token)), ["revoked", "ok"]);
}

#[tokio::test]
async fn r52_keys_of_the_log_rotate_under_a_verifier_that_follows() {
    let office = Office::open().await;
    let (verifier, follower) = office.follow().await;
    let keyring = office.desk.issuer.keyring();
    let signs = |at| keyring.document_signer(at).kid().to_owned();
    let first = signs(office.desk.clock.now());
    // Long enough for the key that waits to be known.
    office.desk.clock.advance(Duration::from_hours(2));
    office.desk.look().await;
    let now = office.desk.clock.now();
    let store = &**office.desk.issuer.store();
    let done = keyring.rotate(store, &[KeyUse::Revocation], now, &PredictableEntropy::new(9)).await.unwrap();
    assert_eq!((done[0].keys, &done[0].retires), (KeyUse::Revocation, &first));
    assert_eq!(signs(now), done[0].activates);
    let token = office.token().await;
    office.desk.revoke(&token).await;
    until(|| office.said(&verifier, &token) == "revoked").await;
    until(|| follower.status().log.unwrap().last_failure.is_none()).await;
    let published = office.desk.log_keys().await;
    assert_eq!(published.kids().count(), 3, "a verifier can still open what the old key signed");
}

#[tokio::test]
async fn a_stopping_issuer_answers_whoever_waits_and_cuts_nobody() {
    let office = Office::open().await;
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let url = format!("{}{}", office.url, office.desk.delta_path(office.desk.sequence(), 55));
        waiting.push(tokio::spawn(async move {
            let answer = reqwest::get(url).await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }));
    }
    let receipts = |office: &Office| office.desk.issuer.publisher().receipts().of(office.desk.sequence());
    until(|| receipts(&office).anonymous == 50).await;
    let (desk, drained) = office.stop().await;
    assert_eq!(drained, Drained::Completely);
    for answer in waiting {
        let (status, document) = answer.await.unwrap();
        assert_eq!(status, 200);
        assert_eq!(super::office::told(&desk.document(&document).await).2, 0, "a heartbeat");
    }
}

#[tokio::test]
async fn r50_a_log_that_was_recovered_is_followed_on_and_what_was_revoked_stays_so() {
    let office = Office::open().await;
    let (verifier, follower) = office.follow().await;
    let [stolen, sister] = [office.token().await, office.token().await];
    office.desk.revoke(&stolen).await;
    until(|| office.said(&verifier, &stolen) == "revoked").await;
    let old = office.desk.issuer.revocation_log().current();
    let recovered = recover(
        &[Survivor::Log(Box::new((*old).clone()))],
        &[],
        Issuers::AllAnswered,
        OnUnprovableLoss::RevokeAll,
        LogId::from_bytes([9; 16]),
        office.desk.clock.now(),
        *old.retention(),
    );
    office.desk.store.begin_log(Some(old.position()), &recovered.stored).await.unwrap();
    // The running issuer sees it, and whoever waits for news of the old log is sent to the new one.
    let new = recovered.log.position().log;
    until(|| office.desk.log() == new).await;
    until(|| follower.status().log.unwrap().position.unwrap().log == new).await;
    let place = old.position();
    let path = format!("/revocation/delta?log={}&after={}&wait=55", place.log, place.sequence);
    assert_eq!(office.desk.get(&path).await.refusal(), "410 gone cursor_of_another_log");
    assert_eq!(office.said(&verifier, &stolen), "revoked");
    assert_eq!(office.said(&verifier, &sister), "ok");
    let fresh = office.token().await;
    office.desk.revoke(&fresh).await;
    until(|| office.said(&verifier, &fresh) == "revoked").await;
}

#[tokio::test]
async fn r_8_7_while_the_store_is_away_news_grow_old_and_are_not_made_to_look_young() {
    let office = Office::open().await;
    let (verifier, follower) = office.follow().await;
    let token = office.token().await;
    let began = office.desk.clock.now();
    office.desk.store.take_away(true);
    // Whatever is asked meanwhile: the issuer answers, and says since when it knows nothing new.
    office.desk.clock.advance(Duration::from_mins(50));
    follower.poll_once().await;
    let status = follower.status().log.unwrap();
    assert!(status.confirmed_at.unwrap() <= began.plus(Duration::from_secs(1)), "{status:?}");
    office.desk.clock.advance(Duration::from_mins(11));
    follower.poll_once().await;
    assert_eq!(follower.status().log.unwrap().standing, LogStanding::Stale);
    assert_ne!(office.said(&verifier, &token), "ok");
    office.desk.store.take_away(false);
    let fresh = || follower.status().log.unwrap().standing == LogStanding::Fresh;
    let polling = async {
        while !fresh() {
            follower.poll_once().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::office::DEADLINE, polling).await.unwrap();
}
