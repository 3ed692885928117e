//! An issuer with sessions, as far as a client can tell: it rotates refresh tokens, gives lost answers again, checks
//! proofs and assertions, and fails as a test tells it to.

mod families;
mod world;

pub(crate) use world::{SECRET, START, Scratch, setup, world_at};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use chancery_token::dpop;
use chancery_verifier::clock::{Clock as _, FixedClock};
use families::{Families, Refusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Semaphore;

const PERMITS: usize = 1_000_000;

/// A form as it arrived, and who sent it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: &'static str,
    pub(crate) authorization: Option<String>,
    pub(crate) dpop: Option<String>,
    pub(crate) form: BTreeMap<String, String>,
}

impl Asked {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// What it was asked by, in a word.
    pub(crate) fn grant(&self) -> &str {
        self.get("grant_type").rsplit(':').next().unwrap()
    }
}

/// What the office does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// As an issuer does.
    Proper,
    /// It says this, whatever is asked, and does nothing.
    Says { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// It does what it is asked, and takes as long as its tokens live.
    IsLate,
    /// It does what it is asked, and cuts the connection before the answer.
    LosesAnswers,
    /// It does what is asked, and says so like this; `#` is the number of the token.
    Words(String),
}

/// An office on a port of its own.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<FixedClock>,
    rules: Mutex<Rules>,
    asked: Mutex<Vec<Asked>>,
    metadata_asked: AtomicUsize,
    /// Answers wait for a permit while there are none.
    gate: Semaphore,
}

/// What it goes by.
struct Rules {
    manner: Manner,
    /// What its metadata calls it.
    name: String,
    /// Where its token endpoint is.
    token_path: &'static str,
    expires_in: u64,
    /// Whether its clients get refresh tokens.
    refreshes: bool,
    /// What proofs must hold.
    nonce: Option<String>,
    /// Names of proofs that were used.
    proofs: BTreeSet<[u8; 32]>,
    families: Families,
}

impl Office {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let rules = Rules {
            manner: Manner::Proper,
            name: url.clone(),
            token_path: "/oauth2/token",
            expires_in: 900,
            refreshes: true,
            nonce: None,
            proofs: BTreeSet::new(),
            families: Families::default(),
        };
        let shared = Shared {
            clock: Arc::new(FixedClock::new(START)),
            rules: Mutex::new(rules),
            asked: Mutex::default(),
            metadata_asked: AtomicUsize::new(0),
            gate: Semaphore::new(PERMITS),
        };
        let office = Self { url, shared: Arc::new(shared) };
        let router = Router::new()
            .route("/oauth2/token", post(token))
            .route("/v2/token", post(token))
            .route("/oauth2/revoke", post(revoke))
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .with_state(office.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        office
    }

