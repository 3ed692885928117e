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
    pub fn plan_rotation(&self, formats: &[Format], now: UnixTime) -> Result<Vec<Rotation>, RotateError> {
        let keys = self.keys.load();
        formats.iter().map(|format| self.rotation(&keys, *format, now)).collect()
    }

    /// Rotates the keys of `formats`: all of them, or none. Durable when it answers. Every process signs with the
    /// new keys from [`Rotation::activates_at`] on; nothing needs to be restarted.
    pub async fn rotate(
        &self,
        store: &dyn Store,
        formats: &[Format],
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Vec<Rotation>, RotateError> {
        for _ in 0..ATTEMPTS {
            self.reload(store, now).await?;
            let gate = self.gate.lock().await;
            let held = self.keys.load_full();
            let (mut keys, mut rotations) = (Keys::clone(&held), Vec::with_capacity(formats.len()));
            for format in formats.iter().copied() {
                let mut rotation = self.rotation(&keys, format, now)?;
                let fresh = stage(format, &self.setup, now, entropy)?;
                rotation.publishes = Some(fresh.kid.clone());
                let rotated = keys.of(format).clone().rotate(fresh, now, &self.setup.schedule);
                let rotated = rotated.map_err(|pending| RotateError::Pending { format, pending })?;
                match format {
                    Format::Jwt => keys.jwt = rotated,
                    Format::Paseto => keys.paseto = rotated,
                }
                rotations.push(rotation);
            }
            // One record holds the keys of both formats, so that they change at one instant.
            let blob = sealed::seal(&keys, &self.master, &self.setup, entropy)?;
            match store.replace_keyring(Some(held.version), &blob).await {
                Ok(version) => {
                    keys.version = version;
                    self.keys.store(Arc::new(keys));
                    return Ok(rotations);
                }
                Err(ReplaceKeyringError::Conflict) => drop(gate),
                Err(ReplaceKeyringError::Fault(fault)) => return Err(super::KeyringFault::from(fault).into()),
            }
        }
        Err(RotateError::Contended)
    }

    fn rotation(&self, keys: &Keys, format: Format, now: UnixTime) -> Result<Rotation, RotateError> {
        let keys = keys.of(format);
        let next_use = keys.next_use(now, &self.setup.schedule);
        let activates_at = next_use.map_err(|pending| RotateError::Pending { format, pending })?;
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
