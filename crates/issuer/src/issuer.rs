//! The issuer: everything that a request needs, in one place.

mod follow;
mod known_clients;
mod open;

pub use follow::FollowFault;
pub use open::OpenFault;

use crate::client::Client;
use crate::config::LimitsConfig;
use crate::grant::Settings;
use crate::http::{self, Admission, PublishedKeys};
use crate::keyring::Keyring;
use crate::metrics::Metrics;
use crate::secret::SecretHasher;
use crate::store::{Store, StoreFault};
use chancery_catalog::Catalog;
use chancery_revocation::Sequence;
use chancery_token::{Claims, ClientId, Environment, Format, TokenId, TokenSigner, TokenTooLarge, UnixTime};
use chancery_verifier::clock::Clock;
use chancery_verifier::entropy::Entropy;
use known_clients::KnownClients;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// One issuer, started. Shared by all requests; nothing in it is locked while something is waited for.
#[derive(Debug)]
pub struct Issuer {
    settings: Settings,
    scopes_page: String,
    catalog: Catalog,
    store: Arc<dyn Store>,
    keyring: Keyring,
    hasher: SecretHasher,
    clients: KnownClients,
    published_keys: PublishedKeys,
    /// The sequence of the revocation log that is applied.
    sequence: Sequence,
    /// The change counter of the store up to which we have caught up.
    seen: AtomicU64,
    admission: Admission,
    metrics: Metrics,
    limits: LimitsConfig,
    /// Tells the request ids of this run from those of another.
    run: u32,
    requests: AtomicU64,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A signed token, about to be answered.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) claims: Claims,
    pub(crate) client: Arc<Client>,
    pub(crate) signer: Arc<TokenSigner>,
    pub(crate) token: String,
}

impl Issuer {
    /// Its HTTP side. Answers in process as it does behind a socket.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        http::router(self)
    }

    /// Its name, environment and longest token lifetime.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What may be asked for.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Its keys.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Where it keeps what outlives it.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What makes digests of its clients' secrets.
    pub fn hasher(&self) -> &SecretHasher {
        &self.hasher
    }

    /// How long a stopping issuer finishes what it began.
    pub fn drain_timeout(&self) -> Duration {
        self.limits.drain_timeout
    }

    pub(crate) fn environment(&self) -> Environment {
        self.settings.environment
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(crate) fn admission(&self) -> &Admission {
        &self.admission
    }

    pub(crate) fn published_keys(&self) -> &PublishedKeys {
        &self.published_keys
    }

    pub(crate) fn scopes_page(&self) -> &str {
        &self.scopes_page
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        self.limits.request_timeout
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.limits.body_bytes
    }

    /// The `rvs` of a token that is decided now.
    pub(crate) fn applied_sequence(&self) -> Sequence {
        self.sequence
    }

    /// A name for a new token: 16 bytes that nobody can predict.
    pub(crate) fn draw_token_id(&self) -> TokenId {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        TokenId::from_bytes(bytes)
    }

    /// A name for a request: unique, not secret.
    pub(crate) fn next_request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:08x}-{number:x}", self.run)
    }

    /// The client of this id, as it is stored now or was a moment ago.
    pub(crate) async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreFault> {
        self.clients.client(id, &*self.store).await.inspect_err(|_| self.metrics.store_fault())
    }

    /// Whether the store answers, and in time.
    pub(crate) async fn store_answers(&self) -> bool {
        let answered = tokio::time::timeout(self.limits.request_timeout, self.store.ping()).await;
        let answers = matches!(answered, Ok(Ok(())));
        if !answers {
            self.metrics.store_fault();
        }
        answers
    }

    /// Signs with the key that is active at `now`.
    pub(crate) fn sign(
        &self,
        client: Arc<Client>,
        claims: Claims,
        format: Format,
        now: UnixTime,
    ) -> Result<Issued, TokenTooLarge> {
        let signer = self.keyring.signer(format, now);
        let token = signer.sign(&claims)?;
        Ok(Issued { claims, client, signer, token })
    }
}
