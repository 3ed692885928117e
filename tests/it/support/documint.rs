//! DocuMint's service, which checks tokens on its own and never asks whoever made them.

use super::{AUDIENCE, Server};
use chancery_examples::documint::{Archive, serve, service};
use chancery_token::Environment;
use chancery_verifier::follow::{
    DiskState, FollowSettings, Follower, KeysFrom, LogFrom, LogKeysFrom, Status,
};
use chancery_verifier::{Freshness, Revocation, Verifier};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// Far longer than keys take to come on one machine.
const KEYS_WITHIN: Duration = Duration::from_secs(30);

/// The guarded service on a port of its own.
pub(crate) struct Documint {
    url: String,
    follower: Follower,
    _runtime: Runtime,
}

impl Documint {
    /// Starts it for tokens of `issuer`, whose keys are at `keys`, and waits until it has them.
    pub(crate) fn of(issuer: &str, keys: String) -> Self {
        let nothing_is_revoked = Revocation::Ignore { reason: "this is about the keys alone" };
        let settings = FollowSettings::new(KeysFrom::Url(keys), DiskState::Nowhere);
        Self::start(issuer, nothing_is_revoked, settings)
    }

    /// Starts it for tokens of `issuer`, whose keys and revocation log it follows at `server` alone.
    pub(crate) fn following(issuer: &str, server: &Server) -> Self {
        let policy = Revocation::Follow(Freshness::MaxStaleness(Duration::from_mins(2)));
        let keys = KeysFrom::Url(server.at("/.well-known/jwks.json"));
        let settings = FollowSettings::new(keys, DiskState::Nowhere)
            .log_from(LogFrom::Urls(vec![server.url.clone()]))
            .log_keys_from(LogKeysFrom::Url(server.at("/keys/revocation.json")));
        Self::start(issuer, policy, settings)
    }

    fn start(issuer: &str, revocation: Revocation, settings: FollowSettings) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (url, follower) = runtime.block_on(async {
            let verifier = Verifier::new(issuer, AUDIENCE, revocation).unwrap();
            let verifier = verifier.environment(Environment::Test);
            let follower = Follower::start(&verifier, settings).unwrap();
            follower.wait_ready(KEYS_WITHIN).await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(serve(listener, service(Archive::with_examples(), verifier).unwrap()));
            (url, follower)
        });
        Self { url, follower, _runtime: runtime }
    }

    /// The address of a path of it.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Where it stands with the keys.
    pub(crate) fn keys(&self) -> Status {
        self.follower.status()
    }
}
