//! The keyring as it rests in the store: JSON, sealed under the master key.

use super::held::{HeldKey, LogKey, TokenKey};
use super::refresh_epoch::is_default;
use super::succession::Succession;
use super::{KeyUse, KeyringFault, KeyringSetup, Keys, RefreshEpochs};
use crate::master_key::MasterKey;
use crate::store::SealedKeyring;
use chancery_token::encoding::{array_from_base64url, base64url};
use chancery_token::{Format, SecretKey, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::collections::BTreeMap;
use zeroize::{Zeroize as _, Zeroizing};

/// The layout of [`Document`].
const VERSION: u32 = 2;
/// The same, once a refresh key was revoked: an earlier version, which would forget that, does not open it.
const WITH_REFRESH: u32 = 3;
/// The layout before the revocation log had keys.
const WITHOUT_LOG: u32 = 1;
/// What the seal is for.
const PURPOSE: &str = "keyring";

#[derive(serde::Serialize, serde::Deserialize)]
struct Document {
    v: u32,
    jwt: Succession<StoredKey>,
    paseto: Succession<StoredKey>,
    revocation: Succession<StoredKey>,
    revoked: BTreeMap<String, KeyUse>,
    #[serde(default, skip_serializing_if = "is_default")]
    refresh: RefreshEpochs,
}

#[derive(serde::Deserialize)]
struct DocumentWithoutLog {
    jwt: Succession<StoredKey>,
    paseto: Succession<StoredKey>,
}

#[derive(serde::Deserialize)]
struct Layout {
    v: u32,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredKey {
    kid: String,
    created_at: UnixTime,
    seed: Seed,
}

/// A private key on its way to and from the seal. Wiped when dropped.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Seed(String);

impl Drop for Seed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A keyring, read.
pub(super) enum Opened {
    /// As it stands in the store.
    Whole(Keys),
    /// As it stands there, with keys of the log that are stored nowhere yet.
    Extended(Keys),
}

impl StoredKey {
    fn of<S>(key: &HeldKey<S>) -> Self {
        let seed = Seed(base64url(&*key.secret.seed()));
        Self { kid: key.kid.clone(), created_at: key.created_at, seed }
    }
}

pub(super) fn seal(
    keys: &Keys,
    master: &MasterKey,
    setup: &KeyringSetup,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, KeyringFault> {
    let document = Document {
        v: if is_default(&keys.refresh) { VERSION } else { WITH_REFRESH },
        jwt: keys.jwt.map(StoredKey::of),
        paseto: keys.paseto.map(StoredKey::of),
        revocation: keys.revocation.map(StoredKey::of),
        revoked: keys.revoked.clone(),
        refresh: keys.refresh,
    };
    // Room for all of it at once: growing would leave copies behind that nobody wipes. A key takes 250 bytes, one
    // that was revoked 70 at most.
    let count = keys.jwt.states().count() + keys.paseto.states().count() + keys.revocation.states().count();
    let mut plain = Zeroizing::new(Vec::with_capacity(1024 + 512 * count + 80 * keys.revoked.len()));
    serde_json::to_writer(&mut *plain, &document)
        .map_err(|error| KeyringFault::Unreadable { why: error.to_string() })?;
    Ok(master.seal(PURPOSE, &setup.issuer, &plain, entropy))
}

/// `log_keys` makes the keys of the log for a keyring that was stored before it had any.
pub(super) fn open(
    stored: &SealedKeyring,
    master: &MasterKey,
    setup: &KeyringSetup,
    log_keys: impl FnOnce() -> Result<Succession<LogKey>, KeyringFault>,
) -> Result<Opened, KeyringFault> {
    let plain = master.open(PURPOSE, &setup.issuer, &stored.blob)?;
    // What the parser says could repeat a piece of a key; where it stopped could not.
    let unreadable = |error: serde_json::Error| KeyringFault::Unreadable {
        why: format!("it is no keyring at line {}, column {}", error.line(), error.column()),
    };
    let layout: Layout = serde_json::from_slice(&plain).map_err(unreadable)?;
    let tokens = |format| {
        move |key: &StoredKey| {
            held(key, KeyUse::from(format), |secret| {
                TokenKey::for_tokens(secret, format, key.created_at, setup).ok()
            })
        }
    };
    let version = stored.version;
    match layout.v {
        WITHOUT_LOG => {
            let document: DocumentWithoutLog = serde_json::from_slice(&plain).map_err(unreadable)?;
            let jwt = document.jwt.try_map(tokens(Format::Jwt))?;
            let paseto = document.paseto.try_map(tokens(Format::Paseto))?;
            let (revocation, revoked) = (log_keys()?, BTreeMap::new());
            let refresh = RefreshEpochs::default();
            disjoint(Keys { version, jwt, paseto, revocation, revoked, refresh }).map(Opened::Extended)
        }
        VERSION | WITH_REFRESH => {
            let document: Document = serde_json::from_slice(&plain).map_err(unreadable)?;
            let jwt = document.jwt.try_map(tokens(Format::Jwt))?;
            let paseto = document.paseto.try_map(tokens(Format::Paseto))?;
            let log = |key: &StoredKey| {
                let made = |secret| LogKey::for_the_log(secret, key.created_at, setup).ok();
                held(key, KeyUse::Revocation, made)
            };
            let revocation = document.revocation.try_map(log)?;
            let Document { revoked, refresh, .. } = document;
            disjoint(Keys { version, jwt, paseto, revocation, revoked, refresh }).map(Opened::Whole)
        }
        other => {
            let why = format!(
                "it has layout {other}, and this program knows layout {WITH_REFRESH}; run the version that wrote it"
            );
            Err(KeyringFault::Unreadable { why })
        }
    }
}

fn held<S>(
    key: &StoredKey,
    of: KeyUse,
    make: impl FnOnce(SecretKey) -> Option<HeldKey<S>>,
) -> Result<HeldKey<S>, KeyringFault> {
    let wrong = |why: &str| KeyringFault::Unreadable { why: format!("the {of} key '{}' {why}", key.kid) };
    let seed = array_from_base64url(&key.seed.0).map(Zeroizing::new).ok_or_else(|| wrong("has no seed"))?;
    let held = make(SecretKey::from_seed(&seed)).ok_or_else(|| wrong("cannot sign"))?;
    if held.kid == key.kid { Ok(held) } else { Err(wrong("bears the name of another key")) }
}

/// No verifier would believe a log whose key signs tokens: whoever steals it could revive what was revoked.
fn disjoint(keys: Keys) -> Result<Keys, KeyringFault> {
    let tokens = keys.jwt.states().chain(keys.paseto.states()).map(|(key, _)| &key.public);
    for public in tokens {
        if let Some((shared, _)) = keys.revocation.states().find(|(key, _)| key.public == *public) {
            let why = format!("the key '{}' signs tokens and the log", shared.kid);
            return Err(KeyringFault::Unreadable { why });
        }
    }
    Ok(keys)
}
