use crate::desk::{DOCUMINT, Desk};
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn an_issuer_with_store_and_keys_is_ready() {
    let desk = Desk::open().await;
    let (alive, ready) = (desk.get("/healthz").await, desk.get("/readyz").await);
    assert_eq!((alive.status, alive.json()), (StatusCode::OK, json!({"status": "alive"})));
    assert_eq!((ready.status, ready.json()), (StatusCode::OK, json!({"status": "ready"})));
    assert_eq!(ready.header("cache-control"), "no-store");
}

#[tokio::test]
async fn r_8_7_without_its_store_an_issuer_is_degraded_and_not_dead_and_comes_back_by_itself() {
    let desk = Desk::open().await;
    desk.store.take_away(true);
    let (alive, ready) = (desk.get("/healthz").await, desk.get("/readyz").await);
    assert_eq!(alive.status, StatusCode::OK);
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(ready.json(), json!({"status": "degraded", "missing": ["store"]}));
    assert_eq!(
        desk.get("/.well-known/jwks.json").await.status,
        StatusCode::OK,
        "keys are served all the same"
    );
    desk.store.take_away(false);
    assert_eq!(desk.get("/readyz").await.json(), json!({"status": "ready"}));
}

#[tokio::test]
async fn an_issuer_that_cannot_read_what_changed_does_not_say_that_all_is_well() {
    let desk = Desk::open().await;
    desk.store.take_away(true);
    desk.issuer.catch_up().await.unwrap_err();
    desk.store.take_away(false);
    // The store answers again, and a client that was switched off elsewhere may still be in use here.
    assert_eq!(desk.get("/readyz").await.json(), json!({"status": "degraded", "missing": ["store"]}));
    desk.issuer.catch_up().await.unwrap();
    assert_eq!(desk.get("/readyz").await.json(), json!({"status": "ready"}));
}

#[tokio::test]
async fn r_11_2_a_fault_of_the_store_is_503_with_a_time_and_never_the_clients_fault() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    desk.store.take_away(true);
    for id in ["bot", "nobody"] {
        let answer = desk.ask(id, &secret, &[]).await;
        assert_eq!(answer.refusal(), "503 temporarily_unavailable store_unavailable");
        assert_eq!((answer.header("retry-after"), answer.header("www-authenticate")), ("2", ""));
    }
    desk.store.take_away(false);
    desk.ask("bot", &secret, &[]).await.token();
}

#[tokio::test]
async fn more_requests_than_are_worked_on_are_turned_away_for_a_moment() {
    let desk = Desk::open_with(&[("LIMITS__CONCURRENT_REQUESTS", "1")]).await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    desk.store.hold();
    let others = async {
        desk.store.holds().await;
        let answer = desk.ask("bot", &secret, &[]).await;
        assert_eq!(answer.refusal(), "503 temporarily_unavailable overloaded");
        assert_eq!(desk.get("/healthz").await.status, StatusCode::OK);
        desk.store.release();
    };
    let (first, ()) = tokio::join!(desk.ask("bot", &secret, &[]), others);
    first.token();
}

#[tokio::test]
async fn a_place_is_free_again_when_a_client_went_away() {
    let desk = Desk::open_with(&[("LIMITS__CONCURRENT_REQUESTS", "1")]).await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    desk.store.hold();
    tokio::select! {
        _ = desk.ask("bot", &secret, &[]) => panic!("it is held back"),
        () = desk.store.holds() => {}
    }
    desk.ask("bot", &secret, &[]).await.token();
}

#[tokio::test]
async fn bodies_that_trickle_in_take_no_place_from_others() {
    let desk = Desk::open_with(&[("LIMITS__CONCURRENT_REQUESTS", "1")]).await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    let slow = crate::desk::token_request(axum::body::Body::new(Never));
    let mut slow = std::pin::pin!(desk.send(slow));
    let waits =
        std::future::poll_fn(|context| std::task::Poll::Ready(slow.as_mut().poll(context).is_pending()));
    assert!(waits.await);
    desk.ask("bot", &secret, &[]).await.token();
}

/// A body of which nothing ever arrives.
struct Never;

impl hyper::body::Body for Never {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}
