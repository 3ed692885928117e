//! Services behind the proxy.

use super::world::World;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chancery_token::Environment;
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom};
use chancery_verifier::guard::{Dpop, Router as Guarding, get, post};
use chancery_verifier::{Revocation, Verified, Verifier, scope};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// Far longer than keys take to come on one machine.
const KEYS_WITHIN: Duration = Duration::from_secs(30);
/// Any 32 bytes.
const NONCE_KEY: [u8; 32] = [7; 32];

/// What a service heard.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The token that was shown, under whatever scheme.
    pub(super) fn token(&self) -> &str {
        self.header("authorization").split_once(' ').map_or("", |(_, token)| token)
    }
}

/// A service that answers as a test wants, and remembers what it heard.
pub(super) struct Upstream {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    _follower: Option<Follower>,
    _runtime: Runtime,
}

impl Upstream {
    /// Answers each request whole, once it was heard whole.
    pub(super) fn answering(answer: impl Fn(&Heard) -> Response + Clone + Send + Sync + 'static) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().fallback({
            let heard = Arc::clone(&heard);
            async move |request: Request| {
                let (head, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
                let (method, uri) = (head.method.to_string(), head.uri.to_string());
                let this = Heard { method, uri, headers: head.headers, body };
                let answer = answer(&this);
                heard.lock().unwrap().push(this);
                answer
            }
        });
        Self::serving(async |_| (router, None), heard)
    }

    /// A guarded service that takes bound tokens with proofs, and hands out nonces if it is to.
    pub(super) fn guarded(world: &World, nonces: bool) -> Self {
        let (issuer, keys) = (world.url.clone(), world.issuer().at("/.well-known/jwks.json"));
        let make = async move |address: SocketAddr| {
            let revocation = Revocation::Ignore { reason: "this is about proofs" };
            let verifier = Verifier::new(&*issuer, crate::support::AUDIENCE, revocation).unwrap();
            let verifier = verifier.environment(Environment::Test);
            let settings = FollowSettings::new(KeysFrom::Url(keys), DiskState::Nowhere);
            let follower = Follower::start(&verifier, settings).unwrap();
            follower.wait_ready(KEYS_WITHIN).await.unwrap();
            let dpop = Dpop::at(&format!("http://{address}")).unwrap();
            let dpop = if nonces { dpop.nonces(&NONCE_KEY) } else { dpop };
            let reads = async |token: Verified, body: String| format!("{}{body}", token.client_id());
            let routes = Guarding::new().route("/v1/invoices", get(scope!("invoices:read"), reads));
            let routes = routes.route("/v1/sums", post(scope!("invoices:read"), reads));
            let guarded = routes.guard_with_dpop(verifier, dpop).unwrap();
            (Router::new().fallback_service(guarded), Some(follower))
        };
        Self::serving(make, Arc::default())
    }

    fn serving<M>(make: M, heard: Arc<Mutex<Vec<Heard>>>) -> Self
    where
        M: AsyncFnOnce(SocketAddr) -> (Router, Option<Follower>),
    {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (address, follower) = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (router, follower) = make(address).await;
            tokio::spawn(async move { axum::serve(listener, router).await });
            (address, follower)
        });
        Self { address, heard, _follower: follower, _runtime: runtime }
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// All that it heard so far.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

pub(super) fn said(status: u16, text: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), text.to_owned()).into_response()
}

/// Takes one connection and does with it what the test says; answers where it listens.
pub(super) fn by_hand(answer: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || answer(listener.accept().unwrap().0));
    format!("http://{address}/")
}
