//! The issuer: everything that a request needs, in one place.

mod agree;
mod families;
mod follow;
mod known_clients;
mod open;
mod token_ids;

pub(crate) use families::{Going, KnownFamily, NotRefreshed, RefreshAnswer};
pub use follow::FollowFault;
pub(crate) use known_clients::Unread;
pub use open::OpenFault;

use crate::admin::{Defaults, Desk, LogDurability};
use crate::client::Client;
use crate::config::LimitsConfig;
use crate::dpop_nonces::DpopNonces;
use crate::grant::Settings;
use crate::http::{self, Admission, Polls, PublishedKeys, Revoking, Route};
use crate::keyring::Keyring;
use crate::metrics::Metrics;
use crate::revocation::{Blind, Publisher, RevocationLog};
use crate::secret::SecretHasher;
use crate::store::{ChangedClients, Store};
use chancery_catalog::Catalog;
use chancery_revocation::{Moment, Sequence};
use chancery_token::{Claims, ClientId, Environment, Format, TokenId, TokenSigner, TokenTooLarge, UnixTime};
use chancery_verifier::clock::Clock;
use chancery_verifier::entropy::Entropy;
use families::Families;
use known_clients::KnownClients;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use token_ids::TokenIds;

/// So far the clocks of two issuers over one store may be from each other, at most, for each of them to know what was used at
/// the other. Machines that ask for the time differ by less than a second.
const CLOCKS_APART: Duration = Duration::from_mins(1);

/// One issuer, started. Shared by all requests; nothing in it is locked while something is waited for.
#[derive(Debug)]
pub struct Issuer {
    settings: Settings,
    scopes_page: String,
    catalog: Catalog,
    store: Arc<dyn Store>,
    keyring: Keyring,
    hasher: SecretHasher,
    dpop_nonces: DpopNonces,
    clients: Arc<KnownClients>,
    families: Families,
    published_keys: PublishedKeys,
    revocation_log: Arc<RevocationLog>,
    log_durability: LogDurability,
    publisher: Publisher,
    /// Polls that wait for news of the log.
    polls: Polls,
    revoking: Revoking,
    /// The change counter of the store up to which we have caught up.
    seen: AtomicU64,
    /// Whether the last look for changes failed: what was changed elsewhere may not be obeyed here.
    is_behind: AtomicBool,
    admission: Admission,
    administration: Admission,
    defaults: Defaults,
    metrics: Metrics,
    limits: LimitsConfig,
    /// Tells the request ids of this run from those of another.
    run: u32,
    requests: AtomicU64,
    token_ids: TokenIds,
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

    /// What [`Issuer::router`] answers to.
    pub fn routes(self: &Arc<Self>) -> Vec<Route> {
        http::routes(self)
    }

    /// Where its clients are administered, at this moment.
    pub fn desk(&self) -> Desk<'_> {
        Desk {
            store: &*self.store,
            log: &self.revocation_log,
            catalog: &self.catalog,
            issuer: &self.settings.issuer,
            environment: self.settings.environment,
            hasher: &self.hasher,
            defaults: self.defaults,
            now: self.now(),
            entropy: &*self.entropy,
        }
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

    /// What proofs of a key must name to be fresh.
    pub(crate) fn dpop_nonces(&self) -> &DpopNonces {
        &self.dpop_nonces
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

    /// Now, on both clocks.
    pub(crate) fn moment(&self) -> Moment {
        Moment { wall: self.clock.now(), monotonic: self.clock.monotonic() }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// Counts the administrators' requests that are worked on.
    pub(crate) fn administration(&self) -> &Admission {
        &self.administration
    }

    /// Reads a client again when it is next asked for: it was changed here.
    pub(crate) fn forget(&self, id: ClientId) {
        self.clients.forget(&ChangedClients::These(vec![id]));
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

    /// What everybody is told of the log.
    pub fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// Counts the polls that wait for news of the log.
    pub(crate) fn polls(&self) -> &Polls {
        &self.polls
    }

    /// What no longer counts.
    pub fn revocation_log(&self) -> &Arc<RevocationLog> {
        &self.revocation_log
    }

    pub(crate) fn revoking(&self) -> &Revoking {
        &self.revoking
    }

    /// What its store promises of an entry of the log.
    pub(crate) fn log_durability(&self) -> &LogDurability {
        &self.log_durability
    }

    /// The `rvs` of what is decided now, unless the end of the log was not seen for too long.
    pub(crate) fn may_issue(&self) -> Result<Sequence, Blind> {
        self.revocation_log.may_issue(self.moment())
    }

    /// A name for a new token: 16 bytes that nobody can predict.
    pub(crate) fn draw_token_id(&self) -> TokenId {
        self.token_ids.draw(&*self.entropy)
    }

    /// A name for a request: unique, not secret.
    pub(crate) fn next_request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        request_id(self.run, number)
    }

    /// The client of this id, as it is stored now or was a moment ago. One that is known waits for nothing; for
    /// any other the store is asked, for as long as a request may take.
    pub(crate) async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, Unread> {
        if let Some(known) = self.clients.known(id) {
            return Ok(Some(known));
        }
        let read = Box::pin(self.clients.read(id, &*self.store, self.limits.request_timeout)).await;
        read.inspect_err(|why| match why {
            Unread::Store(_) | Unread::TimedOut => self.metrics.store_fault(),
            Unread::TooMany => {}
        })
    }

    /// Whether what has this digest is used for the first time. It could be used until `until`, by our clock; by that of
    /// another issuer over the store for somewhat longer, and so it is remembered.
    pub(crate) async fn first_use(
        &self,
        digest: &[u8; 32],
        until: UnixTime,
        now: UnixTime,
    ) -> Result<bool, Unread> {
        let _place = self.clients.place()?;
        let asked = self.store.first_use(digest, until.plus(CLOCKS_APART), now);
        let answered = tokio::time::timeout(self.limits.request_timeout, asked).await;
        let answered = answered.map_err(|_| Unread::TimedOut).and_then(|said| said.map_err(Unread::Store));
        answered.inspect_err(|_| self.metrics.store_fault())
    }

    /// Whether the store answers within this time, and what changed in it can be read.
    pub(crate) async fn store_answers(&self, within: Duration) -> bool {
        let answered = tokio::time::timeout(within, self.store.ping()).await;
        let answers = matches!(answered, Ok(Ok(()))) && !self.is_behind.load(Ordering::Relaxed);
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

/// `00c0ffee-2a`: made for each request, and so without the machinery that formats anything.
fn request_id(run: u32, number: u64) -> String {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    let hex = |number: u64, digit: u32| {
        char::from_digit(u32::try_from(number >> (4 * digit) & 15).unwrap_or(0), 16)
    };
    let run = (0..8).rev().filter_map(|digit| hex(u64::from(run), digit));
    let number = (0..digits).rev().filter_map(|digit| hex(number, digit));
    let mut id = String::with_capacity(25);
    id.extend(run);
    id.push('-');
    id.extend(number);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_the_run_and_a_number() {
        for (run, number) in [(0, 0), (0x00c0_ffee, 42), (u32::MAX, u64::MAX), (1, 16), (0xabcd_ef01, 0xfff0)]
        {
            assert_eq!(request_id(run, number), format!("{run:08x}-{number:x}"));
        }
    }
}
