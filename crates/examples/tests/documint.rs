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

/// An invoice that every token of Acme may write, if it may write any.
fn draft(project: &str) -> Value {
    json!({
        "project": project,
        "customer": "A-c1",
        "lines": [{ "text": "Dynamite", "quantity": 3, "unit_cents": 500 }],
    })
}

#[tokio::test]
async fn s1_every_scope_opens_its_own_routes_and_no_others() {
    let scopes = [
        "invoices:read",
        "invoices:create",
        "invoices:delete",
        "invoices:export",
        "customers:read",
        "templates:read",
        "templates:update",
        "account:administer",
    ];
    let wording = json!({ "heading": "Acme", "footer": "" });
    let asks = [
        (Method::GET, "/invoices", Value::Null, "invoices:read", 200),
        (Method::GET, "/invoices/A-2", Value::Null, "invoices:read", 200),
        (Method::POST, "/invoices", draft("acme-web"), "invoices:create", 201),
        (Method::DELETE, "/invoices/A-1", Value::Null, "invoices:delete", 204),
        (Method::GET, "/invoices/A-2/export", Value::Null, "invoices:export", 200),
        (Method::GET, "/customers", Value::Null, "customers:read", 200),
        (Method::GET, "/customers/A-c1", Value::Null, "customers:read", 200),
        (Method::GET, "/templates", Value::Null, "templates:read", 200),
        (Method::GET, "/templates/plain", Value::Null, "templates:read", 200),
        (Method::PUT, "/templates/plain", wording, "templates:update", 200),
        (Method::GET, "/account", Value::Null, "account:administer", 200),
        (Method::PATCH, "/account", json!({ "plan": "large" }), "account:administer", 200),
    ];
    let world = World::new();
    for (method, path, body, needed, good) in asks {
        for scope in scopes {
            let token = world.token(scope).sign();
            let (status, answer) = world.ask(method.clone(), path, &token, body.clone()).await;
            let expected = if scope == needed { good } else { 403 };
            assert_eq!(status.as_u16(), expected, "{scope} at {method} {path}: {answer}");
            if scope != needed {
                assert_eq!(
                    (&answer["reason"], &answer["missing"]),
                    (&"insufficient_scope".into(), &json!([needed]))
                );
            }
        }
    }
}

#[tokio::test]
async fn r21_another_tenants_record_is_refused_and_not_listed() {
    let world = World::new();
    let token = world.token("invoices:read invoices:delete invoices:export customers:read").sign();
    for path in ["/invoices/G-1", "/invoices/G-1/export", "/customers/G-c1"] {
        let (status, answer) = world.get(path, &token).await;
        assert_eq!((status, answer["reason"].as_str()), (StatusCode::FORBIDDEN, Some("out_of_bounds")));
    }
    let (status, _) = world.ask(Method::DELETE, "/invoices/G-1", &token, Value::Null).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let globex = world.token("invoices:read").tenant("globex").sign();
    assert_eq!(world.get("/invoices/G-1", &globex).await.0, StatusCode::OK, "it is still there");
    for (path, count) in [("/invoices", 3), ("/customers", 2)] {
        let (_, listed) = world.get(path, &token).await;
        let tenants: Vec<&str> =
            listed.as_array().unwrap().iter().map(|one| one["tenant"].as_str().unwrap()).collect();
        assert_eq!(tenants, vec!["acme"; count]);
    }
}

#[tokio::test]
async fn r21_whether_another_tenant_has_a_record_or_even_an_account_is_not_told() {
    let world = World::new();
    let token = world.token("invoices:read invoices:delete customers:read").sign();
    let there = world.get("/invoices/G-1", &token).await;
    for path in ["/invoices/G-999", "/invoices/Z-1", "/invoices/G", "/customers/G-c1", "/customers/G-c9"] {
        assert_eq!(world.get(path, &token).await, there, "{path}");
    }
    for path in ["/invoices/G-1", "/invoices/G-999", "/invoices/Z-1"] {
        assert_eq!(world.ask(Method::DELETE, path, &token, Value::Null).await, there, "{path}");
    }
    let (status, answer) = world.get("/invoices/A-999", &token).await;
    assert_eq!((status, answer["reason"].as_str()), (StatusCode::NOT_FOUND, Some("no_such_record")));
}

