//! The keys that sign tokens, and those that sign the revocation log: who signs now, who signs next, who is still
//! believed.
//!
//! Of each kind one key is active, one is published ahead of its time, and old ones stay published for as long as
//! a token of theirs may live. They rest in the store, sealed under the master key, so that every
//! process of an issuer signs with the same ones.

mod ended;
mod fault;
mod held;
mod key_use;
mod open;
mod refresh_epoch;
mod revoke;
mod rotate;
mod schedule;
mod sealed;
mod staged;
mod succession;

#[cfg(test)]
mod tests;

pub use fault::{KeyringFault, RevokeEpochError, RevokeKeyError, RotateError};
pub use key_use::{KeyUse, UnknownKeyUse};
pub use refresh_epoch::{EpochRevocation, RefreshEpochs};
pub use revoke::{KeyRevocation, RevokedKey};
pub use rotate::Rotation;
pub use schedule::{LeadTooShort, RETIRE_MARGIN, SETTLE, Schedule};
pub use succession::{KeyState, RotationPending};

use crate::master_key::MasterKey;
use crate::store::Store;
use arc_swap::ArcSwap;
use chancery_revocation::{DocumentSigner, RevocationKeys};
use chancery_token::jwk::Jwk;
use chancery_token::{AlgorithmName, Format, PublicKey, TokenSigner, UnixTime, paserk};
use held::{HeldKey, LogKey, TokenKey};
use sealed::Opened;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use succession::Succession;

/// How long documents of a retired key of the log are believed: no verifier uses older news than of a week, and one that
/// kept them on its disk must be able to open them.
const LOG_KEY_BELIEVED: Duration = chancery_verifier::LONGEST_STALENESS;

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

/// One state of the keyring. Every kind has its keys, so that there is always one that signs.
#[derive(Clone, Debug)]
struct Keys {
    version: u64,
    jwt: Succession<TokenKey>,
    paseto: Succession<TokenKey>,
    revocation: Succession<LogKey>,
    /// The names of the keys that were revoked, and what each signed.
    revoked: BTreeMap<String, KeyUse>,
    /// Under which key refresh tokens are written.
    refresh: RefreshEpochs,
}

/// One key, without its private half.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct KeyRecord {
    /// Its name in tokens.
    pub kid: String,
    /// What it signs.
    #[serde(rename = "format")]
    pub keys: KeyUse,
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

impl KeyringSetup {
    fn schedule_of(&self, keys: KeyUse) -> Schedule {
        match keys {
            KeyUse::Jwt | KeyUse::Paseto => self.schedule,
            KeyUse::Revocation => self.schedule.believed_for(LOG_KEY_BELIEVED),
        }
    }
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
        let entry = |key: &TokenKey| PaserkKey { kid: key.kid.clone(), key: paserk::public(&key.public) };
        keys.paseto.published(now).map(entry).collect()
    }

    /// What signs documents of the revocation log at `now`.
    pub fn document_signer(&self, now: UnixTime) -> Arc<DocumentSigner> {
        Arc::clone(&self.keys.load().revocation.signing(now).signer)
    }

    /// The keys of the revocation log, as they are published at `now`: never empty, and none that signs tokens.
    pub fn revocation_jwks(&self, now: UnixTime) -> Vec<Jwk> {
        let keys = self.keys.load();
        // Its documents say `EdDSA`, whatever tokens say (docs/PROTOCOL.md).
        keys.revocation.published(now).map(|key| Jwk::new(&key.public, AlgorithmName::EdDsa)).collect()
    }

    /// The keys whose documents of the revocation log are believed at `now`.
    pub fn revocation_keys(&self, now: UnixTime) -> Option<RevocationKeys> {
        let keys = self.keys.load();
        RevocationKeys::from_keys(keys.revocation.published(now).map(|key| key.public.clone()))
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

    /// Every key that is held: those of JWTs, of PASETO tokens, of the log; each oldest first.
    pub fn records(&self) -> Vec<KeyRecord> {
        fn of<S>(keys: KeyUse, held: &Succession<HeldKey<S>>) -> impl Iterator<Item = KeyRecord> {
            held.states().map(move |(key, state)| KeyRecord {
                kid: key.kid.clone(),
                keys,
                created_at: key.created_at,
                state,
            })
        }
        let keys = self.keys.load();
        let tokens = of(KeyUse::Jwt, &keys.jwt).chain(of(KeyUse::Paseto, &keys.paseto));
        tokens.chain(of(KeyUse::Revocation, &keys.revocation)).collect()
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
            let layout_1 = || {
                let why =
                    "a backup of an earlier version was put back; start the issuer again, which completes it";
                Err(KeyringFault::Unreadable { why: why.into() })
            };
            let (Opened::Whole(keys) | Opened::Extended(keys)) =
                sealed::open(&stored, &self.master, &self.setup, layout_1)?;
            self.keys.store(Arc::new(keys));
        }
        self.confirmed.store(now.as_secs(), Ordering::Release);
        Ok(changed)
    }
}

impl Keys {
    fn of(&self, format: Format) -> &Succession<TokenKey> {
        match format {
            Format::Jwt => &self.jwt,
            Format::Paseto => &self.paseto,
        }
    }

    /// The active key and the next one.
    fn names(&self, of: KeyUse) -> [String; 2] {
        fn of_keys<S>(keys: &Succession<HeldKey<S>>) -> [String; 2] {
            [keys.active(), keys.next()].map(|key| key.kid.clone())
        }
        match of {
            KeyUse::Jwt => of_keys(&self.jwt),
            KeyUse::Paseto => of_keys(&self.paseto),
            KeyUse::Revocation => of_keys(&self.revocation),
        }
    }

    /// The key that signs at `now`.
    fn signing(&self, of: KeyUse, now: UnixTime) -> &str {
        match of {
            KeyUse::Jwt => &self.jwt.signing(now).kid,
            KeyUse::Paseto => &self.paseto.signing(now).kid,
            KeyUse::Revocation => &self.revocation.signing(now).kid,
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
            .field("revocation", &keys.revocation.active().kid)
            .finish_non_exhaustive()
    }
}
