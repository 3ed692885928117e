use crate::desk::{DOCUMINT, Desk, encode, token_request};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use bytes::Bytes;
use hyper::body::Frame;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

const GRANTS: [(&str, &str); 1] = [(DOCUMINT, "invoices:read")];

#[tokio::test]
async fn grant_type_is_named_and_served() {
    let desk = Desk::open().await;
    for (form, expected) in [
        (&[("scope", "a:b")][..], "400 invalid_request grant_type_missing"),
        (&[("grant_type", "")], "400 invalid_request grant_type_missing"),
        (&[("grant_type", "password")], "400 unsupported_grant_type grant_type_unsupported"),
        (&[("grant_type", "Client_Credentials")], "400 unsupported_grant_type grant_type_unsupported"),
        (&[("grant_type", "refresh_token")], "400 invalid_request refresh_token_missing"),
    ] {
        assert_eq!(desk.post(form).await.refusal(), expected, "{form:?}");
    }
}

#[tokio::test]
async fn every_malformed_body_is_invalid_request_and_stored_nowhere() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let good =
        encode(&[("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", &secret)]);
    let with = |more: &str| format!("{good}{more}").into_bytes();
    for (body, reason) in [
        (with("&scope=invoices:read&scope=invoices:read"), "parameter_repeated"),
        (with("&client_id=bot"), "parameter_repeated"),
        (with("&client_secret=x"), "parameter_repeated"),
        (with("&grant_type=client_credentials"), "parameter_repeated"),
        (with("&x=1&x=2"), "parameter_repeated"),
        (with("&scope=%ff"), "form_not_utf8"),
        ([with("&scope="), vec![0xff]].concat(), "form_not_utf8"),
        (with("&scope=%zz"), "form_encoding"),
        (with(&"&a=1".repeat(40)), "parameter_repeated"),
        (with(&(0..40).map(|n| format!("&a{n}=1")).collect::<Vec<_>>().concat()), "too_many_parameters"),
        (with(&format!("&x={}", "x".repeat(16 * 1024))), "body_too_large"),
    ] {
        let answer = desk.send(token_request(body)).await;
        assert_eq!(answer.refusal(), format!("400 invalid_request {reason}"));
        assert_eq!(answer.header("pragma"), "no-cache");
    }
}

#[tokio::test]
async fn unknown_and_empty_parameters_are_ignored() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let more = [("foo", "bar"), ("scope", ""), ("resource", ""), ("tenant", ""), ("offline_access", "1")];
    assert_eq!(desk.ask("bot", &secret, &more).await.json()["scope"], "invoices:read");
}

#[tokio::test]
async fn only_form_encoded_bodies_are_read() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let good =
        encode(&[("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", &secret)]);
    let send = |content_type: &str| {
        let mut request = token_request(good.clone());
        request.headers_mut().remove(header::CONTENT_TYPE);
        if !content_type.is_empty() {
            request.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        }
        desk.send(request)
    };
    for wrong in ["", "application/json", "text/plain", "multipart/form-data; boundary=x"] {
        assert_eq!(send(wrong).await.refusal(), "400 invalid_request content_type", "{wrong}");
    }
    for right in ["application/x-www-form-urlencoded; charset=UTF-8", "Application/X-WWW-Form-Urlencoded"] {
        send(right).await.token();
    }
}

#[tokio::test]
async fn parameters_in_the_uri_are_refused() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let query =
        encode(&[("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", &secret)]);
    let mut request = token_request("");
    *request.uri_mut() = format!("/oauth2/token?{query}").parse().unwrap();
    assert_eq!(desk.send(request).await.refusal(), "400 invalid_request parameters_in_query");
    let mut request = token_request(query.clone());
    *request.uri_mut() = "/oauth2/token?tenant=acme".parse().unwrap();
    assert_eq!(desk.send(request).await.refusal(), "400 invalid_request parameters_in_query");
    let mut request = token_request(query);
    *request.uri_mut() = "/oauth2/token?".parse().unwrap();
    desk.send(request).await.token();
}

#[tokio::test]
async fn every_other_method_is_405_with_allow() {
    let desk = Desk::open().await;
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request::builder().method(&method).uri("/oauth2/token").body(Body::empty()).unwrap();
        let answer = desk.send(request).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (StatusCode::METHOD_NOT_ALLOWED, "POST"),
            "{method}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        if method != Method::HEAD {
            assert_eq!(answer.refusal(), "405 invalid_request method_not_allowed");
        }
    }
}

#[tokio::test]
async fn a_body_in_pieces_is_one_body_and_a_broken_one_is_refused() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &GRANTS).await;
    let good =
        encode(&[("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", &secret)]);
    let pieces: Vec<Bytes> = good.as_bytes().chunks(7).map(Bytes::copy_from_slice).collect();
    desk.send(token_request(Body::new(Pieces(pieces, End::Whole)))).await.token();
    let pieces = vec![Bytes::from_static(b"grant_type=client")];
    let answer = desk.send(token_request(Body::new(Pieces(pieces, End::BrokenOff)))).await;
    assert_eq!(answer.refusal(), "400 invalid_request body_broken_off");
    let many = vec![Bytes::from(vec![b'x'; 64 * 1024]); 32];
    let answer = desk.send(token_request(Body::new(Pieces(many, End::Never)))).await;
    assert_eq!(answer.refusal(), "400 invalid_request body_too_large");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let desk = Desk::open().await;
    tokio::time::pause();
    let request = token_request(Body::new(Pieces(vec![Bytes::from_static(b"grant_type=")], End::Never)));
    let before = tokio::time::Instant::now();
    let answer = desk.send(request).await;
    assert_eq!(answer.refusal(), "408 invalid_request body_timed_out");
    assert_eq!(before.elapsed().as_secs(), Duration::from_secs(10).as_secs());
}

/// A body that begins and does not end.
pub(crate) fn never_ending(begins: &'static [u8]) -> Body {
    Body::new(Pieces(vec![Bytes::from_static(begins)], End::Never))
}

/// A body that arrives piece by piece.
struct Pieces(Vec<Bytes>, End);

#[derive(Clone, Copy)]
enum End {
    Whole,
    BrokenOff,
    Never,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !self.0.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.0.remove(0)))));
        }
        match self.1 {
            End::Whole => Poll::Ready(None),
            End::BrokenOff => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into()))),
            End::Never => Poll::Pending,
        }
    }
}
