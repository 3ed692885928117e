//! The published key follows the active one, and a new one is published (R52, R-1.12).

use super::held::HeldKey;
use super::schedule::Schedule;
use super::staged::{stage, stage_log_key};
use super::succession::{RotationPending, Succession};
use super::{KeyUse, Keyring, KeyringFault, Keys, RotateError, sealed};
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
    /// Whose keys rotate.
    #[serde(rename = "format")]
    pub keys: KeyUse,
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
    pub fn plan_rotation<U>(&self, uses: &[U], now: UnixTime) -> Result<Vec<Rotation>, RotateError>
    where
        U: Copy + Into<KeyUse>,
    {
        let keys = self.keys.load();
        uses.iter().map(|of| self.rotation(&keys, (*of).into(), now)).collect()
    }

    /// Rotates the keys of all `uses` ([`KeyUse`], or [`Format`] where they sign tokens), or none. Durable when it
    /// answers. Every process signs with the new keys from [`Rotation::activates_at`] on; nothing needs to be
    /// restarted.
    pub async fn rotate<U>(
        &self,
        store: &dyn Store,
        uses: &[U],
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Vec<Rotation>, RotateError>
    where
        U: Copy + Into<KeyUse> + Send + Sync,
    {
        for _ in 0..ATTEMPTS {
            self.reload(store, now).await?;
            let gate = self.gate.lock().await;
            let held = self.keys.load_full();
            let (mut keys, mut rotations) = (Keys::clone(&held), Vec::with_capacity(uses.len()));
            for of in uses.iter().map(|of| (*of).into()) {
                let mut rotation = self.rotation(&keys, of, now)?;
                rotation.publishes = Some(self.rotate_one(&mut keys, of, now, entropy)?);
                rotations.push(rotation);
            }
            // One record holds all keys, so that they change at one instant.
            let blob = sealed::seal(&keys, &self.master, &self.setup, entropy)?;
            match store.replace_keyring(Some(held.version), &blob).await {
                Ok(version) => {
                    keys.version = version;
                    self.keys.store(Arc::new(keys));
                    return Ok(rotations);
                }
                Err(ReplaceKeyringError::Conflict) => drop(gate),
                Err(ReplaceKeyringError::Fault(fault)) => return Err(KeyringFault::from(fault).into()),
            }
        }
        Err(RotateError::Contended)
    }

    /// Answers the name of the key that is published anew.
    fn rotate_one(
        &self,
        keys: &mut Keys,
        of: KeyUse,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<String, RotateError> {
        let (setup, schedule) = (&self.setup, self.setup.schedule_of(of));
        let made = match of {
            KeyUse::Jwt => turn(&mut keys.jwt, stage(Format::Jwt, setup, now, entropy)?, now, &schedule),
            KeyUse::Paseto => {
                turn(&mut keys.paseto, stage(Format::Paseto, setup, now, entropy)?, now, &schedule)
            }
            KeyUse::Revocation => {
                turn(&mut keys.revocation, stage_log_key(setup, now, entropy)?, now, &schedule)
            }
        };
        made.map_err(|pending| RotateError::Pending { keys: of, pending })
    }

    fn rotation(&self, keys: &Keys, of: KeyUse, now: UnixTime) -> Result<Rotation, RotateError> {
        let schedule = self.setup.schedule_of(of);
        let [retires, activates] = keys.names(of);
        let next_use = match of {
            KeyUse::Jwt => keys.jwt.next_use(now, &schedule),
            KeyUse::Paseto => keys.paseto.next_use(now, &schedule),
            KeyUse::Revocation => keys.revocation.next_use(now, &schedule),
        };
        let activates_at = next_use.map_err(|pending| RotateError::Pending { keys: of, pending })?;
        let removed_at = schedule.end_of_trust(activates_at);
        Ok(Rotation { keys: of, retires, activates, activates_at, removed_at, publishes: None })
    }
}

fn turn<S>(
    keys: &mut Succession<HeldKey<S>>,
    fresh: HeldKey<S>,
    now: UnixTime,
    schedule: &Schedule,
) -> Result<String, RotationPending> {
    let made = fresh.kid.clone();
    *keys = keys.clone().rotate(fresh, now, schedule)?;
    Ok(made)
}
