//! What a session takes from the allocator, counted by an allocator of this test binary's own.

#![cfg(test)]
#![cfg(unix)]

use allocation_counter::measure;
use axum::Router;
use axum::routing::{get, post};
use chancery_client::{
    AccessToken, AuthorizationServer, Binding, Credentials, Secret, Session, SessionError, Setup,
    TokenRequest, World,
};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

async fn issuer() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let metadata = format!(r#"{{"issuer":"{url}","token_endpoint":"{url}/token"}}"#);
    let answer = r#"{"access_token":"token-1","token_type":"DPoP","expires_in":900,"refresh_token":"r"}"#;
    let router = Router::new()
        .route("/token", post(move || async move { answer }))
        .route("/.well-known/oauth-authorization-server", get(move || async move { metadata.clone() }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Asks once, and is not made to wait.
fn at_once(future: impl Future<Output = Result<AccessToken, SessionError>>) -> AccessToken {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(token) => token.unwrap(),
        Poll::Pending => panic!("it waits for somebody"),
    }
}

#[tokio::test]
async fn a_cached_token_is_handed_out_without_an_allocation() {
    let setup = Setup {
        issuer: AuthorizationServer::issuer(&issuer().await).unwrap(),
        client_id: "agent".parse().unwrap(),
        credentials: Credentials::Secret(Secret::new("chs_test_a-secret-of-this-test")),
        request: TokenRequest::new(),
        binding: Binding::Dpop,
    };
    let session = Session::in_memory(setup, World::system()).unwrap();
    session.token().await.unwrap();
    let control = measure(|| drop(black_box(vec![1_u8; 100])));
    assert_eq!(control.count_total, 1, "this allocator counts nothing: {control:?}");
    let wishing = session.clone().min_ttl(Duration::from_mins(5));
    let counted = measure(|| {
        for _ in 0..100 {
            assert_eq!(at_once(session.token()).expose(), "token-1");
            assert_eq!(at_once(wishing.token()).expose(), "token-1");
            assert_eq!(at_once(session.token_for(Duration::from_mins(10))).expose(), "token-1");
        }
    });
    assert_eq!((counted.count_total, counted.bytes_total), (0, 0));
}
