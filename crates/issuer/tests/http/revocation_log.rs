//! What the revocation log means for whoever asks for a token.

use crate::desk::{Answer, DOCUMINT, Desk, NOW};
use axum::http::StatusCode;
use chancery_issuer::client::{Client, DisabledBy};
use chancery_issuer::revocation::{LONGEST_FAMILY, SKEW};
use chancery_issuer::store::Store as _;
use chancery_revocation::{Kill, Sequence};
use chancery_token::UnixTime;
use serde_json::{Value, json};
use std::time::Duration;

const GRANTS: [(&str, &str); 1] = [(DOCUMINT, "invoices:*")];

fn rvs(answer: &Answer) -> Sequence {
    let token = answer.token();
    let payload = token.split('.').nth(1).unwrap();
    let claims: Value =
        serde_json::from_slice(&chancery_token::encoding::from_base64url(payload).unwrap()).unwrap();
    Sequence::new(claims["rvs"].as_u64().unwrap())
}

fn end() -> UnixTime {
    NOW.plus(LONGEST_FAMILY).plus(SKEW)
}

fn of_client(id: &str) -> Kill {
    Kill::client(&id.parse().unwrap(), end())
}

async fn append(desk: &Desk, kill: Kill) -> Sequence {
    desk.issuer.revocation_log().append(&[kill]).await.unwrap().at.sequence
}

async fn disable(desk: &Desk, id: &str) {
    let stored = desk.store.client(&id.parse().unwrap()).await.unwrap().unwrap();
    let disabled = stored.clone().disable(NOW, "leaked", DisabledBy::Tenant);
    desk.store.replace_client(&stored, &disabled, &[]).await.unwrap();
}

#[tokio::test]
async fn a_token_bears_the_last_entry_that_was_applied() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let before = rvs(&desk.ask("bot", &secret, &[]).await);
    assert_eq!(before, desk.issuer.revocation_log().applied());
    let ended = append(&desk, of_client("other")).await;
    assert!(ended > before);
    assert_eq!(rvs(&desk.ask("bot", &secret, &[]).await), ended);
}

#[tokio::test]
async fn a_kill_ends_every_token_that_was_decided_upon_a_record_from_before_it() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.store.hold();
    let late = desk.ask("bot", &secret, &[]);
    let ends = async {
        desk.store.holds().await;
        disable(&desk, "bot").await;
        let ended = append(&desk, of_client("bot")).await;
        desk.store.release();
        ended
    };
    let (late, ended) = tokio::join!(late, ends);
    assert!(rvs(&late) < ended, "it was decided upon the old record, and is cut off with it");
    let refused = desk.ask("bot", &secret, &[]).await;
    assert_eq!(refused.refusal(), "401 invalid_client client_disabled", "nor is that record kept");
}

#[tokio::test]
async fn who_is_ended_is_read_again_at_once_and_nobody_else_is() {
    let desk = Desk::open().await;
    let secrets = [desk.client("bot", &GRANTS).await, desk.client("other", &GRANTS).await];
    let globex = |client: Client| Client { tenants: vec!["globex".parse().unwrap()], ..client };
    let third = desk.client_with("third", &GRANTS, globex).await;
    let clients = [("bot", &secrets[0]), ("other", &secrets[1]), ("third", &third)];
    let known = async || {
        for (id, secret) in clients {
            desk.ask(id, secret, &[]).await.token();
        }
        desk.store.asked()
    };
    known().await;
    assert_eq!(known().await, 0);
    let token = Kill::token(chancery_token::TokenId::from_bytes([1; 16]), end());
    for (kill, read_again) in [
        (of_client("bot"), 1),
        (of_client("nobody"), 0),
        (Kill::subject(&"other".parse().unwrap(), end()), 1),
        (Kill::tenant(&"acme".parse().unwrap(), end()), 2),
        (Kill::tenant(&"globex".parse().unwrap(), end()), 1),
        (Kill::tenant(&"initech".parse().unwrap(), end()), 0),
        (token, 0),
        (Kill::key("kid"), 0),
        (Kill::all(end()), 3),
    ] {
        append(&desk, kill).await;
        assert_eq!(known().await, read_again, "{kill:?}");
    }
}

#[tokio::test]
async fn a_change_by_another_process_counts_with_its_entry() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.ask("bot", &secret, &[]).await.token();
    disable(&desk, "bot").await;
    let log = desk.issuer.revocation_log();
    let (_, batch) = log.current().append(&[of_client("bot")]).unwrap();
    desk.store.append_log(&batch).await.unwrap();
    desk.ask("bot", &secret, &[]).await.token();
    log.look(desk.moment()).await.unwrap();
    assert_eq!(desk.ask("bot", &secret, &[]).await.refusal(), "401 invalid_client client_disabled");
}