#[tokio::test]
async fn r21_an_invoice_cannot_name_another_tenants_customer() {
    let world = World::new();
    let token = world.token("invoices:create").sign();
    let with_customer = async |customer: &str| {
        let mut draft = draft("acme-web");
        draft["customer"] = customer.into();
        world.ask(Method::POST, "/invoices", &token, draft).await
    };
    let none = with_customer("A-c9").await;
    assert_eq!(
        (none.0, none.1["reason"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("draft_refused"))
    );
    assert_eq!(with_customer("G-c1").await, none);
}

#[tokio::test]
async fn r20_a_bound_on_projects_holds_for_reading_and_for_creating() {
    let world = World::new();
    let scopes = "invoices:read invoices:create invoices:export";
    let token = world.token(scopes).claim("bounds", json!({ "project": ["acme-*"] })).sign();
    assert_eq!(world.get("/invoices/A-1", &token).await.0, StatusCode::OK);
    assert_eq!(world.get("/invoices/A-1/export", &token).await.0, StatusCode::OK);
    assert_eq!(world.get("/invoices/A-3", &token).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.get("/invoices/A-3/export", &token).await.0, StatusCode::FORBIDDEN);
    let create = async |project: &str| world.ask(Method::POST, "/invoices", &token, draft(project)).await;
    assert_eq!(create("roadrunner").await.0, StatusCode::FORBIDDEN);
    let (status, created) = create("acme-web").await;
    assert_eq!((status, created["number"].as_str()), (StatusCode::CREATED, Some("A-4")));
    assert_eq!(created["total_cents"], 1500);
}

#[tokio::test]
async fn r22_a_client_that_may_delete_what_it_created_deletes_nothing_else() {
    let world = World::new();
    let token = world
        .token("invoices:create invoices:delete")
        .client("housekeeper")
        .claim("bounds", json!({ "created_by": ["housekeeper"] }))
        .sign();
    let (_, created) = world.ask(Method::POST, "/invoices", &token, draft("any")).await;
    assert_eq!(created["created_by"], "housekeeper");
    let remove = async |path: &str| world.ask(Method::DELETE, path, &token, Value::Null).await.0;
    assert_eq!(remove("/invoices/A-4").await, StatusCode::NO_CONTENT);
    assert_eq!(remove("/invoices/A-4").await, StatusCode::NOT_FOUND);
    assert_eq!(remove("/invoices/A-1").await, StatusCode::FORBIDDEN);
    let (_, next) = world.ask(Method::POST, "/invoices", &token, draft("any")).await;
    assert_eq!(next["number"], "A-5", "no number is given twice");
}

#[tokio::test]
async fn r21_tenant_and_creator_of_a_new_invoice_are_the_tokens_and_cannot_be_said() {
    let world = World::new();
    let token = world.token("invoices:create").sign();
    let (status, answer) = world.ask(Method::POST, "/invoices", &token, draft("p")).await;
    assert_eq!((status, answer["tenant"].as_str()), (StatusCode::CREATED, Some("acme")));
    assert_eq!(answer["created_by"], "test-client");
    for name in ["tenant", "created_by", "number"] {
        let mut draft = draft("p");
        draft[name] = "G-1".into();
        let (status, answer) = world.ask(Method::POST, "/invoices", &token, draft).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        assert_eq!(answer["reason"], "body_unreadable");
    }
}

#[test]
fn r14_the_routes_enforce_every_scope_of_the_catalog_and_no_other() {
    let catalog = chancery_examples::documint::CATALOG;
    let table = routes(Archive::new()).table();
    let mut enforced: Vec<String> = table
        .rows()
        .iter()
        .flat_map(|row| row.access.scopes())
        .map(|scope| format!("resource.{}.action.{}]", scope.resource(), scope.action()))
        .collect();
    enforced.sort();
    enforced.dedup();
    let declared = |line: &&str| line.starts_with("[product.documint.resource.") && line.contains(".action.");
    let mut declared: Vec<String> = catalog
        .lines()
        .filter(declared)
        .map(|line| line.trim_start_matches("[product.documint.").to_owned())
        .collect();
    declared.sort();
    assert_eq!(enforced, declared);
    assert!(catalog.contains(&format!("audience = \"{AUDIENCE}\"")));
}
