//! The keys that sign tokens: who signs now, who signs next, who is still believed.
//!
//! Per format one key is active, one is published ahead of its time, and old ones stay published for as long as
//! a token of theirs may live. They rest in the store, sealed under the master key, so that every
//! process of an issuer signs with the same ones.

mod fault;
mod held;
mod open;
mod rotate;
mod schedule;
mod sealed;
mod staged;
mod succession;

#[cfg(test)]
mod tests;

pub use fault::{KeyringFault, RotateError};
pub use rotate::Rotation;
pub use schedule::{LeadTooShort, RETIRE_MARGIN, SETTLE, Schedule};
pub use succession::{KeyState, RotationPending};

use crate::master_key::MasterKey;
use crate::store::Store;
use arc_swap::ArcSwap;
use chancery_token::jwk::Jwk;
use chancery_token::{AlgorithmName, Format, PublicKey, TokenSigner, UnixTime, paserk};
use held::HeldKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use succession::Succession;

/// What a keyring needs to know besides its master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyringSetup {
    /// The issuer's URL. A keyring that was sealed for another one does not open.
    pub issuer: String,
    /// How JWT headers spell Ed25519.
    pub algorithm: AlgorithmName,
    /// When keys are published, sign, and go.
    pub schedule: Schedule,
}

/// The keys of one issuer, as this process last read them.
pub struct Keyring {
    setup: KeyringSetup,
    master: MasterKey,
    keys: ArcSwap<Keys>,
    /// When the store last said that these are the keys.
    confirmed: AtomicU64,
    /// Held while keys are read or written, so that an older state never takes the place of a newer one.
    gate: tokio::sync::Mutex<()>,
}

/// One state of the keyring. Every format has its keys, so that there is always one that signs.
#[derive(Clone, Debug)]
struct Keys {
    version: u64,
    jwt: Succession<HeldKey>,
    paseto: Succession<HeldKey>,
}

/// One key, without its private half.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct KeyRecord {
    /// Its name in tokens.
    pub kid: String,
    /// The format whose tokens it signs.
    pub format: Format,
    /// When it was made.
    pub created_at: UnixTime,
    /// Where it stands.
    #[serde(flatten)]
    pub state: KeyState,
}

/// One entry of the PASERK key document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PaserkKey {
    /// `k4.pid.…`
    pub kid: String,
    /// `k4.public.…`
    pub key: String,
}

impl Keyring {
    /// What signs tokens of `format` at `now`.
    pub fn signer(&self, format: Format, now: UnixTime) -> Arc<TokenSigner> {
        Arc::clone(&self.keys.load().of(format).signing(now).signer)
    }

    /// The keys of JWTs, as they are published at `now`: never empty.
    pub fn jwks(&self, now: UnixTime) -> Vec<Jwk> {
        let keys = self.keys.load();
        keys.jwt.published(now).map(|key| Jwk::new(&key.public, self.setup.algorithm)).collect()
    }

    /// The keys of PASETO tokens, as they are published at `now`: never empty.
    pub fn paserk_keys(&self, now: UnixTime) -> Vec<PaserkKey> {
        let keys = self.keys.load();
        let entry = |key: &HeldKey| PaserkKey { kid: key.kid.clone(), key: paserk::public(&key.public) };
        keys.paseto.published(now).map(entry).collect()
    }

    /// The keys whose tokens of `format` are believed at `now`: those that are published.
    pub fn believed(&self, format: Format, now: UnixTime) -> Vec<(String, PublicKey)> {
        let keys = self.keys.load();
        keys.of(format).published(now).map(|key| (key.kid.clone(), key.public.clone())).collect()
    }

    /// How JWT headers and the published keys spell Ed25519.
    pub fn algorithm(&self) -> AlgorithmName {
        self.setup.algorithm
    }

    /// How long verifiers may keep the published keys: the `max-age` of both documents.
    pub fn max_age(&self) -> Duration {
        self.setup.schedule.jwks_max_age()
    }

    /// The version of the stored keyring that this process holds.
    pub fn version(&self) -> u64 {
        self.keys.load().version
    }

    /// Every key that is held, JWT before PASETO, oldest first.
    pub fn records(&self) -> Vec<KeyRecord> {
        let keys = self.keys.load();
        let of = |format: Format| {
            keys.of(format).states().map(move |(key, state)| KeyRecord {
                kid: key.kid.clone(),
                format,
                created_at: key.created_at,
                state,
            })
        };
        of(Format::Jwt).chain(of(Format::Paseto)).collect()
    }

    /// When the store last said that these are the keys. An issuer that cannot ask for long may miss a key that
    /// the others sign with.
    pub fn confirmed_at(&self) -> UnixTime {
        UnixTime::from_secs(self.confirmed.load(Ordering::Acquire))
    }

    /// Reads the stored keyring again. Answers whether it was another one.
    pub async fn reload(&self, store: &dyn Store, now: UnixTime) -> Result<bool, KeyringFault> {
        let _gate = self.gate.lock().await;
        let stored = store.keyring().await?.ok_or(KeyringFault::Missing)?;
        let changed = stored.version != self.version();
        if changed {
            self.keys.store(Arc::new(sealed::open(&stored, &self.master, &self.setup)?));
        }
        self.confirmed.store(now.as_secs(), Ordering::Release);
        Ok(changed)
    }
}

impl Keys {
    fn of(&self, format: Format) -> &Succession<HeldKey> {
        match format {
            Format::Jwt => &self.jwt,
            Format::Paseto => &self.paseto,
        }
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.keys.load();
        let signs = |format: Format| keys.of(format).active().kid.clone();
        f.debug_struct("Keyring")
            .field("issuer", &self.setup.issuer)
            .field("version", &keys.version)
            .field("jwt", &signs(Format::Jwt))
            .field("paseto", &signs(Format::Paseto))
            .finish_non_exhaustive()
    }
}
