//! The guard, as services meet it.

mod authorization;
mod dpop;
mod embedding;
mod extractor;
mod faults;
mod log;
mod metadata;
mod records;
mod refusals;
mod revocation;
mod scopes;
mod table;
mod walk;

use axum::body::Body;
use axum::extract::Request;
use chancery_verifier::clock::FixedClock;
use chancery_verifier::guard::{Guarded, Router};
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use chancery_verifier::{Revocation, Verified, Verifier};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceExt;

const ISSUER: &str = "https://auth.example.com";
const AUDIENCE: &str = "https://api.example.com/billing";
const METADATA_URL: &str = "https://api.example.com/.well-known/oauth-protected-resource/billing";
const METADATA_PATH: &str = "/.well-known/oauth-protected-resource/billing";

fn issuer() -> TestIssuer {
    TestIssuer::new(ISSUER, AUDIENCE)
}

fn token(scope: &str) -> TokenBuilder {
    issuer().token().scope(scope)
}

/// A verifier that stands at the instant of its issuer, without keys.
fn verifier_without_keys(issuer: &TestIssuer) -> Verifier {
    let revocation = Revocation::Ignore { reason: "the tests are not about revocation" };
    Verifier::new(issuer.issuer(), issuer.audience(), revocation)
        .unwrap()
        .clock(Arc::new(FixedClock::new(issuer.now())))
}

fn verifier_of(issuer: &TestIssuer) -> Verifier {
    let verifier = verifier_without_keys(issuer);
    verifier.install_keys(issuer.keys()).unwrap();
    verifier
}

fn guard(routes: Router) -> Guarded {
    routes.guard(verifier_of(&issuer())).unwrap()
}

async fn ok() -> &'static str {
    "ok"
}

async fn whose(token: Verified) -> String {
    format!("{} of {}", token.client_id(), token.tenant())
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn challenge(&self) -> &str {
        self.header(header::WWW_AUTHENTICATE).unwrap_or("")
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {self:?}"))
    }

    fn reason(&self) -> String {
        self.json()["reason"].as_str().unwrap_or("").to_owned()
    }
}

async fn send(app: &Guarded, request: Request) -> Answer {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

fn request(method: &str, path: &str, token: Option<&str>) -> Request {
    let request = Request::builder().method(method).uri(path);
    match token {
        Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    }
    .body(Body::empty())
    .unwrap()
}

async fn get(app: &Guarded, path: &str, token: Option<&str>) -> Answer {
    send(app, request("GET", path, token)).await
}

/// Serves on a port of its own until the test ends.
async fn serve(app: Guarded) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn fetch(address: SocketAddr, method: &str, path: &str, token: Option<&str>) -> Answer {
    let request = reqwest::Client::new().request(method.parse().unwrap(), format!("http://{address}{path}"));
    let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
    let answer = request.send().await.unwrap();
    Answer { status: answer.status(), headers: answer.headers().clone(), body: answer.text().await.unwrap() }
}
