//! A key is taken out at once: a thief has it, and what it signs from now on is nobody's token.

use super::held::HeldKey;
use super::staged::{stage, stage_log_key};
use super::succession::Succession;
use super::{KeyUse, Keyring, KeyringFault, Keys, RevokeKeyError, sealed};
use crate::store::{ReplaceKeyringError, Store};
use chancery_token::{Format, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::sync::Arc;

/// How often it is decided anew when other processes change the keyring at the same time.
const ATTEMPTS: usize = 16;

/// What became of a key that was to be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRevocation {
    /// It was taken out.
    Done(RevokedKey),
    /// It had been taken out before; nothing changed.
    Already,
}

/// A key that was taken out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RevokedKey {
    /// Its name, which is never given to another one.
    pub kid: String,
    /// What it signed.
    #[serde(rename = "format")]
    pub keys: KeyUse,
    /// What signs in its place, from now on.
    pub signs: String,
    /// What waits for the next rotation; made now, unless the key that was taken out was retired.
    pub publishes: String,
}

impl Keyring {
    /// Takes the key `kid` out at once. It is published no longer and signs nothing; if it was the active one, the next
    /// one signs from `now` on, though it may be news to some verifiers, and a new one is published behind it. Durable
    /// when it answers. The name is remembered for ever.
    ///
    /// Verifiers that have the key go on believing it: append a `key` entry to the revocation log as well.
    pub async fn revoke(
        &self,
        store: &dyn Store,
        kid: &str,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<KeyRevocation, RevokeKeyError> {
        for _ in 0..ATTEMPTS {
            self.reload(store, now).await?;
            let gate = self.gate.lock().await;
            let held = self.keys.load_full();
            if held.revoked.contains_key(kid) {
                return Ok(KeyRevocation::Already);
            }
            let mut keys = Keys::clone(&held);
            let Some(of) = self.take_out(&mut keys, kid, now, entropy)? else {
                return Err(RevokeKeyError::Unknown { kid: kid.to_owned() });
            };
            keys.revoked.insert(kid.to_owned(), of);
            let blob = sealed::seal(&keys, &self.master, &self.setup, entropy)?;
            match store.replace_keyring(Some(held.version), &blob).await {
                Ok(version) => {
                    keys.version = version;
                    let [_, publishes] = keys.names(of);
                    let signs = keys.signing(of, now).to_owned();
                    self.keys.store(Arc::new(keys));
                    let kid = kid.to_owned();
                    return Ok(KeyRevocation::Done(RevokedKey { kid, keys: of, signs, publishes }));
                }
                Err(ReplaceKeyringError::Conflict) => drop(gate),
                Err(ReplaceKeyringError::Fault(fault)) => return Err(KeyringFault::from(fault).into()),
            }
        }
        Err(RevokeKeyError::Contended)
    }

    /// Every key that was revoked, for ever: what a new revocation log must say again.
    pub fn revoked(&self) -> Vec<String> {
        self.keys.load().revoked.keys().cloned().collect()
    }

    /// What the revoked key `kid` signed; `None` if there is no such key. Its name does not say: those of tokens and of
    /// the log are thumbprints alike.
    pub fn signed_by_revoked(&self, kid: &str) -> Option<KeyUse> {
        self.keys.load().revoked.get(kid).copied()
    }

    fn take_out(
        &self,
        keys: &mut Keys,
        kid: &str,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Option<KeyUse>, KeyringFault> {
        let setup = &self.setup;
        let schedule = |of| setup.schedule_of(of);
        for (of, format) in [(KeyUse::Jwt, Format::Jwt), (KeyUse::Paseto, Format::Paseto)] {
            let of_format = match format {
                Format::Jwt => &mut keys.jwt,
                Format::Paseto => &mut keys.paseto,
            };
            if holds(of_format, kid) {
                let fresh = stage(format, setup, now, entropy)?;
                *of_format = of_format.clone().without(named(kid), fresh, now, &schedule(of));
                return Ok(Some(of));
            }
        }
        if !holds(&keys.revocation, kid) {
            return Ok(None);
        }
        let fresh = stage_log_key(setup, now, entropy)?;
        keys.revocation =
            keys.revocation.clone().without(named(kid), fresh, now, &schedule(KeyUse::Revocation));
        Ok(Some(KeyUse::Revocation))
    }
}

fn holds<S>(keys: &Succession<HeldKey<S>>, kid: &str) -> bool {
    keys.states().any(|(key, _)| key.kid == kid)
}

fn named<S>(kid: &str) -> impl Fn(&HeldKey<S>) -> bool {
    move |key| key.kid == kid
}
