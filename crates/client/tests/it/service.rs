//! A guarded service, and who gives tokens for it. Both do what a test says.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use chancery_client::{
    AuthorizationServer, Binding, Credentials, Secret, Session, Setup, TokenRequest, World,
};
use chancery_token::UnixTime;
use chancery_verifier::clock::{Clock as _, FixedClock};
use chancery_verifier::entropy::PredictableEntropy;
use chancery_verifier::guard::{self, Dpop};
use chancery_verifier::testing::TestIssuer;
use chancery_verifier::token::dpop;
use chancery_verifier::token::encoding::base64url;
use chancery_verifier::{Revocation, Verifier, scope};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const ISSUER: &str = "https://auth.example.com";
const AUDIENCE: &str = "https://api.example.com";

/// A request as it arrived, and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    pub(crate) proof: Option<String>,
    pub(crate) status: u16,
}

/// Whether the service wants nonces in proofs.
#[derive(Clone, Copy)]
pub(crate) enum Nonces {
    NotAsked,
    Asked,
}

/// An issuer and a service, each at an address of its own.
pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) clock: Arc<FixedClock>,
    issuer_url: String,
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    clock: Arc<FixedClock>,
    verifier: Verifier,
    /// Who signs the tokens, and who has to.
    keys: Mutex<(TestIssuer, TestIssuer)>,
    granted: AtomicU64,
    refuses: Mutex<Option<&'static str>>,
    seen: Mutex<Vec<Seen>>,
    elsewhere: Mutex<String>,
}

impl Service {
    pub(crate) async fn start(nonces: Nonces) -> Self {
        let (own, other) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let at = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let (url, issuer_url) = (at(&own), at(&other));
        let clock = Arc::new(FixedClock::new(NOW));
        let issuer = TestIssuer::new(ISSUER, AUDIENCE);
        let verifier = Verifier::new(ISSUER, AUDIENCE, Revocation::Ignore { reason: "a test" }).unwrap();
        let verifier = verifier.clock(clock.clone());
        verifier.install_keys(issuer.keys()).unwrap();
        let shared = Arc::new(Shared {
            url: issuer_url.clone(),
            clock: clock.clone(),
            verifier: verifier.clone(),
            keys: Mutex::new((issuer.clone(), issuer)),
            granted: AtomicU64::new(0),
            refuses: Mutex::new(None),
            seen: Mutex::default(),
            elsewhere: Mutex::default(),
        });
        let mut proofs = Dpop::at(&url).unwrap();
        if let Nonces::Asked = nonces {
            proofs = proofs.nonces(&[7; 32]);
        }
        let guarded = routes(Arc::clone(&shared)).guard_with_dpop(verifier, proofs).unwrap();
        let service = Router::new()
            .fallback_service(guarded)
            .layer(from_fn_with_state(Arc::clone(&shared), write_down));
        tokio::spawn(async move { axum::serve(own, service).await });
        let router = Router::new()
            .route("/oauth2/token", post(grant))
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(other, router).await });
        Self { url, clock, issuer_url, shared }
    }

    /// A session whose tokens are good here.
    pub(crate) fn session(&self, binding: Binding) -> Session {
        let setup = Setup {
            issuer: AuthorizationServer::issuer(&self.issuer_url).unwrap(),
            client_id: "summarizer".parse().unwrap(),
            credentials: Credentials::Secret(Secret::new("chs_test_a-secret-of-this-test")),
            request: TokenRequest::new(),
            binding,
        };
        let entropy = Arc::new(PredictableEntropy::new(1));
        Session::in_memory(setup, World { clock: self.clock.clone(), entropy }).unwrap()
    }

    /// The service drops the key that signed the tokens so far; new ones are signed with the other.
    pub(crate) fn drop_key(&self) {
        let next = TestIssuer::new(ISSUER, AUDIENCE).key_number(2);
        self.shared.verifier.install_keys(next.keys()).unwrap();
        *self.shared.keys.lock().unwrap() = (next.clone(), next);
    }

    /// The service takes a key that nobody signs with.
    pub(crate) fn take_nothing(&self) {
        let other = TestIssuer::new(ISSUER, AUDIENCE).key_number(3);
        self.shared.verifier.install_keys(other.keys()).unwrap();
        self.shared.keys.lock().unwrap().1 = other;
    }

    /// The issuer refuses with this reason.
    pub(crate) fn refuse(&self, reason: &'static str) {
        *self.shared.refuses.lock().unwrap() = Some(reason);
    }

    /// Where `GET /moved` leads.
    pub(crate) fn leads_to(&self, url: &str) {
        url.clone_into(&mut self.shared.elsewhere.lock().unwrap());
    }

    /// How many tokens the issuer gave.
    pub(crate) fn granted(&self) -> u64 {
        self.shared.granted.load(Ordering::SeqCst)
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }
}

fn routes(shared: Arc<Shared>) -> guard::Router {
    let echo = async |body: String| body;
    let moved = async move || Redirect::temporary(&shared.elsewhere.lock().unwrap());
    guard::Router::new()
        .route(
            "/documents",
            guard::get(scope!("records:read"), async || "all").post(scope!("records:read"), echo),
        )
        .route("/invoices", guard::get(scope!("invoices:read"), async || "none"))
        .route("/moved", guard::get(scope!("records:read"), moved))
}

async fn write_down(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let mut seen = Seen::of(&request);
    let response = next.run(request).await;
    seen.status = response.status().as_u16();
    shared.seen.lock().unwrap().push(seen);
    response
}

impl Seen {
    fn of(request: &Request) -> Self {
        let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        Self {
            line: format!("{} {}", request.method(), request.uri()),
            authorization: header("authorization"),
            proof: header("dpop"),
            status: 0,
        }
    }
}

async fn grant(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Some(reason) = *shared.refuses.lock().unwrap() {
        let body = format!(r#"{{"error":"invalid_client","reason":"{reason}"}}"#);
        return (StatusCode::UNAUTHORIZED, body).into_response();
    }
    let issuer = shared.keys.lock().unwrap().0.clone().at(shared.clock.now());
    let number = shared.granted.fetch_add(1, Ordering::SeqCst);
    let mut token = issuer.token().number(number);
    let mut scheme = "Bearer";
    if let Some(proof) = headers.get("dpop") {
        let url = format!("{}/oauth2/token", shared.url);
        let request = dpop::Request { method: "POST", url: &url, access_token: None };
        let proof =
            dpop::verify(proof.to_str().unwrap(), &request, shared.clock.now(), Duration::from_mins(1))
                .unwrap();
        let mut cnf = serde_json::Map::new();
        cnf.insert("jkt".to_owned(), base64url(&proof.key()).into());
        (token, scheme) = (token.claim("cnf", cnf), "DPoP");
    }
    let token = token.sign();
    let body = format!(
        r#"{{"access_token":"{token}","token_type":"{scheme}","expires_in":900,"scope":"records:read"}}"#
    );
    Response::new(Body::from(body))
}

async fn metadata(State(shared): State<Arc<Shared>>) -> String {
    let url = &shared.url;
    format!(
        r#"{{"issuer":"{url}","token_endpoint":"{url}/oauth2/token","revocation_endpoint":"{url}/oauth2/revoke"}}"#
    )
}
