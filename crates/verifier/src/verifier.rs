//! The judgement itself.

mod binding;
#[cfg(feature = "dpop")]
mod dpop;
mod installed;
mod judge;
mod keys;
mod revocations;
mod settings;

#[cfg(feature = "dpop")]
pub use dpop::Unproven;
pub use keys::WrongFormat;
pub use settings::{DEFAULT_LEEWAY, DEFAULT_MAX_LIFETIME, FutureIat, InvalidSetup, MAX_LEEWAY};

use crate::cache::{Entry, VerifiedTokens};
use crate::clock::Clock;
use crate::rejection::{KeysUnavailable, Rejection};
use crate::revocation::Revocation;
use crate::source::{KeyLookup, KeySource, LogSource};
use crate::verified::Verified;
use arc_swap::ArcSwap;
use binding::judge_binding;
use chancery_revocation::Unknown;
use chancery_token::{Environment, Format, KeySet, MAX_TOKEN_BYTES, Malformed, UnixTime};
use installed::Installed;
use settings::Settings;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Accepts or refuses tokens of one issuer for one audience. Cloning is cheap; clones share keys and cache.
#[derive(Clone, Debug)]
pub struct Verifier {
    shared: Arc<Shared>,
    /// The oldest news of the revocation log that are used, where that is less than the policy of all says.
    at_most: Option<Duration>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    installed: ArcSwap<Installed>,
    cache: Option<VerifiedTokens>,
    source: OnceLock<Arc<dyn KeySource>>,
    log_source: OnceLock<Arc<dyn LogSource>>,
    /// The shortest age of news that was ever asked for, in seconds: how often a follower must ask.
    youngest_asked: AtomicU64,
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
        let youngest = match &settings.revocation {
            Revocation::Follow(policy) => policy.max_staleness().as_secs(),
            Revocation::Ignore { .. } => u64::MAX,
        };
        let shared = Shared {
            settings,
            installed: ArcSwap::default(),
            cache,
            source: OnceLock::new(),
            log_source: OnceLock::new(),
            youngest_asked: AtomicU64::new(youngest),
        };
        Self { shared: Arc::new(shared), at_most: None }
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.shared.settings.clone();
        change(&mut settings);
        let anew = Self::build(settings);
        match self.at_most {
            // What was asked of this verifier is asked of the next one too.
            Some(most) => anew.at_most(most).unwrap_or(anew),
            None => anew,
        }
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
        self.shared.installed.load().keys.kids()
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
        self.shared.installed.rcu(|old| old.with_keys(&set, good_until));
        Ok(())
    }

    /// Judges `token` at `now`. No I/O: the answer comes from what is installed.
    ///
    /// Where the revocation log is followed, the verifier's clock is asked how much time has passed, so that what is
    /// known grows old even while `now` stands or goes back.
    pub fn verify(&self, token: &str, now: UnixTime) -> Result<Verified, Rejection> {
        self.judge(token, None, now)
    }

    /// As [`Verifier::verify`], for a sender who proved to have the key with the thumbprint `proved`.
    fn judge(&self, token: &str, proved: Option<&[u8; 32]>, now: UnixTime) -> Result<Verified, Rejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejection::Malformed(Malformed::TooLarge { bytes: token.len() }));
        }
        let Shared { settings, installed, cache, .. } = &*self.shared;
        let installed = installed.load();
        let set = installed.keys.usable(now).map_err(Rejection::KeysUnavailable)?;
        let generation = installed.keys.generation();
        if let Some(cache) = cache
            && let Some(entry) = cache.find(token)
        {
            if entry.generation == generation {
                let claims = entry.verified.claims();
                let verdict = judge_binding(claims, proved)
                    .and_then(|()| settings.judge_time(claims, now))
                    .and_then(|()| self.judge_revocation(&installed.log, &entry.verified, now));
                if let Err(Rejection::Expired { .. } | Rejection::Over(_)) = verdict {
                    cache.forget(token);
                }
                return verdict.map(|()| entry.verified);
            }
            cache.forget(token);
        }
        let authentic = set.open(token)?;
        settings.judge_claims(authentic.claims())?;
        judge_binding(authentic.claims(), proved)?;
        settings.judge_time(authentic.claims(), now)?;
        let verified = Verified::new(authentic, settings.marked());
        self.judge_revocation(&installed.log, &verified, now)?;
        if let Some(cache) = cache {
            cache.keep(token, Entry { verified: verified.clone(), generation });
        }
        Ok(verified)
    }

    /// Judges `token` by the verifier's clock. If it names a key that is not known, or no keys can be used, and a
    /// follower is attached and willing, the key set is fetched first; and under [`crate::Freshness::Strict`] a token
    /// that is ahead of what is known here waits a moment for the news. Those are the times a caller waits for the
    /// network.
    pub async fn verify_now(&self, token: &str) -> Result<Verified, Rejection> {
        self.judge_now(token, None).await
    }

    async fn judge_now(&self, token: &str, proved: Option<&[u8; 32]>) -> Result<Verified, Rejection> {
        let now = || self.shared.settings.clock.now();
        match self.judge(token, proved, now()) {
            Err(refused @ (Rejection::KeysUnavailable(_) | Rejection::UnknownKey { .. })) => {
                let Some(source) = self.shared.source.get() else { return Err(refused) };
                match (source.key_missing().await, refused) {
                    (KeyLookup::Refreshed, _) => self.judge(token, proved, now()),
                    (KeyLookup::Failed, Rejection::UnknownKey { .. }) => {
                        Err(Rejection::KeysUnavailable(KeysUnavailable::FetchFailed))
                    }
                    (KeyLookup::CoolingDown | KeyLookup::Failed, refused) => Err(refused),
                }
            }
            Err(refused @ Rejection::RevocationUnknown(Unknown::Behind { behind })) => {
                let Some(source) = self.shared.log_source.get() else { return Err(refused) };
                source.caught_up(behind.rvs).await;
                self.judge(token, proved, now())
            }
            verdict => verdict,
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

    #[cfg(all(feature = "axum", feature = "dpop"))]
    pub(crate) fn now(&self) -> UnixTime {
        self.shared.settings.clock.now()
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

    /// Attaches the follower that is told when tokens are ahead of the log; the first one stays.
    #[cfg(feature = "follow")]
    pub(crate) fn attach_log(&self, source: Arc<dyn LogSource>) -> bool {
        self.shared.log_source.set(source).is_ok()
    }

    /// Throws the keys away: they are older than their bound by a clock that cannot be set back.
    #[cfg(feature = "follow")]
    pub(crate) fn drop_keys(&self) {
        self.shared.installed.rcu(|old| old.without_keys());
    }
}
