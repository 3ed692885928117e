//! A process takes the issuer's keys into use; the first one makes them.

use super::staged::stage;
use super::succession::Succession;
use super::{Keyring, KeyringFault, KeyringSetup, Keys, sealed};
use crate::master_key::MasterKey;
use crate::store::{ChangeCounter, ReplaceKeyringError, Store};
use arc_swap::ArcSwap;
use chancery_token::{Format, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::sync::atomic::AtomicU64;

impl Keyring {
    /// Reads the stored keyring, or makes and stores the first one. Processes that start together end with the
    /// same keys. A store that was in use and has no keyring is refused: with new keys no verifier would believe
    /// what the old ones signed, and the loss would go unnoticed.
    pub async fn open(
        store: &dyn Store,
        master: MasterKey,
        setup: KeyringSetup,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Self, KeyringFault> {
        // Asked before the keyring is read: whoever starts beside the first process may then find its keys already,
        // but never a counter that has moved and no keys.
        let is_untouched = store.changes(ChangeCounter::START).await?.counter == ChangeCounter::START;
        let keys = match store.keyring().await? {
            Some(stored) => sealed::open(&stored, &master, &setup)?,
            None if is_untouched => begin(store, &master, &setup, now, entropy).await?,
            None => return Err(KeyringFault::Missing),
        };
        let confirmed = AtomicU64::new(now.as_secs());
        Ok(Self {
            setup,
            master,
            keys: ArcSwap::from_pointee(keys),
            confirmed,
            gate: tokio::sync::Mutex::default(),
        })
    }
}

async fn begin(
    store: &dyn Store,
    master: &MasterKey,
    setup: &KeyringSetup,
    now: UnixTime,
    entropy: &dyn Entropy,
) -> Result<Keys, KeyringFault> {
    let make = |format| stage(format, setup, now, entropy);
    let mut keys = Keys {
        version: 0,
        jwt: Succession::begin(make(Format::Jwt)?, make(Format::Jwt)?, now),
        paseto: Succession::begin(make(Format::Paseto)?, make(Format::Paseto)?, now),
    };
    let blob = sealed::seal(&keys, master, setup, entropy)?;
    match store.replace_keyring(None, &blob).await {
        Ok(version) => {
            keys.version = version;
            Ok(keys)
        }
        // Another process was faster; its keys are the issuer's.
        Err(ReplaceKeyringError::Conflict) => {
            let stored = store.keyring().await?.ok_or(KeyringFault::Missing)?;
            sealed::open(&stored, master, setup)
        }
        Err(ReplaceKeyringError::Fault(fault)) => Err(fault.into()),
    }
}
