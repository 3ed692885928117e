//! Guarded services inside other things: axum applications, layers, servers.

use super::{AUDIENCE, METADATA_PATH, fetch, get, guard, ok, serve, token};
use axum::body::Body;
use axum::extract::{ConnectInfo, OriginalUri, Request};
use axum::middleware::{self, Next};
use axum::response::IntoResponse as _;
use chancery_verifier::guard::{self, Guarded, Refused, Router, public};
use chancery_verifier::{Verified, scope};
use std::net::SocketAddr;

fn routes() -> Router {
    let whence = async |OriginalUri(uri): OriginalUri| uri.path().to_owned();
    Router::new()
        .route("/a", guard::get(scope!("records:read"), whence))
        .route("/healthz", guard::get(public("liveness probe"), ok))
}

async fn listen() -> (tokio::net::TcpListener, SocketAddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test]
async fn r41_a_service_embedded_in_a_plain_axum_application_stays_guarded() {
    let app = guard(routes());
    let outer = axum::Router::new()
        .route("/", axum::routing::get(ok))
        .nest_service("/billing", app.clone())
        .route_service(METADATA_PATH, app);
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, outer).await });

    let (good, other) = (token("records:read").sign(), token("other:read").sign());
    for (path, token, status) in [
        ("/", None, 200),
        ("/billing/healthz", None, 200),
        ("/billing/a", None, 401),
        ("/billing/a", Some(&*other), 403),
        ("/billing/a", Some(&*good), 200),
        ("/billing/b", Some(&*good), 404),
        ("/a", Some(&*good), 404),
    ] {
        assert_eq!(fetch(address, "GET", path, token).await.status, status, "{path}");
    }
    assert_eq!(fetch(address, "GET", "/billing/a", Some(&good)).await.body, "/billing/a");
    assert_eq!(fetch(address, "GET", METADATA_PATH, None).await.json()["resource"], AUDIENCE);
    let refused = fetch(address, "DELETE", "/billing/a", None).await;
    assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, Some("GET,HEAD")));
}

fn stamped(app: Guarded) -> Guarded {
    app.layer(middleware::from_fn(async |request: Request<Body>, next: Next| {
        let mut response = next.run(request).await;
        response.headers_mut().insert("x-stamp", "1".parse().unwrap());
        response
    }))
}

#[tokio::test]
async fn layers_see_answers_and_refusals_alike() {
    let app = stamped(guard(routes()));
    let good = token("records:read").sign();
    for (path, token, status) in
        [("/a", Some(&*good), 200), ("/a", None, 401), ("/healthz", None, 200), ("/nowhere", None, 404)]
    {
        let answer = get(&app, path, token).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-stamp")), (status, Some("1")), "{path}");
    }
    assert_eq!(app.table(), guard(routes()).table());
}

#[tokio::test]
async fn every_way_of_serving_is_guarded() {
    let peer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string();
    let app = guard(routes().route("/peer", guard::get(scope!("records:read"), peer)));
    let (plain, plainly) = listen().await;
    let (connected, with_peers) = listen().await;
    let make = app.clone().into_make_service();
    tokio::spawn(async move { axum::serve(plain, make).await });
    let make = app.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(connected, make).await });
    let good = token("records:read").sign();
    for address in [plainly, with_peers, serve(app).await] {
        assert_eq!(fetch(address, "GET", "/peer", None).await.status, 401);
        assert_eq!(fetch(address, "GET", "/a", Some(&good)).await.status, 200);
    }
    assert_eq!(fetch(with_peers, "GET", "/peer", Some(&good)).await.body, "127.0.0.1");
}

#[tokio::test]
async fn middleware_may_say_a_refusal_in_another_form() {
    let routes = routes().route(
        "/mine",
        guard::get(scope!("records:read"), async |token: Verified| {
            token.demanded().iter().map(ToString::to_string).collect::<String>()
        }),
    );
    let app = guard(routes).layer(middleware::from_fn(async |request: Request<Body>, next: Next| {
        let mut response = next.run(request).await;
        let Some(refused) = response.extensions_mut().remove::<Refused>() else { return response };
        let missing = refused.scopes.map(|scopes| scopes.missing.iter().map(ToString::to_string).collect());
        let told = format!("{} {}", refused.reason, missing.unwrap_or_else(String::new));
        (response.status(), told).into_response()
    }));
    let (good, other) = (token("records:read").sign(), token("other:read").sign());
    for (path, token, status, said) in [
        ("/a", None, 401, "token_missing "),
        ("/a", Some("x"), 401, "segment_count "),
        ("/a", Some(&*other), 403, "insufficient_scope records:read"),
        ("/a", Some(&*good), 200, "/a"),
        ("/mine", Some(&*good), 200, "records:read"),
        ("/b", Some(&*good), 404, ""),
    ] {
        let answer = get(&app, path, token).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (status, said), "{path}");
    }
}
