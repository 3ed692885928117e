//! The second check: the record at hand.

use super::{Answer, get, guard, token};
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use chancery_verifier::guard::{self, Guarded, Router};
use chancery_verifier::{Forbidden, Record, Value, Verified, scope};
use http::StatusCode;
use serde_json::json;
use tower::ServiceExt;

struct Order {
    tenant: &'static str,
    region: &'static str,
    refund: u64,
}

impl Record for Order {
    fn tenant(&self) -> &str {
        self.tenant
    }

    fn value(&self, axis: &str) -> Value<'_> {
        match axis {
            "region" => Value::Text(self.region),
            "refund_max" => Value::Number(self.refund),
            _ => Value::Unknown,
        }
    }
}

fn order(number: u64) -> Option<Order> {
    match number {
        1 => Some(Order { tenant: "acme", region: "eu", refund: 100 }),
        2 => Some(Order { tenant: "acme", region: "us", refund: 300 }),
        3 => Some(Order { tenant: "globex", region: "eu", refund: 100 }),
        _ => None,
    }
}

/// What the errors of a real service look like.
enum Failure {
    Forbidden(Forbidden),
    NotFound,
}

impl From<Forbidden> for Failure {
    fn from(forbidden: Forbidden) -> Self {
        Self::Forbidden(forbidden)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Forbidden(forbidden) => forbidden.into_response(),
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

async fn show(token: Verified, Path(number): Path<u64>) -> Result<&'static str, Failure> {
    let order = order(number).ok_or(Failure::NotFound)?;
    token.allows(&order)?;
    Ok(order.region)
}

fn service() -> Guarded {
    let verbs = guard::get(scope!("orders:read"), show).post(scope!("orders:refund"), show);
    guard(Router::new().route("/orders/{number}", verbs))
}

async fn post(app: &Guarded, path: &str, token: &str) -> Answer {
    super::send(app, super::request("POST", path, Some(token))).await
}

#[tokio::test]
async fn r21_another_tenants_record_is_refused_with_the_right_scope() {
    let token = token("orders:read").sign();
    assert_eq!(get(&service(), "/orders/1", Some(&token)).await.body, "eu");
    assert_eq!(get(&service(), "/orders/4", Some(&token)).await.status, 404);
    let answer = get(&service(), "/orders/3", Some(&token)).await;
    assert_eq!(answer.status, 403);
    let said = json!({
        "error": "access_denied",
        "reason": "out_of_bounds",
        "error_description": "the token is not for this record",
    });
    assert_eq!(answer.json(), said);
    assert_eq!((answer.challenge(), answer.header("cache-control")), ("", Some("no-store")));
}

#[tokio::test]
async fn r21_a_record_outside_of_the_bounds_is_refused_in_the_same_words() {
    let token = token("orders:read").claim("bounds", json!({ "region": ["eu"] })).sign();
    assert_eq!(get(&service(), "/orders/1", Some(&token)).await.status, 200);
    let (outside, foreign) =
        (get(&service(), "/orders/2", Some(&token)).await, get(&service(), "/orders/3", Some(&token)).await);
    assert_eq!((outside.status.as_u16(), &outside.body), (403, &foreign.body));
}

#[tokio::test]
async fn r20_a_bound_on_one_scope_binds_the_routes_that_demand_it() {
    let bounds = json!({ "orders:refund": { "refund_max": 200 } });
    let token = token("orders:read orders:refund").claim("bounds", bounds).sign();
    assert_eq!(get(&service(), "/orders/2", Some(&token)).await.status, 200);
    assert_eq!(post(&service(), "/orders/1", &token).await.status, 200);
    assert_eq!(post(&service(), "/orders/2", &token).await.reason(), "out_of_bounds");
}

#[tokio::test]
async fn r40_gateway_and_service_each_check_and_neither_replaces_the_other() {
    // A gateway sends a request of its own, with the headers that came.
    let forward = tower::service_fn(async |came: Request| {
        let mut sent = Request::builder().method(came.method()).uri(came.uri()).body(Body::empty()).unwrap();
        sent.headers_mut().clone_from(came.headers());
        service().oneshot(sent).await
    });
    let gateway = guard(Router::new().service("/orders/{number}", scope!("orders:read"), forward));
    let good = token("orders:read").sign();
    assert_eq!(get(&gateway, "/orders/1", Some(&good)).await.status, 200);
    assert_eq!(get(&gateway, "/orders/3", Some(&good)).await.reason(), "out_of_bounds");
    for app in [&gateway, &service()] {
        assert_eq!(get(app, "/orders/1", Some(&token("a:b").sign())).await.reason(), "insufficient_scope");
        assert_eq!(get(app, "/orders/1", None).await.status, 401);
    }
    assert_eq!(post(&gateway, "/orders/1", &good).await.reason(), "insufficient_scope");
}

#[tokio::test]
async fn a_token_of_the_outer_guard_is_not_one_of_the_inner() {
    let own = async |token: Option<Verified>| format!("{}", token.is_some());
    let inner = guard(Router::new().route("/open", guard::get(guard::public("a test"), own)));
    let outer = guard(Router::new().service("/open", scope!("records:read"), inner));
    assert_eq!(get(&outer, "/open", Some(&token("records:read").sign())).await.body, "false");
}

#[tokio::test]
async fn whoever_logs_headers_behind_the_guard_does_not_log_the_token() {
    let routes = Router::new().route(
        "/headers",
        guard::get(scope!("records:read"), async |request: Request| format!("{:?}", request.headers())),
    );
    let token = token("records:read").sign();
    let answer = get(&guard(routes), "/headers", Some(&token)).await;
    assert!(answer.body.contains("authorization") && !answer.body.contains(&token), "{}", answer.body);
}
