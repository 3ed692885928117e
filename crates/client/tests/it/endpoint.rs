//! A token endpoint that does what a test says.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use chancery_client::{AuthorizationServer, Client, Secret};
use chancery_token::UnixTime;
use chancery_verifier::clock::FixedClock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

pub(crate) const SECRET: &str = "chs_test_a-secret-of-this-test";

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) authorization: String,
    pub(crate) body: String,
}

/// An endpoint on a port of its own, and what happened there.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: String,
}

struct Shared {
    url: String,
    answer: Mutex<Answer>,
    asked: Mutex<Vec<Asked>>,
    answered: AtomicUsize,
    /// Answers wait for a permit while there are none.
    gate: Semaphore,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            url: url.clone(),
            answer: Mutex::new(Answer { status: StatusCode::OK, headers: Vec::new(), body: String::new() }),
            asked: Mutex::default(),
            answered: AtomicUsize::new(0),
            gate: Semaphore::new(1_000_000),
        });
        let endpoint = Self { url, shared };
        endpoint.grants(900);
        let router = Router::new()
            .route("/oauth2/token", post(token))
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }

    /// Answers with tokens of this lifetime; `#` becomes the number of the answer.
    pub(crate) fn grants(&self, expires_in: u64) {
        let body = format!(
            r#"{{"access_token":"token-#","token_type":"Bearer","expires_in":{expires_in},"scope":"a:b"}}"#
        );
        self.answers(StatusCode::OK, &[], &body);
    }

    /// Answers like this from now on.
    pub(crate) fn answers(&self, status: StatusCode, headers: &[(&'static str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        *self.shared.answer.lock().unwrap() = Answer { status, headers, body: body.to_owned() };
    }

    /// Lets requests in and holds the answers back.
    pub(crate) fn hold(&self) {
        let permits = u32::try_from(self.shared.gate.available_permits()).unwrap();
        self.shared.gate.try_acquire_many(permits).unwrap().forget();
    }

    /// Lets the answers go.
    pub(crate) fn release(&self) {
        self.shared.gate.add_permits(1_000_000);
    }

    /// Every token request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Waits until so many token requests arrived.
    pub(crate) async fn wait_for(&self, requests: usize) {
        let arrived = async {
            while self.asked().len() < requests {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), arrived).await.expect("requests that do not arrive");
    }

    /// A client of the token endpoint, and the clock it goes by.
    pub(crate) fn client(&self) -> (Client, Arc<FixedClock>) {
        client_of(AuthorizationServer::token_endpoint(&format!("{}/oauth2/token", self.url)).unwrap())
    }
}

/// A client of this server.
pub(crate) fn client_of(server: AuthorizationServer) -> (Client, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new(UnixTime::from_secs(1_795_305_600)));
    let (id, secret) = ("sync".parse().unwrap(), Secret::new(SECRET));
    (Client::with_clock(server, id, secret, clock.clone()).unwrap(), clock)
}

async fn token(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let body = String::from_utf8(body.to_vec()).unwrap();
    endpoint
        .shared
        .asked
        .lock()
        .unwrap()
        .push(Asked { authorization: authorization.unwrap_or_default(), body });
    endpoint.shared.gate.acquire().await.unwrap().forget();
    let number = endpoint.shared.answered.fetch_add(1, Ordering::SeqCst) + 1;
    let Answer { status, headers: extra, body } = endpoint.shared.answer.lock().unwrap().clone();
    let mut response = (status, body.replace('#', &number.to_string())).into_response();
    for (name, value) in extra {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn metadata(State(endpoint): State<Endpoint>) -> String {
    let url = &endpoint.shared.url;
    format!(r#"{{"issuer":"{url}","token_endpoint":"{url}/oauth2/token"}}"#)
}
