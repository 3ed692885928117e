//! What the revocation log says of keys, the keyring obeys; what the keyring knows of revoked keys, the log says.

use super::Issuer;
use super::follow::{EVERY, every};
use crate::keyring::RevokeKeyError;
use crate::revocation::AppendFault;
use chancery_revocation::{LogId, Position};

/// Why keyring and log do not say the same of every key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Parted {
    #[error("a key that the revocation log ends cannot be taken out of the keyring: {0}")]
    Held(#[from] RevokeKeyError),
    #[error("the revocation log does not say of a revoked key that it is revoked: {0}")]
    Unsaid(#[from] AppendFault),
}

impl Parted {
    const fn reason(&self) -> &'static str {
        match self {
            Self::Held(why) => why.reason(),
            Self::Unsaid(fault) => fault.reason(),
        }
    }
}

impl Issuer {
    /// Looks whenever the log or the keyring is another one than before, for as long as it is polled. A fault is told
    /// when it begins and when it is over.
    pub(super) async fn agree_on_keys(&self) {
        let mut ticks = every(EVERY);
        let mut agreed: Option<(Position, u64)> = None;
        let mut failing: Option<Parted> = None;
        loop {
            ticks.tick().await;
            let met = (*self.revocation_log.current().position(), self.keyring.version());
            if agreed == Some(met) {
                continue;
            }
            match self.agree(agreed.map(|(position, _)| position.log)).await {
                Ok(()) => {
                    agreed = Some(met);
                    if failing.take().is_some() {
                        tracing::info!(target: "chancery::revocation", "keyring and log say the same of every key again");
                    }
                }
                Err(fault) if failing.as_ref() == Some(&fault) => {}
                Err(fault) => {
                    let reason = fault.reason();
                    tracing::error!(target: "chancery::revocation", reason, %fault, "keyring and log do not agree");
                    failing = Some(fault);
                }
            }
        }
    }

    /// `before` is the log that they agreed with the last time.
    async fn agree(&self, before: Option<LogId>) -> Result<(), Parted> {
        let log = self.revocation_log.current();
        self.keyring.take_out_ended(&log, &*self.store, self.now(), &*self.entropy).await?;
        // Of the same log nothing is missing but the entry of a request that is under way, or was told to come again. If
        // that one found it here, it would take the next key for the one that is meant.
        if before == Some(log.position().log) {
            return Ok(());
        }
        let unsaid = self.keyring.unsaid_in(&log);
        if !unsaid.is_empty() {
            self.revocation_log.append(&unsaid).await?;
            let keys = unsaid.len();
            tracing::warn!(
                target: "chancery::revocation", keys,
                "keys had been revoked, and the revocation log did not say so; now it does"
            );
        }
        Ok(())
    }
}
