//! DocuMint, asked with good and bad tokens (S1).
#![cfg(test)]

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use chancery_examples::documint::{AUDIENCE, Archive, routes, service};
use chancery_verifier::clock::FixedClock;
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use chancery_verifier::{Revocation, Verifier};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt as _;

struct World {
    issuer: TestIssuer,
    archive: Archive,
}

impl World {
    fn new() -> Self {
        Self { issuer: TestIssuer::new("https://auth.example", AUDIENCE), archive: Archive::with_examples() }
    }

    fn token(&self, scope: &str) -> TokenBuilder {
        self.issuer.token().tenant("acme").scope(scope)
    }

    async fn ask(&self, method: Method, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let verifier =
            Verifier::new("https://auth.example", AUDIENCE, Revocation::Ignore { reason: "a test" })
                .unwrap()
                .clock(Arc::new(FixedClock::new(self.issuer.now())));
        verifier.install_keys(self.issuer.keys()).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = service(self.archive.clone(), verifier).unwrap().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        self.ask(Method::GET, path, token, Value::Null).await
    }
}

#[tokio::test]
async fn s1_create_read_and_delete_are_apart() {
    let world = World::new();
    let scopes = ["invoices:read", "invoices:create", "invoices:delete", "account:administer"];
    let draft = json!({ "number": "A-9", "project": "acme-web", "total_cents": 5 });
    let asks = [
        (Method::GET, "/invoices", 200),
        (Method::POST, "/invoices", 201),
        (Method::DELETE, "/invoices/A-1", 204),
        (Method::GET, "/account", 200),
    ];
    for (held, scope) in scopes.iter().enumerate() {
        let token = world.token(scope).sign();
        for (needed, (method, path, good)) in asks.iter().enumerate() {
            let (status, answer) = world.ask(method.clone(), path, &token, draft.clone()).await;
            let expected = if held == needed { *good } else { 403 };
            assert_eq!(status.as_u16(), expected, "{scope} at {method} {path}: {answer}");
        }
    }
}

#[tokio::test]
async fn r21_another_tenants_invoice_is_refused_and_not_listed() {
    let world = World::new();
    let token = world.token("invoices:read invoices:delete").sign();
    let (status, answer) = world.get("/invoices/G-1", &token).await;
    assert_eq!((status, answer["reason"].as_str()), (StatusCode::FORBIDDEN, Some("out_of_bounds")));
    let (status, _) = world.ask(Method::DELETE, "/invoices/G-1", &token, Value::Null).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(world.archive.find("G-1").is_some());
    let (_, listed) = world.get("/invoices", &token).await;
    let tenants: Vec<&str> =
        listed.as_array().unwrap().iter().map(|one| one["tenant"].as_str().unwrap()).collect();
    assert_eq!(tenants, ["acme"; 3]);
}

#[tokio::test]
async fn r20_a_bound_on_projects_holds_for_reading_and_for_creating() {
    let world = World::new();
    let token =
        world.token("invoices:read invoices:create").claim("bounds", json!({ "project": ["acme-*"] })).sign();
    assert_eq!(world.get("/invoices/A-1", &token).await.0, StatusCode::OK);
    assert_eq!(world.get("/invoices/A-3", &token).await.0, StatusCode::FORBIDDEN);
    let draft = |project: &str| json!({ "number": "A-9", "project": project, "total_cents": 5 });
    let create = async |project: &str| world.ask(Method::POST, "/invoices", &token, draft(project)).await.0;
    assert_eq!(create("roadrunner").await, StatusCode::FORBIDDEN);
    assert_eq!(create("acme-web").await, StatusCode::CREATED);
    assert_eq!(create("acme-web").await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn r21_a_new_invoice_belongs_to_the_tenant_of_the_token_whatever_the_caller_says() {
    let world = World::new();
    let token = world.token("invoices:create").sign();
    let draft = json!({ "number": "A-9", "tenant": "globex", "project": "p", "total_cents": 5 });
    let (status, answer) = world.ask(Method::POST, "/invoices", &token, draft).await;
    assert_eq!((status, answer["tenant"].as_str()), (StatusCode::CREATED, Some("acme")));
}

#[test]
fn r14_every_scope_of_a_route_is_one_that_the_catalog_knows() {
    let catalog = chancery_examples::documint::CATALOG;
    for row in routes(Archive::new()).table().rows() {
        for scope in row.access.scopes() {
            let table = format!("resource.{}.action.{}]", scope.resource(), scope.action());
            assert!(catalog.contains(&table), "{scope} is not in the catalog");
        }
    }
    assert!(catalog.contains(&format!("audience = \"{AUDIENCE}\"")));
}