    /// The clock that it goes by, and the sessions of a test too.
    pub(crate) fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.shared.clock)
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.shared.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn behaves(&self, manner: Manner) {
        self.rules().manner = manner;
    }

    pub(crate) fn says(&self, status: u16, headers: &[(&'static str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.behaves(Manner::Says { status, headers, body: body.to_owned() });
    }

    /// Refuses a refresh token, for this reason.
    pub(crate) fn refuses(&self, reason: &str) {
        self.says(400, &[], &format!(r#"{{"error":"invalid_grant","reason":"{reason}"}}"#));
    }

    pub(crate) fn is_renamed(&self, name: &str) {
        name.clone_into(&mut self.rules().name);
    }

    /// Its token endpoint is elsewhere from now on.
    pub(crate) fn moves(&self) {
        self.rules().token_path = "/v2/token";
    }

    pub(crate) fn grants(&self, expires_in: u64) {
        self.rules().expires_in = expires_in;
    }

    pub(crate) fn gives_no_refresh_tokens(&self) {
        self.rules().refreshes = false;
    }

    /// Its clients are registered for it no more.
    pub(crate) fn refreshes_no_more(&self) {
        let mut rules = self.rules();
        rules.refreshes = false;
        rules.families.refuse_all();
    }

    pub(crate) fn wants_nonce(&self, nonce: &str) {
        self.rules().nonce = Some(nonce.to_owned());
    }

    /// Somebody revokes every session.
    pub(crate) fn ends_everything(&self) {
        self.rules().families.end_all("refresh_token_ended");
    }

    /// Nobody used them for too long.
    pub(crate) fn forgets_everything(&self) {
        self.rules().families.end_all("refresh_token_expired");
    }

    pub(crate) fn hold(&self) {
        let permits = u32::try_from(self.shared.gate.available_permits()).unwrap();
        self.shared.gate.try_acquire_many(permits).unwrap().forget();
    }

    pub(crate) fn release(&self) {
        self.shared.gate.add_permits(PERMITS);
    }

    /// Every form so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// By what it was asked, in order.
    pub(crate) fn grants_asked(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.grant().to_owned()).collect()
    }

    /// How often it was asked where its endpoints are.
    pub(crate) fn metadata_asked(&self) -> usize {
        self.shared.metadata_asked.load(Ordering::SeqCst)
    }

    /// Waits until so many forms arrived.
    pub(crate) async fn wait_for(&self, forms: usize) {
        until("so many forms", async || self.asked().len() >= forms).await;
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.shared.rules.lock().unwrap()
    }
}

/// Waits for something that comes by itself.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
    waited.unwrap_or_else(|_| panic!("nothing came of waiting for {what}"));
}

async fn arrived(office: &Office, path: &'static str, headers: &HeaderMap, body: &Bytes) -> Asked {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let form = url::form_urlencoded::parse(body).into_owned().collect();
    let asked = Asked { path, authorization: text("authorization"), dpop: text("dpop"), form };
    office.shared.asked.lock().unwrap().push(asked.clone());
    office.shared.gate.acquire().await.unwrap().forget();
    asked
}

async fn token(State(office): State<Office>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let asked = arrived(&office, "token", &headers, &body).await;
    let mut rules = office.rules();
    if uri.path() != rules.token_path {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Manner::Says { status, headers, body } = &rules.manner {
        return said(*status, headers, body.clone());
    }
    let nonce = rules.nonce.iter().map(|nonce| ("dpop-nonce", nonce.clone())).collect::<Vec<_>>();
    let bound = match proved(&mut rules, &office, &asked) {
        Ok(bound) => bound,
        Err(refusal) => return said(400, &nonce, refusal),
    };
    let granted = match rules.families.grant(&asked) {
        Ok(granted) => granted,
        Err(Refusal { error, reason }) => {
            return said(400, &nonce, format!(r#"{{"error":"{error}","reason":"{reason}"}}"#));
        }
    };
    match &rules.manner {
        Manner::LosesAnswers => {
            drop(rules);
            // As panicking does, without a line on standard error.
            std::panic::resume_unwind(Box::new(()))
        }
        Manner::Words(words) => return said(200, &nonce, words.replace('#', &granted.number.to_string())),
        Manner::IsLate => office.pass(rules.expires_in),
        Manner::Proper | Manner::Says { .. } => {}
    }
    let mut answer = serde_json::json!({
        "access_token": format!("token-{}", granted.number),
        "token_type": if bound { "DPoP" } else { "Bearer" },
        "expires_in": rules.expires_in,
        "scope": "a:b",
    });
    if rules.refreshes {
        answer["refresh_token"] = granted.refresh_token.into();
        let end = asked.get("delegate_expires_in").parse().unwrap_or(1_209_600);
        answer["refresh_expires_in"] = end.into();
        answer["expires_in"] = rules.expires_in.min(end).into();
    }
    said(200, &nonce, answer.to_string())
}

/// Looks at the proof of a key, if there is one; what is wrong with it otherwise.
fn proved(rules: &mut Rules, office: &Office, asked: &Asked) -> Result<bool, String> {
    let Some(proof) = &asked.dpop else { return Ok(false) };
    let url = format!("{}{}", office.url, rules.token_path);
    let request = dpop::Request { method: "POST", url: &url, access_token: None };
    let refused = |error: &str, reason: &str| format!(r#"{{"error":"{error}","reason":"{reason}"}}"#);
    let proof = dpop::verify(proof, &request, office.shared.clock.now(), Duration::from_mins(5))
        .map_err(|why| refused("invalid_dpop_proof", why.reason()))?;
    if proof.nonce() != rules.nonce.as_deref() {
        return Err(refused("use_dpop_nonce", "dpop_nonce_missing"));
    }
    if !rules.proofs.insert(proof.id()) {
        return Err(refused("invalid_dpop_proof", "dpop_proof_replayed"));
    }
    Ok(true)
}

async fn revoke(State(office): State<Office>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = arrived(&office, "revoke", &headers, &body).await;
    let mut rules = office.rules();
    if let Manner::Says { status, headers, body } = &rules.manner {
        return said(*status, headers, body.clone());
    }
    rules.families.end(asked.get("token"));
    StatusCode::OK.into_response()
}

async fn metadata(State(office): State<Office>) -> String {
    office.shared.metadata_asked.fetch_add(1, Ordering::SeqCst);
    let (url, rules) = (&office.url, office.rules());
    let (name, path) = (&rules.name, rules.token_path);
    format!(
        r#"{{"issuer":"{name}","token_endpoint":"{url}{path}","revocation_endpoint":"{url}/oauth2/revoke"}}"#
    )
}

fn said(status: u16, headers: &[(&'static str, String)], body: String) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}
