//! Questions that have no document for an answer.

use super::office::SNAPSHOT;
use crate::described::Described;
use crate::desk::{Desk, basic};
use chancery_revocation::{LogId, Sequence};
use chancery_token::Environment;

/// `status error reason`, and whether it says when to ask again.
fn refused(answer: &crate::desk::Answer) -> (String, bool) {
    (answer.refusal(), !answer.header("retry-after").is_empty())
}

#[tokio::test]
async fn every_wrong_parameter_is_refused_and_described() {
    let desk = Desk::open().await;
    let described = Described::read(&desk.get("/openapi.json").await);
    let (log, after) = (desk.log(), desk.sequence());
    for query in [
        String::new(),
        format!("log={log}"),
        format!("after={after}"),
        format!("log={log}&after={after}&wait=soon"),
        format!("log={log}&after={after}&wait=-1"),
        format!("log={log}&after=0x10"),
        format!("log={log}x&after={after}"),
        format!("log={log}&after={after}&after={after}"),
        format!("log={log}&after={after}&chs_test_secret=1"),
    ] {
        let answer = desk.get(&format!("/revocation/delta?{query}")).await;
        assert_eq!(refused(&answer), ("400 invalid_request query_refused".into(), false), "{query}");
        assert!(!answer.body.contains("chs_"), "{answer:?}");
        described.check("GET", "/revocation/delta", &answer);
    }
    let answer = desk.get(&format!("{SNAPSHOT}?wait=5")).await;
    assert_eq!(refused(&answer), ("400 invalid_request query_refused".into(), false));
    described.check("GET", SNAPSHOT, &answer);
    let good = desk.get(&desk.delta_path(after, 0)).await;
    described.check("GET", "/revocation/delta", &good);
}

#[tokio::test]
async fn places_that_are_not_of_this_log_are_told_apart() {
    let desk = Desk::open().await;
    desk.revoke_some(2).await;
    let (log, at) = (desk.log(), desk.sequence());
    let other = LogId::from_bytes([3; 16]);
    let far = at.get() + 1000;
    for (query, expected) in [
        (format!("log={other}&after={at}"), "410 gone cursor_of_another_log"),
        (format!("log={other}&after={at}&wait=55"), "410 gone cursor_of_another_log"),
        (format!("log={other}&after={far}&wait=55"), "410 gone cursor_of_another_log"),
        (format!("log={log}&after=7"), "410 gone cursor_forgotten"),
        (format!("log={log}&after=7&wait=55"), "410 gone cursor_forgotten"),
        (format!("log={log}&after={far}"), "409 conflict cursor_ahead"),
        // Another issuer may have been a moment faster; for a second this one has it.
        (format!("log={log}&after={far}&wait=55"), "409 conflict cursor_ahead"),
    ] {
        let answer = desk.get(&format!("/revocation/delta?{query}")).await;
        assert_eq!(refused(&answer), (expected.into(), false), "{query}");
    }
}

#[tokio::test]
async fn a_place_that_another_issuer_was_a_moment_faster_to_publish_is_waited_for() {
    let desk = Desk::open().await;
    let next = Sequence::new(desk.sequence().get() + 1);
    let path = desk.delta_path(next, 55);
    let (answer, ()) = tokio::join!(desk.get(&path), async {
        super::office::until(|| desk.issuer.publisher().receipts().of(next).anonymous == 1).await;
        // It is held while others are answered, and not told at once that it lies ahead.
        for _ in 0..100 {
            desk.get(SNAPSHOT).await;
            tokio::task::yield_now().await;
        }
        desk.revoke_some(1).await;
        // The poll goes on to wait for what comes after it.
        desk.revoke_some(1).await;
    });
    assert_eq!(super::office::told(&desk.document(&answer.body).await).0, next);
}

#[tokio::test]
async fn credentials_that_are_wrong_are_refused_and_none_are_needed() {
    let desk = Desk::open().await;
    let secret = desk.client("api", &[]).await;
    let wrong = desk.secret(Environment::Test);
    let path = desk.delta_path(desk.sequence(), 0);
    for (credentials, expected) in [
        (basic(&format!("api:{}", wrong.reveal())), "401 invalid_client client_authentication_failed"),
        (basic(&format!("nobody:{secret}")), "401 invalid_client client_authentication_failed"),
        ("Basic !".to_owned(), "401 invalid_client client_authentication_failed"),
        ("Bearer abc".to_owned(), "401 invalid_client authorization_scheme"),
    ] {
        let answer = desk.ask_for(&path, &[("authorization", &credentials)]).await;
        assert_eq!(answer.refusal(), expected);
        assert!(!answer.header("www-authenticate").is_empty());
    }
    let named = [("authorization", &*basic(&format!("api:{secret}"))), ("chancery-verifier", "pod-1")];
    let answer = desk.ask_for(&path, &named).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert_eq!(desk.get(&path).await.body, answer.body, "everybody is told the same");
    for name in ["", "two words", &"n".repeat(65), "\u{e9}"] {
        let answer = desk.ask_for(&path, &[("chancery-verifier", name)]).await;
        assert_eq!(answer.refusal(), "400 invalid_request verifier_name", "{name}");
    }
    // While nobody can say whose a secret is, the poll is served all the same.
    desk.store.take_away(true);
    let unknown = basic(&format!("other:{secret}"));
    assert_eq!(desk.ask_for(&path, &[("authorization", &unknown)]).await.status.as_u16(), 200);
}

#[tokio::test]
async fn more_polls_than_may_wait_are_told_to_come_later_and_their_places_are_given_back() {
    let desk = Desk::open().await;
    let path = desk.delta_path(desk.sequence(), 55);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..4096 {
        let request = http::Request::get(&path).body(axum::body::Body::empty()).unwrap();
        let router = desk.router.clone();
        waiting.spawn(tower::ServiceExt::oneshot(router, request));
    }
    let anonymous = || desk.issuer.publisher().receipts().of(Sequence::new(0)).anonymous;
    super::office::until(|| anonymous() == 4096).await;
    assert_eq!(refused(&desk.get(&path).await), ("503 temporarily_unavailable overloaded".into(), true));
    let at_once = desk.delta_path(desk.sequence(), 0);
    assert_eq!(desk.get(&at_once).await.status.as_u16(), 200, "who does not wait needs no place");
    let secret = desk.client("bot", &[(crate::desk::DOCUMINT, "invoices:read")]).await;
    desk.ask("bot", &secret, &[]).await.token();
    waiting.shutdown().await;
    assert_eq!(anonymous(), 0);
    desk.issuer.publisher().stop_waiting();
    assert_eq!(desk.get(&path).await.status.as_u16(), 200);
}
