//! The log does not take an entry just now.

use crate::admin_desk::AdminDesk;
use crate::admin_revocations::REVOCATIONS;
use crate::desk::{Answer, DOCUMINT};
use chancery_revocation::Kill;
use chancery_token::TokenId;
use serde_json::{Value, json};
use std::time::Duration;

/// Sends this; the store goes away when the entry comes, and is back afterwards.
async fn without_the_entry(desk: &AdminDesk, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let store = &desk.desk.store;
    let waiting = store.waiting_appends();
    store.hold_appends();
    let go = async {
        while store.waiting_appends() == waiting {
            tokio::task::yield_now().await;
        }
        store.take_away(true);
        store.take_appends();
    };
    let (answer, ()) = tokio::join!(desk.send(&desk.token, method, path, body), go);
    store.take_away(false);
    answer
}

#[tokio::test]
async fn r_8_1_what_was_done_in_half_is_503_and_the_same_request_does_the_rest() {
    let desk = AdminDesk::open().await;
    desk.desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    desk.desk.client("small", &[(DOCUMINT, "invoices:*")]).await;
    let off = json!({"reason": "It leaked."});
    let shorter = json!({"lifetime_secs": 60});
    let rotate = json!({"format": "paseto", "leaked": true});
    for (method, path, body) in [
        ("POST", "/admin/v1/clients/bot/disable", &off),
        ("PATCH", "/admin/v1/clients/small", &shorter),
        ("POST", "/admin/v1/keys/rotate", &rotate),
    ] {
        let before = desk.get(REVOCATIONS).await.json()["sequence"].clone();
        let half = without_the_entry(&desk, method, path, Some(body)).await;
        assert_eq!(half.problem(), "503 not_yet_revoked", "{method} {path}");
        assert!(half.json()["detail"].as_str().unwrap().contains("send the same request again"), "{half:?}");
        assert_eq!(desk.get(REVOCATIONS).await.json()["sequence"], before, "{method} {path}");
        let whole = desk.send(&desk.token, method, path, Some(body)).await;
        assert_eq!(whole.status, 200, "{whole:?}");
        let told = whole.json();
        let sequence =
            if path.ends_with("rotate") { &told["rotations"][0]["sequence"] } else { &told["sequence"] };
        assert_eq!(*sequence, desk.get(REVOCATIONS).await.json()["sequence"], "{method} {path}");
        assert_ne!(*sequence, before);
    }
    let shown = desk.get("/admin/v1/clients/bot").await.json();
    assert_eq!(shown["client"]["state"], "disabled");
}

#[tokio::test]
async fn a_revocation_that_was_not_written_is_503_and_nothing_is_over() {
    let desk = AdminDesk::open().await;
    desk.desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let what = json!({"kind": "client", "id": "bot", "reason": "It leaked."});
    let before = desk.get(REVOCATIONS).await.json()["sequence"].clone();
    let refused = without_the_entry(&desk, "POST", REVOCATIONS, Some(&what)).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(desk.get(REVOCATIONS).await.json()["sequence"], before);
    assert_eq!(desk.post(REVOCATIONS, &what).await.json()["changed"], true);
}

#[tokio::test]
async fn r_3_1_what_another_issuer_revoked_is_called_revoked_once_that_is_sure_to_last() {
    let desk = AdminDesk::open().await;
    let (jti, end) = (TokenId::from_bytes([9; 16]), desk.desk.issuer_now().plus(Duration::from_mins(5)));
    desk.desk.end_beside(Kill::token(jti, end)).await;
    let what = json!({"kind": "token", "id": jti.to_string(), "reason": "It leaked."});
    desk.desk.store.leave_alone(true);
    let refused = desk.post(REVOCATIONS, &what).await;
    assert_eq!(refused.problem(), "503 store_not_durable");
    desk.desk.store.leave_alone(false);
    assert_eq!(desk.post(REVOCATIONS, &what).await.json()["changed"], false);
}

#[tokio::test]
async fn r_3_1_a_refresh_key_is_called_revoked_once_that_is_sure_to_last() {
    let desk = AdminDesk::open().await;
    let what = json!({"kind": "refresh_epoch", "id": "0", "reason": "It leaked."});
    for _ in 0..2 {
        desk.desk.store.leave_alone(true);
        let refused = desk.post(REVOCATIONS, &what).await;
        assert_eq!(refused.problem(), "503 not_yet_revoked");
    }
    desk.desk.store.leave_alone(false);
    assert_eq!(desk.post(REVOCATIONS, &what).await.json()["changed"], false, "it was taken out before");
}
