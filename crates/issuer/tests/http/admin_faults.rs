//! A store that fails is nobody's fault who asks: 503, and never an answer about a client.

use crate::admin_desk::{AdminDesk, CLIENTS, draft};
use serde_json::{Value, json};
use std::time::Duration;

fn requests() -> Vec<(&'static str, &'static str, Option<Value>)> {
    vec![
        ("GET", CLIENTS, None),
        ("POST", CLIENTS, Some(draft("bot"))),
        ("GET", "/admin/v1/clients/bot", None),
        ("GET", "/admin/v1/clients/nobody", None),
        ("PATCH", "/admin/v1/clients/bot", Some(json!({"owner": "a"}))),
        ("POST", "/admin/v1/clients/bot/disable", Some(json!({"reason": "A test."}))),
        ("POST", "/admin/v1/clients/bot/enable", None),
        ("POST", "/admin/v1/clients/bot/secrets", None),
        ("DELETE", "/admin/v1/clients/bot/secrets/00000000", None),
        ("GET", "/admin/v1/keys", None),
        ("POST", "/admin/v1/keys/rotate", None),
        ("GET", "/admin/v1/catalog", None),
        ("GET", "/admin/v1/revocations", None),
        ("POST", "/admin/v1/revocations", Some(json!({"kind": "client", "id": "bot", "reason": "A test."}))),
        ("GET", "/admin/v1/revocations/receipts?sequence=1", None),
    ]
}

#[tokio::test]
async fn r_8_1_a_store_that_is_away_is_503_with_retry_after_and_never_404() {
    let desk = AdminDesk::open().await;
    desk.desk.store.take_away(true);
    for (method, path, body) in requests() {
        let answer = desk.send(&desk.token, method, path, body.as_ref()).await;
        assert_eq!(answer.problem(), "503 store_unavailable", "{method} {path}");
        assert_eq!(answer.header("retry-after"), "2");
        assert!(!answer.body.contains("closed"), "what the store said is for the log: {answer:?}");
    }
    assert!(desk.desk.get("/metrics").await.body.contains("chancery_store_faults_total 15"));
    desk.desk.store.take_away(false);
    assert_eq!(desk.get(CLIENTS).await.status, 200);
}

#[tokio::test]
async fn a_store_that_fails_after_the_administrator_was_read_is_503_too() {
    let desk = AdminDesk::open().await;
    for (method, path, body) in requests() {
        let asks_no_more =
            ["/keys", "/catalog", "/receipts?sequence=1"].iter().any(|end| path.ends_with(end));
        if asks_no_more || (method == "GET" && path.ends_with("/revocations")) {
            continue;
        }
        desk.desk.store.hold();
        let send = desk.send(&desk.token, method, path, body.as_ref());
        let fail = async {
            desk.desk.store.holds().await;
            desk.desk.store.take_away(true);
            desk.desk.store.release();
        };
        let (answer, ()) = tokio::join!(send, fail);
        desk.desk.store.take_away(false);
        assert_eq!(answer.problem(), "503 store_unavailable", "{method} {path}");
    }
}

#[tokio::test]
async fn a_store_that_hangs_is_503_when_the_time_of_a_request_is_up() {
    let desk = AdminDesk::open_with(&[("LIMITS__REQUEST_TIMEOUT", "1s")]).await;
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    desk.desk.store.hold();
    let answer = desk.get(CLIENTS).await;
    assert_eq!(answer.problem(), "503 store_timed_out");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_change_is_finished_and_audited_though_nobody_waits_for_it() {
    crate::captured::begin();
    let desk = AdminDesk::open().await;
    desk.post(CLIENTS, &draft("bot")).await;
    let reason = json!({"reason": "A test."});
    {
        let mut send = Box::pin(desk.post("/admin/v1/clients/bot/disable", &reason));
        // The first read is of the administrator, the second of the client: there the caller goes away.
        desk.desk.store.hold();
        tokio::select! {
            biased;
            _ = &mut send => unreachable!("it is held"),
            () = desk.desk.store.holds() => {}
        }
        desk.desk.store.release();
        desk.desk.store.hold();
        tokio::select! {
            biased;
            _ = &mut send => unreachable!("it is held"),
            () = desk.desk.store.holds() => {}
        }
    }
    desk.desk.store.release();
    let line = r#""verb":"client.disable","subject":"bot","outcome":"done""#;
    let audited = async {
        while !crate::captured::holds(line) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), audited).await.unwrap();
    let shown = desk.get("/admin/v1/clients/bot").await.json();
    assert_eq!(shown["client"]["state"], "disabled");
}

#[tokio::test]
async fn more_administrators_at_once_than_are_worked_on_are_told_to_come_later() {
    let desk = AdminDesk::open().await;
    desk.desk.store.hold_lists();
    let answers = sixteen_lists(&desk).await;
    let (answered, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(refused.len() >= 8 && !answered.is_empty(), "{} of 16", refused.len());
    for answer in refused {
        assert_eq!(answer.problem(), "503 overloaded");
    }
}

/// Sixteen lists, all begun before the first is answered.
async fn sixteen_lists(desk: &AdminDesk) -> Vec<crate::desk::Answer> {
    let mut waiting: Vec<_> = (0..16).map(|_| Box::pin(desk.get(CLIENTS))).collect();
    let mut answers = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|send| match send.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                answers.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if desk.desk.store.waiting_lists() == waiting.len() {
            desk.desk.store.answer_lists();
        }
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    answers
}
