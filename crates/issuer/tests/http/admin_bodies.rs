use crate::admin_desk::{AdminDesk, CLIENTS, draft, request};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, header};
use hyper::body::Frame;
use serde_json::json;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

fn signed(desk: &AdminDesk, method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    let mut request = request(method, path, body.into());
    let token = HeaderValue::try_from(format!("Bearer {}", desk.token)).unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, token);
    request
}

#[tokio::test]
async fn what_is_no_json_is_refused_with_its_place() {
    let desk = AdminDesk::open().await;
    for (body, detail) in [
        ("", "line 1, column 0"),
        ("{", "line 1, column 1"),
        ("{\n\"id\": chs_test_x}", "line 2, column 7"),
        ("id=bot", "line 1, column 1"),
        ("{} {}", "line 1, column 4"),
        (&"[".repeat(20_000), "line 1, column 128"),
    ] {
        let answer = desk.send_request(signed(&desk, "POST", CLIENTS, body.to_owned())).await;
        assert_eq!(answer.problem(), "400 not_json", "{body:.40}");
        assert!(answer.body.contains(detail) && !answer.body.contains("chs_"), "{answer:?}");
    }
}

#[tokio::test]
async fn members_that_are_not_known_repeated_null_or_of_another_kind_are_all_told_with_their_places() {
    let desk = AdminDesk::open().await;
    let body = r#"{"id":"bot","owner":null,"tenant":"acme","tenants":"acme","lifetime_secs":"900",
        "grants":[{"scope":"customers:read","why":"x","reason":"a","reason":"b"}],"id":"bat","chs_test_Xyz":1}"#;
    let answer = desk.send_request(signed(&desk, "POST", CLIENTS, body)).await;
    assert_eq!(answer.problem(), "400 document_refused");
    let mut told = answer.pointed();
    told.sort();
    assert_eq!(
        told,
        [
            " member_unknown",
            "/grants/0/reason member_repeated",
            "/grants/0/why member_unknown",
            "/id member_repeated",
            "/lifetime_secs member_wrong_type",
            "/owner member_null",
            "/tenant member_unknown",
            "/tenants member_wrong_type",
        ]
    );
    assert!(
        answer.body.contains("did you mean 'tenants'?") && !answer.body.contains("chs_test"),
        "{answer:?}"
    );
    for body in [json!([]), json!("x"), json!(7), json!(null)] {
        let answer = desk.post(CLIENTS, &body).await;
        assert_eq!(answer.problem(), "400 document_refused", "{body}");
    }
    for path in ["enable", "secrets"] {
        let answer = desk.post(&format!("/admin/v1/clients/root/{path}"), &json!({"reason": "x"})).await;
        assert_eq!(answer.pointed(), ["/reason member_unknown"], "{path}");
    }
}

#[tokio::test]
async fn another_content_type_is_415_and_a_patch_may_say_what_it_is() {
    let desk = AdminDesk::open().await;
    desk.post(CLIENTS, &draft("bot")).await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp", "json"] {
        let mut request = signed(&desk, "POST", CLIENTS, draft("bat").to_string());
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        assert_eq!(desk.send_request(request).await.problem(), "415 content_type", "{content_type}");
    }
    for content_type in ["application/merge-patch+json", "Application/JSON; charset=utf-8"] {
        let mut request = signed(&desk, "PATCH", "/admin/v1/clients/bot", json!({"owner": "b"}).to_string());
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        assert_eq!(desk.send_request(request).await.status, 200, "{content_type}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let desk = AdminDesk::open().await;
    let mut large = draft("bot");
    large["purpose"] = "x".repeat(64 * 1024).into();
    assert_eq!(desk.post(CLIENTS, &large).await.problem(), "413 body_too_large");
    let mut fits = draft("bot");
    fits["purpose"] = "x".repeat(60 * 1024).into();
    assert_eq!(desk.post(CLIENTS, &fits).await.pointed().len(), 1, "it is read, and then refused");
}

/// A body that never ends and never comes.
struct Never;

impl hyper::body::Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408_and_one_that_breaks_off_400() {
    let desk = AdminDesk::open_with(&[("LIMITS__REQUEST_TIMEOUT", "1s")]).await;
    let answer = desk.send_request(signed(&desk, "POST", CLIENTS, Body::new(Never))).await;
    assert_eq!(answer.problem(), "408 body_timed_out");
    let broken = Broken(Some(Bytes::from_static(b"{\"id\":")));
    let answer = desk.send_request(signed(&desk, "POST", CLIENTS, Body::new(broken))).await;
    assert_eq!(answer.problem(), "400 body_broken_off");
}

/// A body that begins, and fails.
struct Broken(Option<Bytes>);

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let next = self.0.take().map(Frame::data).ok_or_else(|| std::io::Error::other("gone"));
        Poll::Ready(Some(next))
    }
}

#[tokio::test]
async fn whoever_has_no_token_does_not_get_a_body_read() {
    let desk = AdminDesk::open().await;
    let answer = desk.send_request(request("POST", CLIENTS, Body::new(Never))).await;
    assert_eq!(answer.problem(), "401 token_missing");
}
