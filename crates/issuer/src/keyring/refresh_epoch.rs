//! Which refresh keys are believed. Each is derived from the master key by its number; of those that leaked, the highest
//! number is remembered here, and every one up to it is refused.

use super::{Keyring, KeyringFault, Keys, RevokeEpochError, sealed};
use crate::family::{Epoch, RefreshKey};
use crate::store::{ReplaceKeyringError, Store};
use chancery_token::{Environment, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::sync::Arc;

/// How often it is decided anew when other processes change the keyring at the same time.
const ATTEMPTS: usize = 16;

/// From where on refresh keys are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefreshEpochs {
    /// The lowest that is believed, and the one that tokens are written under.
    pub lowest: Epoch,
    /// Since when: what was not refreshed since then is over. `None` where none was ever revoked.
    pub since: Option<UnixTime>,
}

/// What became of a refresh key that was to be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochRevocation {
    /// It is believed no more. This is how it stands now.
    Done(RefreshEpochs),
    /// It was not believed any more before; nothing changed.
    Already(RefreshEpochs),
}

impl EpochRevocation {
    /// How it stands now.
    pub const fn now(self) -> RefreshEpochs {
        match self {
            Self::Done(epochs) | Self::Already(epochs) => epochs,
        }
    }
}

impl RefreshEpochs {
    fn is_default(self) -> bool {
        self == Self::default()
    }
}

impl Keyring {
    /// From where on refresh keys are believed, as this process last read it.
    pub fn refresh_epochs(&self) -> RefreshEpochs {
        self.keys.load().refresh
    }

    /// The refresh key of an epoch, believed or not.
    pub fn refresh_key(&self, epoch: Epoch, environment: Environment) -> RefreshKey {
        RefreshKey::derive(&self.master, epoch, environment, &self.setup.issuer)
    }

    /// Believes the refresh key `epoch` no more, nor any before it: whoever stole it can make tokens of every family that
    /// it knows of. All families have to begin anew. Durable when it answers.
    ///
    /// The access tokens that are out live on until they expire.
    pub async fn revoke_refresh_epoch(
        &self,
        store: &dyn Store,
        epoch: Epoch,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<EpochRevocation, RevokeEpochError> {
        for _ in 0..ATTEMPTS {
            self.reload(store, now).await?;
            let gate = self.gate.lock().await;
            let held = self.keys.load_full();
            if epoch < held.refresh.lowest {
                return Ok(EpochRevocation::Already(held.refresh));
            }
            // One that was never in use cannot have leaked; whoever names it has mistyped the number.
            if epoch > held.refresh.lowest {
                return Err(RevokeEpochError::Unknown { epoch: epoch.0, current: held.refresh.lowest.0 });
            }
            // Revoked once a second, they last for a century.
            let lowest = Epoch(epoch.0.saturating_add(1));
            let refresh = RefreshEpochs { lowest, since: Some(now) };
            let mut keys = Keys { refresh, ..Keys::clone(&held) };
            let blob = sealed::seal(&keys, &self.master, &self.setup, entropy)?;
            match store.replace_keyring(Some(held.version), &blob).await {
                Ok(version) => {
                    keys.version = version;
                    self.keys.store(Arc::new(keys));
                    return Ok(EpochRevocation::Done(refresh));
                }
                Err(ReplaceKeyringError::Conflict) => drop(gate),
                Err(ReplaceKeyringError::Fault(fault)) => return Err(KeyringFault::from(fault).into()),
            }
        }
        Err(RevokeEpochError::Contended)
    }
}

pub(super) fn is_default(epochs: &RefreshEpochs) -> bool {
    epochs.is_default()
}
