//! A process takes the issuer's keys into use; the first one makes them.

use super::held::LogKey;
use super::sealed::Opened;
use super::staged::{stage, stage_log_key};
use super::succession::Succession;
use super::{Keyring, KeyringFault, KeyringSetup, Keys, RefreshEpochs, sealed};
use crate::master_key::MasterKey;
use crate::store::{ChangeCounter, ReplaceKeyringError, SealedKeyring, Store};
use arc_swap::ArcSwap;
use chancery_token::{Format, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::collections::BTreeMap;
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
            Some(stored) => take_over(stored, store, &master, &setup, now, entropy).await?,
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

/// The stored keys; with keys of the revocation log, which the first process makes that finds none.
async fn take_over(
    mut stored: SealedKeyring,
    store: &dyn Store,
    master: &MasterKey,
    setup: &KeyringSetup,
    now: UnixTime,
    entropy: &dyn Entropy,
) -> Result<Keys, KeyringFault> {
    loop {
        let mut keys = match sealed::open(&stored, master, setup, || log_keys(setup, now, entropy))? {
            Opened::Whole(keys) => return Ok(keys),
            Opened::Extended(keys) => keys,
        };
        let blob = sealed::seal(&keys, master, setup, entropy)?;
        match store.replace_keyring(Some(stored.version), &blob).await {
            Ok(version) => {
                keys.version = version;
                return Ok(keys);
            }
            // Another process was faster, and stored what this one would have; or one of an earlier version rotated,
            // which it does not do again and again.
            Err(ReplaceKeyringError::Conflict) => {
                stored = store.keyring().await?.ok_or(KeyringFault::Missing)?;
            }
            Err(ReplaceKeyringError::Fault(fault)) => return Err(fault.into()),
        }
    }
}

fn log_keys(
    setup: &KeyringSetup,
    now: UnixTime,
    entropy: &dyn Entropy,
) -> Result<Succession<LogKey>, KeyringFault> {
    let make = || stage_log_key(setup, now, entropy);
    Ok(Succession::begin(make()?, make()?, now))
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
        revocation: log_keys(setup, now, entropy)?,
        revoked: BTreeMap::new(),
        refresh: RefreshEpochs::default(),
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
            take_over(stored, store, master, setup, now, entropy).await
        }
        Err(ReplaceKeyringError::Fault(fault)) => Err(fault.into()),
    }
}
