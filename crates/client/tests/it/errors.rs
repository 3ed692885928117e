use crate::endpoint::{Endpoint, SECRET, client_of};
use axum::http::StatusCode;
use chancery_client::{AuthorizationServer, ErrorKind, RequestError, TokenRequest};
use std::time::Duration;

async fn error_of(status: StatusCode, headers: &[(&'static str, &str)], body: &str) -> RequestError {
    let endpoint = Endpoint::start().await;
    endpoint.answers(status, headers, body);
    let error = endpoint.client().0.token(&TokenRequest::new()).await.unwrap_err();
    assert_eq!(endpoint.asked().len(), 1, "nothing is tried again");
    error
}

#[tokio::test]
async fn a_refusal_is_permanent_and_carries_the_words_of_the_issuer() {
    let body = r#"{"error":"invalid_scope","error_description":"unknown: a:b","reason":"scope_unknown"}"#;
    let error = error_of(StatusCode::BAD_REQUEST, &[], body).await;
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "scope_unknown"));
    assert_eq!(error.to_string(), "the issuer refused: invalid_scope (scope_unknown): unknown: a:b");
    let plain = error_of(StatusCode::UNAUTHORIZED, &[], r#"{"error":"invalid_client"}"#).await;
    assert_eq!((plain.kind(), plain.reason()), (ErrorKind::Permanent, "invalid_client"));
}

#[tokio::test]
async fn an_issuer_that_cannot_answer_is_transient_and_says_when_to_come_back() {
    for status in [429, 500, 502, 503] {
        let error = error_of(StatusCode::from_u16(status).unwrap(), &[("retry-after", "7")], "{}").await;
        let expected = RequestError::Unavailable { status, retry_after: Some(Duration::from_secs(7)) };
        assert_eq!(error, expected);
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Transient, Some(Duration::from_secs(7))));
    }
    let dated =
        error_of(StatusCode::SERVICE_UNAVAILABLE, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], "")
            .await;
    assert_eq!(dated.retry_after(), None);
    let absurd =
        error_of(StatusCode::SERVICE_UNAVAILABLE, &[("retry-after", "18446744073709551615")], "").await;
    assert_eq!(absurd.retry_after(), Some(Duration::from_hours(1)), "a wish that no clock can hold is cut");
}

#[tokio::test]
async fn whatever_is_no_token_answer_is_a_permanent_error() {
    let long = format!(r#"{{"access_token":"{}","token_type":"Bearer","expires_in":9}}"#, "a".repeat(70_000));
    let bodies = [
        "",
        "not json",
        "[]",
        r#"{"token_type":"Bearer","expires_in":9}"#,
        r#"{"access_token":"t","expires_in":9}"#,
        r#"{"access_token":"t","token_type":"DPoP","expires_in":9}"#,
        r#"{"access_token":"t","token_type":"Bearer"}"#,
        r#"{"access_token":"t","token_type":"Bearer","expires_in":-9}"#,
        r#"{"access_token":"","token_type":"Bearer","expires_in":9}"#,
        r#"{"access_token":"a\nb","token_type":"Bearer","expires_in":9}"#,
        &long,
    ];
    for body in bodies {
        let error = error_of(StatusCode::OK, &[], body).await;
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "bad_answer"), "{body:.60}");
    }
    for status in [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST, StatusCode::NO_CONTENT] {
        assert_eq!(error_of(status, &[], "").await.reason(), "bad_answer");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_secret() {
    let elsewhere = Endpoint::start().await;
    let target = format!("{}/oauth2/token", elsewhere.url);
    let error = error_of(StatusCode::TEMPORARY_REDIRECT, &[("location", &target)], "").await;
    assert_eq!(error.reason(), "bad_answer");
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/oauth2/token", free.local_addr().unwrap());
    drop(free);
    let (client, _) = client_of(AuthorizationServer::token_endpoint(&url).unwrap());
    let error = client.token(&TokenRequest::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Transient, "issuer_unreachable"));
}

#[tokio::test]
async fn r08_neither_secret_nor_token_shows_in_debug_or_in_errors() {
    let endpoint = Endpoint::start().await;
    let (client, _) = endpoint.client();
    let token = client.token(&TokenRequest::new()).await.unwrap();
    let shown = format!("{client:?} {token:?}");
    assert!(!shown.contains(SECRET) && !shown.contains(token.expose()), "{shown}");
    endpoint.answers(StatusCode::OK, &[], r#"{"access_token":"leaked-token","token_type":7}"#);
    let other = TokenRequest::new().resource("https://other.example");
    let error = client.token(&other).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("leaked-token"));
}
