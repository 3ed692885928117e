//! A walk through one service over real HTTP: every way in, with and without the right token.

use super::{fetch, guard, ok, serve, token, whose};
use axum::extract::{Path, Request, State};
use axum::response::IntoResponse;
use chancery_verifier::guard::{Guarded, Router, delete, get, patch, post, public};
use chancery_verifier::{Verified, scope};
use http::header::ALLOW;
use std::convert::Infallible;
use tower::service_fn;

#[derive(Clone)]
struct Ledger(&'static str);

async fn list(State(ledger): State<Ledger>, token: Verified) -> String {
    format!("{} for {}", ledger.0, token.tenant())
}

async fn show(Path(number): Path<u64>) -> String {
    format!("invoice {number}")
}

fn invoices() -> Router<Ledger> {
    Router::new()
        .route("/invoices", get(scope!("invoices:read"), list).post(scope!("invoices:create"), ok))
        .route("/invoices/{number}", get(scope!("invoices:read"), show).delete(scope!("invoices:delete"), ok))
}

fn reports() -> Router {
    Router::new()
        .route("/", get(scope!("reports:read"), ok))
        .route("/{year}", get(scope!("reports:read"), show).patch(scope!("reports:update"), ok))
        .nest("/drafts/", Router::new().route("/", post(scope!("drafts:create"), ok)))
}

fn service() -> Guarded {
    let tools = service_fn(async |request: Request| {
        let token = request.extensions().get::<Verified>().expect("the guard leaves the token to services");
        Ok::<_, Infallible>(format!("tools for {}", token.client_id()).into_response())
    });
    guard(
        Router::new()
            .route("/healthz", get(public("liveness probe"), ok))
            .service("/mcp", scope!("tools:call"), tools)
            .service(
                "/files/{*rest}",
                scope!("files:read"),
                service_fn(async |request: Request| {
                    Ok::<_, Infallible>(request.uri().path().to_owned().into_response())
                }),
            )
            .merge(invoices().with_state(Ledger("invoices")))
            .nest("/reports", reports())
            .route("/whose", patch(scope!("account:update"), whose))
            .route("/whose", delete(scope!("account:delete"), whose)),
    )
}

#[tokio::test]
async fn r41_every_way_in_asks_for_its_own_scope() {
    let address = serve(service()).await;
    for (method, path, scope, status, body) in [
        ("GET", "/healthz", "", 200, "ok"),
        ("HEAD", "/healthz", "", 200, ""),
        ("GET", "/invoices", "", 401, "*"),
        ("GET", "/invoices", "invoices:create", 403, "*"),
        ("GET", "/invoices", "invoices:read", 200, "invoices for acme"),
        ("HEAD", "/invoices", "", 401, ""),
        ("HEAD", "/invoices", "invoices:create", 403, ""),
        ("HEAD", "/invoices", "invoices:read", 200, ""),
        ("POST", "/invoices", "invoices:read", 403, "*"),
        ("POST", "/invoices", "invoices:create", 200, "ok"),
        ("GET", "/invoices/7", "invoices:read", 200, "invoice 7"),
        ("GET", "/invoices/seven", "", 401, "*"),
        ("DELETE", "/invoices/7", "invoices:read", 403, "*"),
        ("DELETE", "/invoices/7", "invoices:read invoices:delete", 200, "ok"),
        ("GET", "/invoices/", "invoices:read", 404, ""),
        ("GET", "/invoices/7/lines", "invoices:read", 404, ""),
        ("GET", "/reports", "reports:read", 200, "ok"),
        ("GET", "/reports/", "reports:read", 404, ""),
        ("GET", "/reports/2026", "invoices:read", 403, "*"),
        ("GET", "/reports/2026", "reports:read", 200, "invoice 2026"),
        ("PATCH", "/reports/2026", "reports:read", 403, "*"),
        ("POST", "/reports/drafts/", "drafts:create", 200, "ok"),
        ("GET", "/2026", "reports:read", 404, ""),
        ("POST", "/mcp", "", 401, "*"),
        ("POST", "/mcp", "invoices:read", 403, "*"),
        ("POST", "/mcp", "tools:call", 200, "tools for test-client"),
        ("OPTIONS", "/mcp", "", 401, "*"),
        ("PURGE", "/mcp", "tools:call", 200, "tools for test-client"),
        ("GET", "/mcp/more", "tools:call", 404, ""),
        ("GET", "/files/a/b", "tools:call", 403, "*"),
        ("GET", "/files/a/b", "files:read", 200, "/files/a/b"),
        ("PATCH", "/whose", "account:update", 200, "test-client of acme"),
        ("DELETE", "/whose", "account:update", 403, "*"),
    ] {
        let token = (!scope.is_empty()).then(|| token(scope).sign());
        let answer = fetch(address, method, path, token.as_deref()).await;
        assert_eq!(answer.status, status, "{method} {path} with '{scope}': {answer:?}");
        if body != "*" {
            assert_eq!(answer.body, body, "{method} {path} with '{scope}'");
        }
    }
}

#[tokio::test]
async fn r14_an_undeclared_route_does_not_exist_whatever_the_token() {
    let address = serve(service()).await;
    let everything = token("invoices:read invoices:create invoices:delete reports:read tools:call").sign();
    for path in ["/", "/admin", "/INVOICES", "//invoices", "/invoices%2F7", "/reports/2026/drafts"] {
        for token in [None, Some(&*everything)] {
            assert_eq!(fetch(address, "GET", path, token).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn r41_an_undeclared_method_is_405_with_the_methods_that_are() {
    let address = serve(service()).await;
    let all = token("invoices:read invoices:create invoices:delete").sign();
    for (method, path, allow) in [
        ("PUT", "/invoices", "GET,HEAD,POST"),
        ("OPTIONS", "/invoices", "GET,HEAD,POST"),
        ("DELETE", "/invoices", "GET,HEAD,POST"),
        ("POST", "/invoices/7", "GET,HEAD,DELETE"),
        ("HEAD", "/whose", "PATCH,DELETE"),
        ("POST", "/healthz", "GET,HEAD"),
        ("PROPFIND", "/reports/2026", "GET,HEAD,PATCH"),
    ] {
        for token in [None, Some(&*all)] {
            let answer = fetch(address, method, path, token).await;
            assert_eq!((answer.status.as_u16(), answer.header(ALLOW)), (405, Some(allow)), "{method} {path}");
        }
    }
}
