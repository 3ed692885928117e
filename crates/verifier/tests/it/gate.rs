//! The gate, as proxies meet it.

mod auth_request;
mod claims;
mod lenient;
mod log;
mod originals;
mod tables;
mod tricks;
mod verdicts;

use axum::body::Body;
use axum::response::Response;
use chancery_verifier::clock::FixedClock;
use chancery_verifier::gate::{Gate, Judged, Proxy};
use chancery_verifier::guard::{Access, Row, Verb, public};
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use chancery_verifier::{Revocation, Verifier, scope};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;

const AUDIENCE: &str = "https://api.example.com/billing";
const METADATA_PATH: &str = "/.well-known/oauth-protected-resource/billing";

fn issuer() -> TestIssuer {
    TestIssuer::new("https://auth.example.com", AUDIENCE)
}

fn token(scope: &str) -> TokenBuilder {
    issuer().token().scope(scope)
}

fn verifier_without_keys() -> Verifier {
    let revocation = Revocation::Ignore { reason: "the tests are not about revocation" };
    Verifier::new(issuer().issuer(), AUDIENCE, revocation)
        .unwrap()
        .clock(Arc::new(FixedClock::new(issuer().now())))
}

fn verifier() -> Verifier {
    let verifier = verifier_without_keys();
    verifier.install_keys(issuer().keys()).unwrap();
    verifier
}

fn row(method: Verb, path: &str, access: impl Into<Access>) -> Row {
    Row { method, path: path.to_owned(), access: access.into() }
}

fn rows() -> Vec<Row> {
    vec![
        row(Verb::Get, "/healthz", public("liveness probe")),
        row(Verb::Get, "/invoices", scope!("invoices:read")),
        row(Verb::Post, "/invoices", scope!("invoices:create")),
        row(Verb::Get, "/invoices/{id}", scope!("invoices:read")),
        row(Verb::Delete, "/invoices/{id}", scope!("invoices:delete")),
        row(Verb::Get, "/invoices/export", [scope!("invoices:read"), scope!("invoices:export")]),
        row(Verb::Any, "/mcp", scope!("tools:call")),
        row(Verb::Get, "/assets/{*rest}", public("style sheets")),
        row(Verb::Get, "/assets/private/{*rest}", scope!("assets:read")),
    ]
}

fn gate() -> Gate {
    Gate::new(rows(), verifier()).unwrap()
}

/// What came back.
#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    judged: Option<Judged>,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let judged = response.extensions().get::<Judged>().copied();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, body, judged }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The status with the reason in the body, which is the one for the metrics too; `in` for a 200.
    fn verdict(&self) -> (u16, String) {
        let told: Option<serde_json::Value> = serde_json::from_str(&self.body).ok();
        let told = told.and_then(|told| told["reason"].as_str().map(str::to_owned));
        let judged = self.judged.expect("every answer says how the request fared");
        assert_eq!(told.as_deref(), judged.reason, "{self:?}");
        (self.status.as_u16(), told.unwrap_or("in".to_owned()))
    }
}

/// A question of nginx.
fn question(method: &str, uri: &str, token: Option<&str>, more: &[(&str, &str)]) -> Parts {
    let mut request = Request::get("/auth/nginx")
        .header("x-original-method", method)
        .header("x-original-uri", uri.as_bytes());
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap().into_parts().0
}

async fn ask(gate: &Gate, method: &str, uri: &str, token: Option<&str>) -> Answer {
    Answer::of(gate.judge(Proxy::Nginx, &question(method, uri, token, &[])).await).await
}
