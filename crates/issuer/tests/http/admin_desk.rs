//! An issuer with administrators, whose every answer is held against the description of the API.

use crate::described::Described;
use crate::desk::{Answer, Desk, NOW};
use axum::body::Body;
use axum::http::{Method, Request, header};
use chancery_issuer::client::{Client, ClientKind};
use chancery_issuer::config::Config;
use chancery_issuer::revocation::{Journaling, LogSettings, RevocationLog};
use chancery_issuer::store::Store;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const ADMIN: &str = "https://auth.example/admin";
pub(crate) const CLIENTS: &str = "/admin/v1/clients";

/// Every scope of the administration.
pub(crate) const ALL: [&str; 10] = [
    "clients:read",
    "clients:create",
    "clients:update",
    "clients:disable",
    "secrets:create",
    "secrets:delete",
    "keys:read",
    "keys:rotate",
    "revocations:read",
    "revocations:create",
];

pub(crate) struct AdminDesk {
    pub(crate) desk: Desk,
    pub(crate) described: Described,
    /// Of `root`, an operator who may do everything.
    pub(crate) token: String,
}

impl AdminDesk {
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    pub(crate) async fn open_with(settings: &[(&str, &str)]) -> Self {
        let desk = Desk::open_with(&[&[("ISSUER__URL", "https://auth.example")], settings].concat()).await;
        let described = Described::read(&desk.get("/openapi.json").await);
        let mut this = Self { desk, described, token: String::new() };
        this.token = this.administrator("root", "chancery", &ALL, |root| root).await;
        this
    }

    /// A token of a new administrator that holds these scopes.
    pub(crate) async fn administrator(
        &self,
        id: &str,
        tenant: &str,
        scopes: &[&str],
        change: impl FnOnce(Client) -> Client,
    ) -> String {
        let grants: Vec<(&str, &str)> = scopes.iter().map(|scope| (ADMIN, *scope)).collect();
        let admin = |client| {
            change(Client {
                kind: ClientKind::Admin,
                tenants: vec![tenant.parse().unwrap()],
                lifetime: Duration::from_mins(5),
                ..client
            })
        };
        let secret = self.desk.client_with(id, &grants, admin).await;
        self.log_in(id, &secret, scopes).await
    }

    pub(crate) async fn log_in(&self, id: &str, secret: &str, scopes: &[&str]) -> String {
        self.desk.ask(id, secret, &[("resource", ADMIN), ("scope", &scopes.join(" "))]).await.token()
    }

    /// Sends as `token` says, whatever it is.
    pub(crate) async fn send(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let content = body.map(ToString::to_string);
        let mut request = request(method, path, content.map_or_else(Body::empty, Body::from));
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        self.send_request(request).await
    }

    pub(crate) async fn send_request(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().as_str().to_owned(), request.uri().to_string());
        let answer = self.desk.send(request).await;
        self.described.check(&method, &path, &answer);
        assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}: {answer:?}");
        assert!(!answer.header("x-request-id").is_empty(), "{answer:?}");
        answer
    }

    /// The revocation log of the same store, as another process holds it.
    pub(crate) async fn another_log(&self) -> Arc<RevocationLog> {
        let store: Arc<dyn Store> = self.desk.store.clone();
        let identity = store.identity().await.unwrap().unwrap();
        let variables = [("CHANCERY_CONFIG__ISSUER__URL".to_owned(), "https://auth.example".to_owned())];
        let settings = LogSettings::of_a_command(&Config::load(None, variables).unwrap());
        let settings = LogSettings { journal: Journaling::Never, ..settings };
        RevocationLog::open(store, &identity, settings, NOW, Box::new(|_| ())).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&self.token, "GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(&self.token, "POST", path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(&self.token, "PATCH", path, Some(body)).await
    }
}

/// A request that says that it is JSON.
pub(crate) fn request(method: &str, path: &str, body: Body) -> Request<Body> {
    Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .unwrap()
}

/// A draft of a client that nothing is wrong with.
pub(crate) fn draft(id: &str) -> Value {
    json!({
        "id": id,
        "owner": "team-billing",
        "purpose": "Mirrors invoices into the ledger.",
        "tenants": ["acme"],
        "grants": [{"scope": "customers:read", "reason": "Names stand on invoices."}],
        "unbounded": "It mirrors all of them.",
        "expires_at": "90d",
    })
}

impl Answer {
    /// `status reason`, after checking what every problem has in common (RFC 9457).
    pub(crate) fn problem(&self) -> String {
        let json = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(json["status"], self.status.as_u16(), "{self:?}");
        let reason = json["reason"].as_str().unwrap();
        assert_eq!(json["type"], format!("urn:chancery:problem:{reason}"), "{self:?}");
        assert_eq!(self.header("retry-after").is_empty(), self.status != 503, "{self:?}");
        assert_eq!(
            self.header("www-authenticate").is_empty(),
            self.status != 401 && reason != "insufficient_scope" && !reason.starts_with("credentials_"),
            "{self:?}"
        );
        format!("{} {reason}", self.status.as_u16())
    }

    /// `pointer reason` of every fault of a document.
    pub(crate) fn pointed(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("no errors: {self:?}"));
        let told = |error: &Value| {
            assert!(!error["detail"].as_str().unwrap().is_empty(), "{self:?}");
            format!("{} {}", error["pointer"].as_str().unwrap(), error["reason"].as_str().unwrap())
        };
        errors.iter().map(told).collect()
    }
}
