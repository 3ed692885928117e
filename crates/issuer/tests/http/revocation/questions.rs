//! Questions that have no document for an answer.

use super::office::SNAPSHOT;
use crate::described::Described;
use crate::desk::{Desk, basic};
use chancery_issuer::client::{Client, ClientState, DisabledBy};
use chancery_revocation::{Kill, LogId, Sequence};
use chancery_token::{Environment, TokenId};
use chancery_verifier::clock::Clock as _;
use std::time::Duration;

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
async fn a_client_that_may_have_no_token_is_counted_no_more_than_a_wrong_secret() {
    let desk = Desk::open().await;
    let off = |client: Client| {
        let (at, reason) = (client.created_at, "It leaked.".to_owned());
        Client { state: ClientState::Disabled { at, reason, by: DisabledBy::default() }, ..client }
    };
    let secret = desk.client_with("off", &[], off).await;
    let path = desk.delta_path(desk.sequence(), 0);
    let answer = desk.ask_for(&path, &[("authorization", &basic(&format!("off:{secret}")))]).await;
    assert_eq!(answer.refusal(), "401 invalid_client client_disabled");
    assert!(desk.issuer.publisher().receipts().of(desk.sequence()).verifiers.is_empty());
}

#[tokio::test]
async fn r_3_4_whoever_fills_all_places_to_wait_in_keeps_no_verifier_from_its_news() {
    let desk = Desk::open().await;
    let path = desk.delta_path(desk.sequence(), 55);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..2048 {
        let request = http::Request::get(&path).body(axum::body::Body::empty()).unwrap();
        let router = desk.router.clone();
        waiting.spawn(tower::ServiceExt::oneshot(router, request));
    }
    let anonymous = || desk.issuer.publisher().receipts().of(Sequence::new(0)).anonymous;
    super::office::until(|| anonymous() == 2048).await;
    // One more is told at once what there is, and one that says whose it is waits.
    let at_once = desk.get(&path).await;
    assert_eq!((at_once.status.as_u16(), at_once.header("cache-control")), (200, "no-store"));
    assert_eq!(super::office::told(&desk.document(&at_once.body).await).2, 0, "a heartbeat");
    let secret = desk.client("bot", &[(crate::desk::DOCUMINT, "invoices:read")]).await;
    let credentials = basic(&format!("bot:{secret}"));
    let headers = [("authorization", &*credentials)];
    let (told, ()) = tokio::join!(desk.ask_for(&path, &headers), async {
        let receipts = desk.issuer.publisher().receipts();
        super::office::until(|| receipts.connected(Sequence::new(0)).connected == 1).await;
        desk.ask("bot", &secret, &[]).await.token();
        desk.revoke_some(1).await;
    });
    assert_eq!(super::office::told(&desk.document(&told.body).await).2, 1, "it waited for news");
    waiting.shutdown().await;
    assert_eq!(anonymous(), 0);
    desk.issuer.publisher().stop_waiting();
    assert_eq!(desk.get(&path).await.status.as_u16(), 200);
}

#[tokio::test]
async fn r50_places_far_behind_cost_so_much_and_lead_to_the_snapshot() {
    let desk = Desk::open().await;
    let start = desk.sequence();
    let (mut published, end) = (Vec::new(), desk.clock.now().plus(Duration::from_hours(1)));
    for number in 0_u64..40 {
        let token = |entry: u64| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&(number * 1000 + entry).to_be_bytes());
            Kill::token(TokenId::from_bytes(id), end)
        };
        let kills: Vec<Kill> = (0..1000).map(token).collect();
        let before = desk.sequence();
        desk.issuer.revocation_log().append(&kills).await.unwrap();
        let told = desk.get(&desk.delta_path(before, 55)).await;
        assert_eq!(super::office::told(&desk.document(&told.body).await).1, desk.sequence());
        published.push(desk.sequence());
    }
    let last = desk.sequence();
    let far = async |place: Sequence| {
        let answer = desk.get(&desk.delta_path(place, 0)).await;
        if answer.status.as_u16() == 200 { "delta".to_owned() } else { answer.refusal() }
    };
    let forgotten = "410 gone cursor_forgotten";
    assert_eq!(far(published[5]).await, forgotten, "34,000 behind");
    assert_eq!(far(start).await, "delta", "one of few places");
    assert_eq!(far(published[39]).await, "delta");
    // Near the end there are as many places as entries, and nobody but who attacks asks from each.
    let (began, mut given) = (tokio::time::Instant::now(), 0);
    for _ in 0..4 {
        let at = desk.sequence();
        desk.revoke_some(1).await;
        desk.get(&desk.delta_path(at, 55)).await;
        for back in 100..=1000 {
            let answer = far(Sequence::new(last.get() - back)).await;
            given += if answer == "delta" { back } else { 0 };
            assert!(answer == "delta" || answer == forgotten, "{answer}");
        }
    }
    // However long that took here: so many entries in each second of it, and in the first and the last one.
    let most = (began.elapsed().as_secs() + 2) * 256 * 1024;
    assert!((1..=most).contains(&given), "{given} entries in {:?}", began.elapsed());
    assert_eq!(far(last).await, "delta", "whoever follows is told all the same");
    assert_eq!(desk.get(SNAPSHOT).await.status.as_u16(), 200);
}
