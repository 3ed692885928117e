//! The judgement itself.

mod judge;
mod keys;
mod settings;

pub use keys::WrongFormat;
pub use settings::{DEFAULT_LEEWAY, DEFAULT_MAX_LIFETIME, FutureIat, InvalidSetup, MAX_LEEWAY};

use crate::cache::{Entry, VerifiedTokens};
use crate::clock::Clock;
use crate::rejection::{KeysUnavailable, Rejection};
use crate::revocation::Revocation;
use crate::source::{KeyLookup, KeySource};
use crate::verified::Verified;
use arc_swap::ArcSwap;
use chancery_token::{Environment, Format, KeySet, MAX_TOKEN_BYTES, Malformed, UnixTime};
use keys::Keys;
use settings::Settings;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Accepts or refuses tokens of one issuer for one audience. Cloning is cheap; clones share keys and cache.
#[derive(Clone, Debug)]
pub struct Verifier {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    keys: ArcSwap<Keys>,
    cache: Option<VerifiedTokens>,
    source: OnceLock<Arc<dyn KeySource>>,
}

impl Verifier {
    /// The three decisions that have no default: whose tokens, for whom, and what about revocation. `issuer` and
    /// `audience` are compared byte for byte with `iss` and `aud`.
    ///
    /// The options below come before keys, followers and guards: each begins a verifier anew.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        revocation: Revocation,
    ) -> Result<Self, InvalidSetup> {
        Settings::new(issuer.into(), audience.into(), revocation).map(Self::build)
    }

    fn build(settings: Settings) -> Self {
        let cache = (settings.cache_bytes > 0).then(|| VerifiedTokens::new(settings.cache_bytes));
        Self {
            shared: Arc::new(Shared { settings, keys: ArcSwap::default(), cache, source: OnceLock::new() }),
        }
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.shared.settings.clone();
        change(&mut settings);
        Self::build(settings)
    }

    /// The world whose tokens are accepted; [`Environment::Live`] unless said otherwise.
    pub fn environment(self, environment: Environment) -> Self {
        self.with(|settings| settings.environment = environment)
    }

    /// The format that this audience takes; [`Format::Jwt`] unless said otherwise.
    pub fn format(self, format: Format) -> Self {
        self.with(|settings| settings.format = format)
    }

    /// The longest `exp − iat` that is accepted; [`DEFAULT_MAX_LIFETIME`] unless said otherwise.
    pub fn max_lifetime(self, most: Duration) -> Self {
        self.with(|settings| settings.max_lifetime = most)
    }

    /// How far clocks may differ, for `exp` and `nbf` alike; [`DEFAULT_LEEWAY`] unless said otherwise. Zero
    /// means zero, more than [`MAX_LEEWAY`] means that. Whole seconds count.
    pub fn leeway(self, leeway: Duration) -> Self {
        self.with(|settings| settings.leeway = leeway.min(MAX_LEEWAY))
    }

    /// What to do about an `iat` in the future.
    pub fn future_iat(self, policy: FutureIat) -> Self {
        self.with(|settings| settings.future_iat = policy)
    }

    /// How many bytes the cache of verified tokens may take; zero turns it off.
    pub fn cache_bytes(self, bytes: u64) -> Self {
        self.with(|settings| settings.cache_bytes = bytes)
    }

    /// The page that explains scopes; a refusal links to `<page>#<scope>`. `<issuer>/scopes` unless said
    /// otherwise.
    pub fn scope_reference(self, page: impl Into<String>) -> Self {
        self.with(|settings| settings.scope_reference = page.into())
    }

    /// Whether the guard's refusals name scopes; they do unless said otherwise.
    #[cfg(feature = "axum")]
    pub fn scope_disclosure(self, policy: crate::guard::ScopeDisclosure) -> Self {
        self.with(|settings| settings.disclosure = policy)
    }

    /// The clock of the guard and of [`Verifier::verify_now`]; the machine's unless said otherwise.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        self.with(|settings| settings.clock = clock)
    }

    /// The issuer whose tokens are accepted.
    pub fn issuer(&self) -> &str {
        &self.shared.settings.issuer
    }

    /// The audience whose tokens are accepted.
    pub fn audience(&self) -> &str {
        &self.shared.settings.audience
    }

    /// The decision about revocation.
    pub fn revocation(&self) -> &Revocation {
        &self.shared.settings.revocation
    }

    /// The format that is accepted.
    pub fn accepted_format(&self) -> Format {
        self.shared.settings.format
    }

    /// The key ids that are installed (rule ).
    pub fn kids(&self) -> Vec<Arc<str>> {
        self.shared.keys.load().kids()
    }

    /// How many bytes the cache of verified tokens takes, by its own count.
    pub fn cached_bytes(&self) -> u64 {
        self.shared.cache.as_ref().map_or(0, VerifiedTokens::bytes)
    }

    /// Replaces the keys, for as long as the program runs. What was verified with a key that is gone is refused
    /// from here on.
    pub fn install_keys(&self, keys: KeySet) -> Result<(), WrongFormat> {
        self.replace_keys(keys, None)
    }

    /// Replaces the keys, to be used until `good_until` and not a second longer.
    pub fn install_keys_until(&self, keys: KeySet, good_until: UnixTime) -> Result<(), WrongFormat> {
        self.replace_keys(keys, Some(good_until))
    }

    fn replace_keys(&self, keys: KeySet, good_until: Option<UnixTime>) -> Result<(), WrongFormat> {
        let expected = self.shared.settings.format;
        if keys.format() != expected {
            return Err(WrongFormat { expected, found: keys.format() });
        }
        let set = Arc::new(keys);
        self.shared.keys.rcu(|old| old.replaced(&set, good_until));
        Ok(())
    }

    /// Judges `token` at `now`. No I/O: the answer comes from what is installed.
    pub fn verify(&self, token: &str, now: UnixTime) -> Result<Verified, Rejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejection::Malformed(Malformed::TooLarge { bytes: token.len() }));
        }
        let Shared { settings, keys, cache, .. } = &*self.shared;
        let keys = keys.load();
        let set = keys.usable(now).map_err(Rejection::KeysUnavailable)?;
        if let Some(cache) = cache
            && let Some(entry) = cache.find(token)
        {
            if entry.generation == keys.generation() {
                let in_time = settings.judge_time(entry.verified.claims(), now);
                if let Err(Rejection::Expired { .. }) = in_time {
                    cache.forget(token);
                }
                return in_time.map(|()| entry.verified);
            }
            cache.forget(token);
        }
        let authentic = set.open(token)?;
        settings.judge_claims(authentic.claims())?;
        settings.judge_time(authentic.claims(), now)?;
        let verified = Verified::new(authentic);
        if let Some(cache) = cache {
            cache.keep(token, Entry { verified: verified.clone(), generation: keys.generation() });
        }
        Ok(verified)
    }

    /// Judges `token` by the verifier's clock. If it names a key that is not known, or no keys can be used, and a
    /// follower is attached and willing, the key set is fetched first: that is the one time a caller waits for
    /// the network.
    pub async fn verify_now(&self, token: &str) -> Result<Verified, Rejection> {
        let settings = &self.shared.settings;
        let refused = match self.verify(token, settings.clock.now()) {
            Err(refused @ (Rejection::KeysUnavailable(_) | Rejection::UnknownKey { .. })) => refused,
            verdict => return verdict,
        };
        let Some(source) = self.shared.source.get() else { return Err(refused) };
        match (source.key_missing().await, refused) {
            (KeyLookup::Refreshed, _) => self.verify(token, settings.clock.now()),
            (KeyLookup::Failed, Rejection::UnknownKey { .. }) => {
                Err(Rejection::KeysUnavailable(KeysUnavailable::FetchFailed))
            }
            (KeyLookup::CoolingDown | KeyLookup::Failed, refused) => Err(refused),
        }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn scope_reference_page(&self) -> &str {
        &self.shared.settings.scope_reference
    }

    #[cfg(feature = "axum")]
    pub(crate) fn disclosure(&self) -> crate::guard::ScopeDisclosure {
        self.shared.settings.disclosure
    }

    #[cfg(feature = "follow")]
    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.shared.settings.clock)
    }

    /// Attaches the follower that is asked for unknown keys; the first one stays.
    #[cfg(feature = "follow")]
    pub(crate) fn attach(&self, source: Arc<dyn KeySource>) -> bool {
        self.shared.source.set(source).is_ok()
    }

    /// Throws the keys away: they are older than their bound by a clock that cannot be set back.
    #[cfg(feature = "follow")]
    pub(crate) fn drop_keys(&self) {
        self.shared.keys.rcu(|old| old.dropped());
    }
}
