//! The keyring meets the revocation log. Both remember for ever which keys were revoked, and they part where a backup
//! brings one of them back, or where whoever revoked a key was stopped between the two.

use super::{KeyRevocation, Keyring, RevokeKeyError, RevokedKey};
use crate::store::Store;
use chancery_revocation::{Kill, Log};
use chancery_token::UnixTime;
use chancery_verifier::entropy::Entropy;

impl Keyring {
    /// The names of the keys that are held although `log` ends them: no verifier believes what they sign.
    pub fn ended_by(&self, log: &Log) -> Vec<String> {
        let held = self.records().into_iter().map(|key| key.kid);
        held.filter(|kid| is_ended(log, &Kill::key(kid))).collect()
    }

    /// Takes out what [`Keyring::ended_by`] names, as [`Keyring::revoke`] does. A key that another process took out
    /// meanwhile costs no second one.
    pub async fn take_out_ended(
        &self,
        log: &Log,
        store: &dyn Store,
        now: UnixTime,
        entropy: &dyn Entropy,
    ) -> Result<Vec<RevokedKey>, RevokeKeyError> {
        let mut taken_out = Vec::new();
        for kid in self.ended_by(log) {
            match self.revoke(store, &kid, now, entropy).await {
                Ok(KeyRevocation::Done(key)) => {
                    let (format, signs) = (key.keys.as_str(), &key.signs);
                    tracing::warn!(
                        target: "chancery::revocation", kid, format, signs,
                        "a key that the revocation log ends was held again; it is taken out, and signs nothing"
                    );
                    taken_out.push(key);
                }
                // What was held here was older than what is stored.
                Ok(KeyRevocation::Already) | Err(RevokeKeyError::Unknown { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(taken_out)
    }

    /// What `log` lacks of the keys that were revoked: verifiers that have such a key go on believing it.
    pub fn unsaid_in(&self, log: &Log) -> Vec<Kill> {
        let revoked = self.revoked().into_iter().map(|kid| Kill::key(&kid));
        revoked.filter(|kill| !is_ended(log, kill)).collect()
    }
}

fn is_ended(log: &Log, kill: &Kill) -> bool {
    log.published().ended_at(kill).is_some()
}
