use crate::endpoint::Endpoint;
use axum::http::StatusCode;
use chancery_client::{ErrorKind, TokenRequest};
use chancery_token::scope;
use std::time::Duration;

#[tokio::test]
async fn a_token_is_used_again_until_it_has_eleven_minutes_left() {
    let endpoint = Endpoint::start().await;
    let (client, clock) = endpoint.client();
    let request = TokenRequest::new();
    assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
    clock.advance(Duration::from_secs(239));
    assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test]
async fn from_then_on_the_old_token_serves_while_the_next_is_fetched_once() {
    let endpoint = Endpoint::start().await;
    let (client, clock) = endpoint.client();
    let request = TokenRequest::new();
    client.token(&request).await.unwrap();
    clock.advance(Duration::from_mins(4));
    endpoint.hold();
    for _ in 0..20 {
        assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
    }
    endpoint.wait_for(2).await;
    endpoint.release();
    while client.token(&request).await.unwrap().expose() != "token-2" {
        tokio::task::yield_now().await;
    }
    assert_eq!(endpoint.asked().len(), 2);
}

#[tokio::test]
async fn with_less_than_min_ttl_left_callers_wait_for_the_next_token() {
    let endpoint = Endpoint::start().await;
    let (client, clock) = endpoint.client();
    let (client, request) = (client.min_ttl(Duration::from_mins(10)), TokenRequest::new());
    client.token(&request).await.unwrap();
    clock.advance(Duration::from_mins(5));
    assert_eq!(client.token(&request).await.unwrap().expose(), "token-2");
}

#[tokio::test]
async fn a_token_that_never_lives_min_ttl_is_handed_out_fresh_each_time() {
    let endpoint = Endpoint::start().await;
    endpoint.grants(5);
    let (client, _) = endpoint.client();
    for expected in ["token-1", "token-2"] {
        assert_eq!(client.token(&TokenRequest::new()).await.unwrap().expose(), expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_callers_want_one_token_the_issuer_is_asked_once() {
    let endpoint = Endpoint::start().await;
    endpoint.hold();
    let (client, _) = endpoint.client();
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.token(&TokenRequest::new()).await })
        })
        .collect();
    endpoint.wait_for(1).await;
    endpoint.release();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().expose(), "token-1");
    }
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_the_request() {
    let endpoint = Endpoint::start().await;
    endpoint.hold();
    let (client, _) = endpoint.client();
    let gone = tokio::spawn({
        let client = client.clone();
        async move { client.token(&TokenRequest::new()).await }
    });
    endpoint.wait_for(1).await;
    gone.abort();
    endpoint.release();
    assert_eq!(client.token(&TokenRequest::new()).await.unwrap().expose(), "token-1");
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test]
async fn different_requests_get_different_tokens() {
    let endpoint = Endpoint::start().await;
    let (client, _) = endpoint.client();
    let (read, write) =
        (TokenRequest::new().scope(scope!("a:read")), TokenRequest::new().scope(scope!("a:write")));
    let (first, second) = (client.token(&read).await.unwrap(), client.token(&write).await.unwrap());
    assert_ne!(first.expose(), second.expose());
    assert_eq!(client.token(&read).await.unwrap().expose(), first.expose());
    assert_eq!(endpoint.asked().len(), 2);
}

#[tokio::test]
async fn an_issuer_that_is_away_is_not_felt_while_the_token_is_good() {
    let endpoint = Endpoint::start().await;
    let (client, clock) = endpoint.client();
    let request = TokenRequest::new();
    client.token(&request).await.unwrap();
    endpoint.answers(StatusCode::SERVICE_UNAVAILABLE, &[("retry-after", "60")], "");
    clock.advance(Duration::from_secs(500));
    for _ in 0..100 {
        assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
        tokio::task::yield_now().await;
    }
    endpoint.wait_for(2).await;
    assert_eq!(endpoint.asked().len(), 2);
    // Less than min_ttl is left, and there is no other.
    clock.advance(Duration::from_secs(399));
    for _ in 0..10 {
        assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
    }
    assert_eq!(endpoint.asked().len(), 3, "and it is asked once for all of them");
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.token(&request).await.unwrap_err().kind(), ErrorKind::Transient);
}

#[tokio::test]
async fn r_11_2_ten_minutes_without_an_issuer_fail_no_call_of_a_client_that_was_running() {
    for begins_after in [0, 100, 239] {
        let endpoint = Endpoint::start().await;
        let (client, clock) = endpoint.client();
        let request = TokenRequest::new();
        client.token(&request).await.unwrap();
        clock.advance(Duration::from_secs(begins_after));
        endpoint.answers(StatusCode::BAD_GATEWAY, &[], "");
        for _ in 0..600 {
            clock.advance(Duration::from_secs(1));
            assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
        }
        endpoint.grants(900);
        for _ in begins_after + 600..1800 {
            clock.advance(Duration::from_secs(1));
            client.token(&request).await.unwrap();
        }
    }
}

#[tokio::test]
async fn who_has_no_token_asks_nobody_before_the_time_that_the_issuer_asked_for() {
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
        let endpoint = Endpoint::start().await;
        let (client, clock) = endpoint.client();
        let request = TokenRequest::new();
        endpoint.answers(status, &[("retry-after", "60")], "");
        let wish = client.token(&request).await.unwrap_err().retry_after();
        assert_eq!(wish, Some(Duration::from_mins(1)));
        clock.advance(Duration::from_secs(59));
        for _ in 0..10 {
            let error = client.token(&request).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.retry_after()),
                (ErrorKind::Transient, Some(Duration::from_secs(1)))
            );
        }
        assert_eq!(endpoint.asked().len(), 1);
        endpoint.grants(900);
        clock.advance(Duration::from_secs(1));
        client.token(&request).await.unwrap();
    }
}

#[tokio::test]
async fn a_token_that_was_refused_elsewhere_is_forgotten() {
    let endpoint = Endpoint::start().await;
    let (client, _) = endpoint.client();
    let request = TokenRequest::new();
    let refused = client.token(&request).await.unwrap();
    client.forget(&request, &refused);
    let next = client.token(&request).await.unwrap();
    assert_eq!(next.expose(), "token-2");
    // Another caller comes late with the same complaint: the new token stays.
    client.forget(&request, &refused);
    assert_eq!(client.token(&request).await.unwrap().expose(), "token-2");
}
