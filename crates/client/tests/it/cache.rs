use crate::endpoint::Endpoint;
use axum::http::StatusCode;
use chancery_client::{ErrorKind, TokenRequest};
use chancery_token::scope;
use std::time::Duration;

#[tokio::test]
async fn a_token_is_used_again_until_half_of_its_life_is_over() {
    let endpoint = Endpoint::start().await;
    let (client, clock) = endpoint.client();
    let request = TokenRequest::new();
    assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
    clock.advance(Duration::from_secs(449));
    assert_eq!(client.token(&request).await.unwrap().expose(), "token-1");
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test]
async fn from_half_of_its_life_on_the_old_token_serves_while_the_next_is_fetched_once() {
    let endpoint = Endpoint::start().await;
    let (client, clock) = endpoint.client();
    let request = TokenRequest::new();
    client.token(&request).await.unwrap();
    clock.advance(Duration::from_secs(450));
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
    // Less than min_ttl is left: now callers must know.
    clock.advance(Duration::from_secs(375));
    assert_eq!(client.token(&request).await.unwrap_err().kind(), ErrorKind::Transient);
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