#[tokio::test]
async fn an_issuer_that_is_blind_for_too_long_issues_nothing_and_says_when_to_ask_again() {
    let desk = Desk::open_with(&[("REVOCATION__MAX_BLIND", "5m")]).await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.ask("bot", &secret, &[]).await.token();
    let log = desk.issuer.revocation_log();
    desk.store.take_away(true);
    desk.clock.advance(Duration::from_mins(5));
    log.look(desk.moment()).await.unwrap_err();
    desk.ask("bot", &secret, &[]).await.token();
    desk.clock.advance(Duration::from_secs(1));
    let refused = desk.ask("bot", &secret, &[]).await;
    assert_eq!(refused.refusal(), "503 temporarily_unavailable log_unconfirmed");
    assert_eq!(refused.header("retry-after"), "2");
    // Whoever is nobody learns nothing new.
    let guess = desk.secret(chancery_token::Environment::Test).reveal().to_owned();
    let nobody = desk.ask("bot", &guess, &[]).await;
    assert_eq!(nobody.refusal(), "401 invalid_client client_authentication_failed");
    desk.store.take_away(false);
    log.look(desk.moment()).await.unwrap();
    desk.ask("bot", &secret, &[]).await.token();
}

#[tokio::test]
async fn readiness_and_metrics_tell_how_it_stands_with_the_log() {
    let desk = Desk::open().await;
    let log = desk.issuer.revocation_log();
    append(&desk, of_client("bot")).await;
    append(&desk, Kill::key("kid")).await;
    let token = |n| Kill::token(chancery_token::TokenId::from_bytes([n; 16]), end());
    log.append(&[token(1), token(2)]).await.unwrap();
    desk.store.take_away(true);
    desk.clock.advance(Duration::from_secs(90));
    log.look(desk.moment()).await.unwrap_err();
    desk.store.take_away(false);
    let ready = desk.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(ready.json(), json!({"status": "degraded", "missing": ["revocation_log"]}));
    let sequence = log.applied();
    let body = desk.get("/metrics").await.body;
    for line in [
        &*format!("chancery_revocation_sequence {sequence}"),
        "chancery_revocation_entries{kind=\"token\"} 2",
        "chancery_revocation_entries{kind=\"client\"} 1",
        "chancery_revocation_entries{kind=\"key\"} 1",
        "chancery_revocation_entries{kind=\"all\"} 0",
        "chancery_revocation_confirmed_age_seconds 90",
        "chancery_revocation_state{state=\"following\"} 0",
        "chancery_revocation_state{state=\"refusing\"} 0",
        "chancery_revocation_state{state=\"unconfirmed\"} 1",
        "chancery_revocation_state{state=\"lost\"} 0",
        "chancery_revocation_appended_total 4",
        "chancery_revocation_writes_total 3",
        "chancery_revocation_losses_total 0",
    ] {
        assert!(body.lines().any(|it| it == line), "{line} is not in\n{body}");
    }
    log.look(desk.moment()).await.unwrap();
    assert_eq!(desk.get("/readyz").await.json(), json!({"status": "ready"}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_everything_was_revoked_ten_thousand_clients_have_new_tokens_after_one_request_each() {
    const CLIENTS: usize = 10_000;
    const AT_ONCE: usize = 200;
    let desk = std::sync::Arc::new(Desk::open_with(&[("LIMITS__CACHED_CLIENTS", "20000")]).await);
    let mut secrets = Vec::new();
    for first in (0..CLIENTS).step_by(AT_ONCE) {
        let registered = (first..first + AT_ONCE).map(|number| {
            let desk = std::sync::Arc::clone(&desk);
            tokio::spawn(async move { desk.client(&format!("client-{number}"), &GRANTS).await })
        });
        for secret in registered.collect::<Vec<_>>() {
            secrets.push(secret.await.unwrap());
        }
    }
    let everybody = async || {
        let mut answered = Vec::with_capacity(CLIENTS);
        for (group, some) in secrets.chunks(AT_ONCE).enumerate() {
            let asked = some.iter().enumerate().map(|(at, secret)| {
                let (desk, secret) = (std::sync::Arc::clone(&desk), secret.clone());
                let id = format!("client-{}", group * AT_ONCE + at);
                tokio::spawn(async move { rvs(&desk.ask(&id, &secret, &[]).await) })
            });
            for asked in asked.collect::<Vec<_>>() {
                answered.push(asked.await.unwrap());
            }
        }
        answered
    };
    everybody().await;
    desk.store.asked();
    let ended = append(&desk, Kill::all(end())).await;
    let answered = everybody().await;
    assert_eq!(answered.len(), CLIENTS);
    assert!(answered.iter().all(|rvs| *rvs == ended), "none of the new tokens is ended by it");
    assert_eq!(desk.store.asked(), CLIENTS, "each record is read once");
}
