use crate::desk::{DOCUMINT, Desk};
use chancery_issuer::client::Client;
use chancery_issuer::store::Store as _;
use std::time::Duration;

const GRANTS: [(&str, &str); 1] = [(DOCUMINT, "invoices:*")];

async fn change(desk: &Desk, id: &str, change: impl FnOnce(Client) -> Client) {
    let stored = desk.store.client(&id.parse().unwrap()).await.unwrap().unwrap();
    desk.store.replace_client(&stored, &change(stored.clone()), &[]).await.unwrap();
}

#[tokio::test]
async fn r_7_2_a_client_that_is_known_costs_no_question_to_the_store() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.store.asked();
    desk.ask("bot", &secret, &[]).await.token();
    assert_eq!(desk.store.asked(), 1, "the first request reads the client");
    for _ in 0..20 {
        desk.ask("bot", &secret, &[("scope", "invoices:read")]).await.token();
        desk.ask("bot", "chs_test_garbage", &[]).await.refusal();
    }
    assert_eq!(desk.store.asked(), 0, "and no other one asks the store at all");
}

#[tokio::test]
async fn garbage_is_refused_without_a_question_to_the_store() {
    let desk = Desk::open().await;
    desk.client("bot", &GRANTS).await;
    desk.store.asked();
    for secret in ["", "x", "chs_test_", "chs_live_AAAA", &"A".repeat(58)] {
        desk.ask("bot", secret, &[]).await.refusal();
    }
    assert_eq!(desk.store.asked(), 0);
}

#[tokio::test]
async fn r_8_2_known_clients_get_tokens_while_the_store_is_down() {
    let desk = Desk::open().await;
    let known = desk.client("known", &GRANTS).await;
    let unknown = desk.client("unknown", &GRANTS).await;
    desk.ask("known", &known, &[]).await.token();
    desk.store.take_away(true);
    assert!(desk.issuer.catch_up().await.is_err());
    desk.ask("known", &known, &[]).await.token();
    let answer = desk.ask("unknown", &unknown, &[]).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable store_unavailable");
}

#[tokio::test]
async fn r_8_2_those_who_wait_for_a_store_that_hangs_leave_places_to_the_clients_that_are_known() {
    let desk = Desk::open_with(&[("LIMITS__CONCURRENT_REQUESTS", "2")]).await;
    let known = desk.client("known", &GRANTS).await;
    let unknown = desk.client("unknown", &GRANTS).await;
    desk.ask("known", &known, &[]).await.token();
    desk.store.hold();
    let others = async {
        desk.store.holds().await;
        let second = desk.ask("nobody", &unknown, &[]).await;
        assert_eq!(second.refusal(), "503 temporarily_unavailable overloaded");
        desk.ask("known", &known, &[]).await.token();
        desk.store.release();
    };
    let (first, ()) = tokio::join!(desk.ask("unknown", &unknown, &[]), others);
    first.token();
}

#[tokio::test]
async fn r_8_1_a_store_that_hangs_is_waited_for_as_long_as_a_request_may_take_and_no_longer() {
    let desk = Desk::open_with(&[("LIMITS__REQUEST_TIMEOUT", "1s")]).await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.store.hold();
    let answer = desk.ask("bot", &secret, &[]).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable store_timed_out");
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn r06_a_change_counts_once_it_was_seen_and_what_was_missed_is_seen_later() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.ask("bot", &secret, &[]).await.token();
    change(&desk, "bot", |client| {
        client.disable(crate::desk::NOW, "leaked", chancery_issuer::client::DisabledBy::Tenant)
    })
    .await;
    desk.store.take_away(true);
    assert!(desk.issuer.catch_up().await.is_err());
    desk.store.take_away(false);
    desk.issuer.catch_up().await.unwrap();
    assert_eq!(desk.ask("bot", &secret, &[]).await.refusal(), "401 invalid_client client_disabled");
    change(&desk, "bot", Client::enable).await;
    desk.issuer.catch_up().await.unwrap();
    desk.ask("bot", &secret, &[]).await.token();
}

#[tokio::test]
async fn r06_a_client_that_was_read_before_a_change_and_arrives_after_it_is_not_kept() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.store.hold();
    let late = desk.ask("bot", &secret, &[]);
    let changed = async {
        desk.store.holds().await;
        change(&desk, "bot", |client| {
            client.disable(crate::desk::NOW, "leaked", chancery_issuer::client::DisabledBy::Tenant)
        })
        .await;
        desk.issuer.catch_up().await.unwrap();
        desk.store.release();
    };
    let (late, ()) = tokio::join!(late, changed);
    late.token();
    assert_eq!(desk.ask("bot", &secret, &[]).await.refusal(), "401 invalid_client client_disabled");
}

#[tokio::test]
async fn r06_a_change_is_seen_even_after_the_store_went_back_to_a_backup() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.issuer.catch_up().await.unwrap();
    desk.store.set_back(1);
    desk.issuer.catch_up().await.unwrap();
    desk.ask("bot", &secret, &[]).await.token();
    change(&desk, "bot", |client| {
        client.disable(crate::desk::NOW, "leaked", chancery_issuer::client::DisabledBy::Tenant)
    })
    .await;
    desk.issuer.catch_up().await.unwrap();
    assert_eq!(desk.ask("bot", &secret, &[]).await.refusal(), "401 invalid_client client_disabled");
}

#[tokio::test]
async fn a_new_client_gets_its_token_at_once_even_if_its_id_was_guessed_before() {
    let desk = Desk::open().await;
    let guess = desk.secret(chancery_token::Environment::Test).reveal().to_owned();
    desk.ask("bot", &guess, &[]).await.refusal();
    let secret = desk.client("bot", &GRANTS).await;
    desk.ask("bot", &secret, &[]).await.token();
}

#[tokio::test]
async fn changes_are_followed_without_a_restart() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    desk.ask("bot", &secret, &[]).await.token();
    let issuer = std::sync::Arc::clone(&desk.issuer);
    let follower = tokio::spawn(async move { issuer.follow().await });
    change(&desk, "bot", |client| {
        client.disable(crate::desk::NOW, "leaked", chancery_issuer::client::DisabledBy::Tenant)
    })
    .await;
    let refused = async {
        while desk.ask("bot", &secret, &[]).await.status == 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused).await.unwrap();
    follower.abort();
}
