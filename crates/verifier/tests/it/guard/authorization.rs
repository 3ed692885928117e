//! The `Authorization` header, as strangers write it.

use super::{Answer, METADATA_URL, guard, ok, request, send, serve, token};
use axum::body::Body;
use axum::extract::Request;
use chancery_verifier::guard::{Guarded, Router, post};
use chancery_verifier::scope;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use proptest::prelude::*;

fn app() -> Guarded {
    guard(Router::new().route("/a", post(scope!("records:read"), ok)))
}

async fn with_headers(app: &Guarded, values: &[&[u8]]) -> Answer {
    let mut request = request("POST", "/a", None);
    for value in values {
        request.headers_mut().append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
    }
    send(app, request).await
}

#[tokio::test]
async fn r_5_1_without_bearer_credentials_the_challenge_has_no_error() {
    for (value, reason) in [
        (None, "token_missing"),
        (Some("Basic dGVzdDp0ZXN0"), "scheme_not_bearer"),
        (Some("DPoP abc"), "dpop_not_taken"),
        (Some("abc"), "scheme_not_bearer"),
    ] {
        let values: Vec<&[u8]> = value.iter().map(|value| value.as_bytes()).collect();
        let answer = with_headers(&app(), &values).await;
        assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, reason), "{value:?}");
        assert_eq!(
            answer.challenge(),
            format!("Bearer resource_metadata=\"{METADATA_URL}\", scope=\"records:read\"")
        );
        assert!(answer.json().get("error").is_none(), "{answer:?}");
    }
}

#[tokio::test]
async fn r41_malformed_credentials_are_an_invalid_request() {
    let good = format!("Bearer {}", token("records:read").sign());
    let good = good.as_bytes();
    for (values, reason) in [
        (&[b"Bearer".as_slice()][..], "credentials_malformed"),
        (&[b"Bearer "], "credentials_malformed"),
        (&[b"Bearer a b"], "credentials_malformed"),
        (&[b"Bearer token=\"a\""], "credentials_malformed"),
        (&[b"Bearer \xc3\xa4"], "credentials_malformed"),
        (&[good, good], "credentials_repeated"),
        (&[good, b"Basic dGVzdDp0ZXN0"], "credentials_repeated"),
        (&[b"", good], "credentials_repeated"),
    ] {
        let answer = with_headers(&app(), values).await;
        assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (400, reason), "{values:?}");
        assert_eq!(answer.json()["error"], "invalid_request");
        assert!(answer.challenge().contains("error=\"invalid_request\""), "{}", answer.challenge());
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let token = token("records:read").sign();
    for scheme in ["Bearer", "bearer", "BEARER", "beArer "] {
        let answer = with_headers(&app(), &[format!("{scheme} {token}").as_bytes()]).await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn a_token_elsewhere_than_in_the_header_does_not_count() {
    let token = token("records:read").sign();
    let form = format!("access_token={token}");
    let request = Request::post(format!("/a?{form}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", &form)
        .header("proxy-authorization", format!("Bearer {token}"))
        .body(Body::from(form))
        .unwrap();
    let answer = send(&app(), request).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, "token_missing"));
}

#[tokio::test]
async fn r41_a_text_that_is_no_token_is_an_invalid_token() {
    for (text, reason) in
        [("abc", "segment_count"), ("a+b/c==", "character_forbidden"), ("~", "character_forbidden")]
    {
        let answer = with_headers(&app(), &[format!("Bearer {text}").as_bytes()]).await;
        assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, reason), "{text}");
        assert_eq!(answer.json()["error"], "invalid_token");
    }
    let long = format!("Bearer {}", "a".repeat(9000));
    assert_eq!(with_headers(&app(), &[long.as_bytes()]).await.reason(), "token_too_large");
}

#[tokio::test]
async fn two_headers_on_the_wire_are_refused() {
    let address = serve(app()).await;
    let token = format!("Bearer {}", token("records:read").sign());
    let twice = reqwest::Client::new().post(format!("http://{address}/a"));
    let answer = twice.header(AUTHORIZATION, &token).header(AUTHORIZATION, &token).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("credentials_repeated"));
}

/// `None` for bytes that no header can hold.
fn answer_to(value: &[u8]) -> Option<Answer> {
    let value = HeaderValue::from_bytes(value).ok()?;
    let mut request = request("POST", "/a", None);
    request.headers_mut().insert(AUTHORIZATION, value);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    Some(runtime.block_on(send(&app(), request)))
}

fn is_proper_refusal(answer: Option<Answer>) -> bool {
    answer.is_none_or(|answer| {
        matches!(answer.status.as_u16(), 400 | 401)
            && !answer.reason().is_empty()
            && answer.challenge().starts_with("Bearer resource_metadata=")
    })
}

proptest! {
    #[test]
    fn no_bytes_after_bearer_open_a_route(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(is_proper_refusal(answer_to(&[b"Bearer ", &*bytes].concat())));
    }

    #[test]
    fn no_bytes_at_all_open_a_route(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(is_proper_refusal(answer_to(&bytes)));
    }

    #[test]
    fn one_changed_byte_closes_the_route(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let good = format!("Bearer {}", token("records:read").sign()).into_bytes();
        let mut changed = good.clone();
        changed[at.index(good.len())] = byte;
        let still_good = changed[..7].eq_ignore_ascii_case(b"Bearer ") && changed[7..] == good[7..];
        let answer = answer_to(&changed);
        let proper = if still_good { answer.is_some_and(|it| it.status == 200) } else { is_proper_refusal(answer) };
        prop_assert!(proper);
    }
}

#[tokio::test]
async fn an_audience_that_is_no_url_is_named_as_realm() {
    let issuer = chancery_verifier::testing::TestIssuer::new("https://auth.example.com", "billing \"eu\"\\é");
    let routes = Router::new().route("/a", post(scope!("records:read"), ok));
    let app = routes.guard(super::verifier_of(&issuer)).unwrap();
    assert_eq!(
        with_headers(&app, &[]).await.challenge(),
        "Bearer realm=\"billing ?eu???\", scope=\"records:read\""
    );
}
