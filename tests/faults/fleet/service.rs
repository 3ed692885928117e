//! A guarded service that follows the revocation log, by the clock that everybody goes by.

use crate::support::{AUDIENCE, MovedClock, Server};
use axum::Json;
use chancery_token::Environment;
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom, LogFrom, LogKeysFrom};
use chancery_verifier::guard::{Dpop, Router, Unbound, get};
use chancery_verifier::{Freshness, Revocation, Verified, Verifier, scope};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// How old news may be.
const MAX_STALENESS: Duration = Duration::from_mins(2);

/// Far longer than keys and log take to come on one machine.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Some services, each with a verifier of its own.
pub(super) struct Services {
    pub(super) urls: Vec<String>,
    followers: Vec<Follower>,
    runtime: Runtime,
}

impl Services {
    /// One after each of `servers`, of which it follows that one, and one that follows all of them. Waits until they have
    /// keys and log.
    pub(super) fn start(issuer: &str, servers: &[Server], clock: &Arc<MovedClock>) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut followed: Vec<Vec<String>> = servers.iter().map(|server| vec![server.url.clone()]).collect();
        followed.push(servers.iter().map(|server| server.url.clone()).collect());
        let (urls, followers) = runtime.block_on(async {
            let (mut urls, mut followers) = (Vec::new(), Vec::new());
            for log in followed {
                let (url, follower) = serve(issuer, log, Arc::clone(clock)).await;
                urls.push(url);
                followers.push(follower);
            }
            (urls, followers)
        });
        Self { urls, followers, runtime }
    }

    /// The one that the process of this number calls.
    pub(super) fn of(&self, number: usize) -> &str {
        &self.urls[number % self.urls.len()]
    }

    /// Lets them notice that time has passed: each asks what is new, as it does every few seconds.
    pub(super) fn settle(&self) {
        self.runtime.block_on(async {
            for follower in &self.followers {
                follower.poll_once().await;
            }
        });
    }

    /// How often something showed that the store lost something.
    pub(super) fn alarms(&self) -> u64 {
        let alarms = |follower: &Follower| follower.status().log.expect("it follows the log").alarms;
        self.followers.iter().map(alarms).sum()
    }
}

async fn serve(issuer: &str, log: Vec<String>, clock: Arc<MovedClock>) -> (String, Follower) {
    let policy = Revocation::Follow(Freshness::MaxStaleness(MAX_STALENESS));
    let verifier = Verifier::new(issuer, AUDIENCE, policy).unwrap();
    let verifier = verifier.environment(Environment::Test).clock(clock);
    let server = log[0].clone();
    let keys = KeysFrom::Url(format!("{server}/.well-known/jwks.json"));
    let settings = FollowSettings::new(keys, DiskState::Nowhere)
        .log_from(LogFrom::Urls(log))
        .log_keys_from(LogKeysFrom::Url(format!("{server}/keys/revocation.json")));
    let follower = Follower::start(&verifier, settings).unwrap();
    follower.wait_ready(READY_WITHIN).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().route("/invoices", get(scope!("invoices:read"), session));
    let dpop = Dpop::at(&url).unwrap().unbound(Unbound::Refuse);
    let app = routes.guard_with_dpop(verifier, dpop).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (format!("{url}/invoices"), follower)
}

/// Says in which session it was called.
async fn session(token: Verified) -> Json<Value> {
    Json(json!({ "session": token.claims().sid.as_ref().map(ToString::to_string) }))
}
