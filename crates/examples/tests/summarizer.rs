//! Papers, asked with tokens that are bound to a key (S7).
#![cfg(test)]

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use chancery_examples::summarizer::papers::{Shelves, routes, service};
use chancery_examples::summarizer::{AUDIENCE, CATALOG};
use chancery_token::{SecretKey, jwk};
use chancery_verifier::clock::FixedClock;
use chancery_verifier::guard::Dpop;
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use chancery_verifier::token::dpop::{Draft, Request as Called};
use chancery_verifier::{Revocation, Verifier};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt as _;

const PUBLIC: &str = "https://api.papers.example";

struct World {
    issuer: TestIssuer,
    key: SecretKey,
}

impl World {
    fn new() -> Self {
        Self {
            issuer: TestIssuer::new("https://auth.example", AUDIENCE),
            key: SecretKey::from_seed(&[1; 32]),
        }
    }

    /// One as the summarizer gets it: bound to its key, and to a folder.
    fn token(&self, scope: &str) -> TokenBuilder {
        let cnf = [("jkt", jwk::thumbprint(&self.key.public()))].into_iter().collect::<Value>();
        let token = self.issuer.token().tenant("acme").scope(scope).claim("cnf", cnf);
        token.claim("bounds", json!({ "folder": ["reports"] }))
    }

    async fn ask(&self, method: Method, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{PUBLIC}{path}");
        let request = Called { method: method.as_str(), url: &url, access_token: Some(token) };
        let proof = Draft { request, jti: path, iat: self.issuer.now(), nonce: None }.sign(&self.key);
        self.send(method, path, &format!("DPoP {token}"), &proof, body).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        proof: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let verifier =
            Verifier::new("https://auth.example", AUDIENCE, Revocation::Ignore { reason: "a test" })
                .unwrap()
                .clock(Arc::new(FixedClock::new(self.issuer.now())));
        verifier.install_keys(self.issuer.keys()).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", authorization)
            .header("dpop", proof)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let papers = service(Shelves::with_examples(), verifier, Dpop::at(PUBLIC).unwrap()).unwrap();
        let answer = papers.oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        self.ask(Method::GET, path, token, Value::Null).await
    }
}

#[tokio::test]
async fn s7_who_reads_documents_does_not_reach_billing_and_the_other_way_round() {
    let world = World::new();
    let asks = [
        (Method::GET, "/documents", Value::Null, "documents:read"),
        (Method::GET, "/documents/A-1", Value::Null, "documents:read"),
        (Method::GET, "/billing", Value::Null, "billing:read"),
        (Method::PUT, "/billing", json!({ "plan": "library" }), "billing:update"),
    ];
    for (method, path, body, needed) in asks {
        for scope in ["documents:read", "billing:read", "billing:update"] {
            let token = world.issuer.token().tenant("acme").scope(scope);
            let cnf = [("jkt", jwk::thumbprint(&world.key.public()))].into_iter().collect::<Value>();
            let token = token.claim("cnf", cnf).sign();
            let (status, answer) = world.ask(method.clone(), path, &token, body.clone()).await;
            if scope == needed {
                assert_eq!(status, StatusCode::OK, "{scope} at {method} {path}: {answer}");
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{scope} at {method} {path}: {answer}");
                let told = (&answer["reason"], &answer["missing"]);
                assert_eq!(told, (&"insufficient_scope".into(), &json!([needed])));
            }
        }
    }
}

#[tokio::test]
async fn s7_another_folder_another_tenant_and_a_number_that_nobody_has_are_refused_alike() {
    let world = World::new();
    let token = world.token("documents:read").sign();
    let mut answers = Vec::new();
    for path in ["/documents/A-9", "/documents/G-1", "/documents/Z-1"] {
        answers.push(world.get(path, &token).await);
    }
    assert_eq!(answers[0].0, StatusCode::FORBIDDEN);
    assert_eq!(answers[0].1["reason"], "out_of_bounds");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let (_, listed) = world.get("/documents", &token).await;
    let numbers: Vec<&str> =
        listed.as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7", "A-8"]);
}

#[tokio::test]
async fn s7_a_copied_token_is_worth_nothing_without_the_key() {
    let world = World::new();
    let token = world.token("documents:read").sign();
    let (path, stolen) = ("/documents/A-1", format!("Bearer {token}"));
    let (status, answer) = world.send(Method::GET, path, &stolen, "", Value::Null).await;
    assert_eq!((status, answer["reason"].as_str()), (StatusCode::UNAUTHORIZED, Some("proof_required")));
    let thief = World { key: SecretKey::from_seed(&[2; 32]), ..World::new() };
    let (status, _) = thief.get(path, &token).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[test]
fn r14_the_routes_of_papers_enforce_every_scope_of_the_catalog_and_no_other() {
    let table = routes(Shelves::with_examples()).table();
    let scopes = table.rows().iter().flat_map(|row| row.access.scopes());
    let mut enforced: Vec<String> = scopes
        .map(|scope| format!("[product.papers.resource.{}.action.{}]", scope.resource(), scope.action()))
        .collect();
    enforced.sort();
    enforced.dedup();
    let mut declared: Vec<&str> = CATALOG.lines().filter(|line| line.contains(".action.")).collect();
    declared.sort_unstable();
    assert_eq!(enforced, declared);
    assert!(CATALOG.contains(&format!("audience = \"{AUDIENCE}\"")));
}
