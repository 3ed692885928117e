//! The published key follows the active one, and a new one is published (R52, R-1.12).

use super::staged::stage;
use super::{Keyring, Keys, RotateError, sealed};
use crate::store::{ReplaceKeyringError, Store};
use chancery_token::{Format, UnixTime};
use chancery_verifier::entropy::Entropy;
use std::sync::Arc;

/// How often a rotation is decided anew when other processes change the keyring at the same time. Each of them
/// makes a rotation pending, so the second attempt already finds its answer.
const ATTEMPTS: usize = 3;

/// What a rotation does, with its times.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rotation {
    /// The format whose keys rotate.
    pub format: Format,
    /// The key that signed until now.
    pub retires: String,
    /// The key that signs next.
    pub activates: String,
    /// When it takes over: no earlier than every verifier can have it.
    pub activates_at: UnixTime,
    /// From then on the retired key is no longer published.
    pub removed_at: UnixTime,
    /// The key that was made, and waits for the next rotation; `None` in a plan.
    pub publishes: Option<String>,
}

impl Keyring {
    /// What [`Keyring::rotate`] would do at `now`.
    pub fn plan_rotation(&self, format: Format, now: UnixTime) -> Result<Rotation, RotateError> {
        self.rotation(&self.keys.load(), format, now)
    }

    /// Rotates the keys of `format`. Durable when it answers. Every process signs with the new key from
    /// [`Rotation::activates_at`] on; nothing needs to be restarted.
    pub async fn rotate(
        &self,
        store: &dyn Store,
        format: Format,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Rotation, RotateError> {
        for _ in 0..ATTEMPTS {
            self.reload(store, now).await?;
            let gate = self.gate.lock().await;
            let held = self.keys.load_full();
            let mut rotation = self.rotation(&held, format, now)?;
            let fresh = stage(format, &self.setup, now, entropy)?;
            rotation.publishes = Some(fresh.kid.clone());
            let rotated = held.of(format).clone().rotate(fresh, now, &self.setup.schedule)?;
            let (jwt, paseto) = match format {
                Format::Jwt => (rotated, held.paseto.clone()),
                Format::Paseto => (held.jwt.clone(), rotated),
            };
            let mut keys = Keys { version: held.version, jwt, paseto };
            let blob = sealed::seal(&keys, &self.master, &self.setup, entropy)?;
            match store.replace_keyring(Some(held.version), &blob).await {
                Ok(version) => {
                    keys.version = version;
                    self.keys.store(Arc::new(keys));
                    return Ok(rotation);
                }
                Err(ReplaceKeyringError::Conflict) => drop(gate),
                Err(ReplaceKeyringError::Fault(fault)) => return Err(super::KeyringFault::from(fault).into()),
            }
        }
        Err(RotateError::Contended)
    }

    fn rotation(&self, keys: &Keys, format: Format, now: UnixTime) -> Result<Rotation, RotateError> {
        let keys = keys.of(format);
        let activates_at = keys.next_use(now, &self.setup.schedule)?;
        Ok(Rotation {
            format,
            retires: keys.active().kid.clone(),
            activates: keys.next().kid.clone(),
            activates_at,
            removed_at: self.setup.schedule.end_of_trust(activates_at),
            publishes: None,
        })
    }
}
