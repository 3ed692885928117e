//! `Verified` as an argument of handlers.

use super::{get, guard, request, send, token, whose};
use axum::body::Body;
use axum::extract::Request;
use chancery_verifier::guard::{self, NoToken, Router, public};
use chancery_verifier::{Verified, scope};
use http_body_util::BodyExt;
use tower::ServiceExt;

async fn perhaps(token: Option<Verified>) -> String {
    token.map_or("nobody".to_owned(), |token| token.client_id().to_string())
}

#[tokio::test]
async fn a_guarded_handler_has_the_token_that_opened_it() {
    let app = guard(
        Router::new().route("/a", guard::get(scope!("records:read"), whose).put(scope!("a:b"), perhaps)),
    );
    let token = token("records:read a:b").client("bot").tenant("globex").sign();
    assert_eq!(get(&app, "/a", Some(&token)).await.body, "bot of globex");
    assert_eq!(send(&app, request("PUT", "/a", Some(&token))).await.body, "bot");
}

#[tokio::test]
async fn a_public_route_has_no_token_whatever_the_caller_sends() {
    let routes = Router::new()
        .route("/demanding", guard::get(public("a mistake"), whose))
        .route("/asking", guard::get(public("a test"), perhaps));
    let app = guard(routes);
    for token in [None, Some(&*token("records:read").sign()), Some("garbage")] {
        assert_eq!(get(&app, "/asking", token).await.body, "nobody");
        let answer = get(&app, "/demanding", token).await;
        assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (500, "public_route_has_no_token"));
        assert_eq!((answer.challenge(), answer.header("cache-control")), ("", Some("no-store")));
    }
}

#[tokio::test]
async fn a_handler_outside_of_any_guard_says_so() {
    for route in [axum::routing::get(whose), axum::routing::get(perhaps)] {
        let app: axum::Router = axum::Router::new().route("/a", route);
        let request = Request::get("/a").header("authorization", "Bearer a").body(Body::empty()).unwrap();
        let answer = app.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 500);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("\"route_not_guarded\""), "{body:?}");
    }
}

#[test]
fn the_faults_of_handlers_explain_themselves() {
    assert!(NoToken::PublicRoute.to_string().contains("Option<Verified>"));
    assert!(NoToken::Unguarded.to_string().contains("guard::Router"));
}
