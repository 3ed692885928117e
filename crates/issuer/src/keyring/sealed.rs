//! The keyring as it rests in the store: JSON, sealed under the master key.

use super::held::HeldKey;
use super::succession::Succession;
use super::{KeyringFault, KeyringSetup, Keys};
use crate::master_key::MasterKey;
use crate::store::SealedKeyring;
use chancery_token::encoding::{array_from_base64url, base64url};
use chancery_token::{Format, SecretKey, UnixTime};
use chancery_verifier::entropy::Entropy;
use zeroize::{Zeroize as _, Zeroizing};

/// The layout of [`Document`].
const VERSION: u32 = 1;
/// What the seal is for.
const PURPOSE: &str = "keyring";

#[derive(serde::Serialize, serde::Deserialize)]
struct Document {
    v: u32,
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

pub(super) fn seal(
    keys: &Keys,
    master: &MasterKey,
    setup: &KeyringSetup,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, KeyringFault> {
    let stored = |key: &HeldKey| {
        Ok::<_, KeyringFault>(StoredKey {
            kid: key.kid.clone(),
            created_at: key.created_at,
            seed: Seed(base64url(&*key.secret.seed())),
        })
    };
    let document =
        Document { v: VERSION, jwt: keys.jwt.try_map(stored)?, paseto: keys.paseto.try_map(stored)? };
    // Room for all of it at once: growing would leave copies behind that nobody wipes. A key takes 250 bytes.
    let count = keys.jwt.states().count() + keys.paseto.states().count();
    let mut plain = Zeroizing::new(Vec::with_capacity(1024 + 512 * count));
    serde_json::to_writer(&mut *plain, &document)
        .map_err(|error| KeyringFault::Unreadable { why: error.to_string() })?;
    Ok(master.seal(PURPOSE, &setup.issuer, &plain, entropy))
}

pub(super) fn open(
    stored: &SealedKeyring,
    master: &MasterKey,
    setup: &KeyringSetup,
) -> Result<Keys, KeyringFault> {
    let plain = master.open(PURPOSE, &setup.issuer, &stored.blob)?;
    // What the parser says could repeat a piece of a key; where it stopped could not.
    let unreadable = |error: serde_json::Error| KeyringFault::Unreadable {
        why: format!("it is no keyring at line {}, column {}", error.line(), error.column()),
    };
    let layout: Layout = serde_json::from_slice(&plain).map_err(unreadable)?;
    if layout.v != VERSION {
        let why = format!(
            "it has layout {}, and this program knows layout {VERSION}; run the version that wrote it",
            layout.v
        );
        return Err(KeyringFault::Unreadable { why });
    }
    let document: Document = serde_json::from_slice(&plain).map_err(unreadable)?;
    let held = |format: Format| {
        move |key: &StoredKey| {
            let wrong =
                |why: &str| KeyringFault::Unreadable { why: format!("the {format} key '{}' {why}", key.kid) };
            let seed =
                array_from_base64url(&key.seed.0).map(Zeroizing::new).ok_or_else(|| wrong("has no seed"))?;
            let secret = SecretKey::from_seed(&seed);
            let held =
                HeldKey::new(secret, format, key.created_at, setup).map_err(|_| wrong("cannot sign"))?;
            if held.kid == key.kid { Ok(held) } else { Err(wrong("bears the name of another key")) }
        }
    };
    Ok(Keys {
        version: stored.version,
        jwt: document.jwt.try_map(held(Format::Jwt))?,
        paseto: document.paseto.try_map(held(Format::Paseto))?,
    })
}
