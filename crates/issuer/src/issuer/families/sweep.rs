//! What a store says that the log does not say yet: an issuer was stopped between the two.

use super::end::{kills, not_told, still_owed};
use crate::audit;
use crate::issuer::Issuer;
use crate::issuer::follow::every;
use crate::revocation::AppendFault;
use crate::store::{EndedFamily, StoreFault};
use chancery_revocation::{Kill, Sequence};
use std::time::Duration;

/// Whoever ends a family tells the log at once: there is something to find only where that failed.
const EVERY: Duration = Duration::from_secs(1);
/// Families that are told of in one go; the next go comes at once while there are as many.
const AT_ONCE: usize = 256;

/// Why the store still owes.
#[derive(Debug, thiserror::Error)]
enum Unswept {
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Log(#[from] AppendFault),
}

impl Issuer {
    /// Looks for as long as it is polled.
    pub(in crate::issuer) async fn sweep_families(&self) {
        let mut ticks = every(EVERY);
        let mut failing = false;
        loop {
            ticks.tick().await;
            while let Some(swept) = self.swept().await.transpose() {
                match swept {
                    Ok(()) => failing = false,
                    Err(_) if failing => break,
                    Err(Unswept::Store(fault)) => {
                        failing = true;
                        self.metrics.store_fault();
                        still_owed(&fault);
                        break;
                    }
                    Err(Unswept::Log(fault)) => {
                        failing = true;
                        not_told(&fault);
                        break;
                    }
                }
            }
        }
    }

    /// Sweeps once. `None`: nothing was owed.
    async fn swept(&self) -> Result<Option<()>, Unswept> {
        let owed = self.store.ended_families(AT_ONCE).await?;
        if owed.is_empty() {
            return Ok(None);
        }
        self.tell_what_is_owed(&owed).await?;
        self.store.settle_families(&owed).await?;
        Ok(Some(()))
    }

    async fn tell_what_is_owed(&self, owed: &[EndedFamily]) -> Result<(), Unswept> {
        let log = self.revocation_log.current();
        let (mut unsaid, mut untold, mut latest) = (Vec::new(), Vec::new(), None::<Sequence>);
        for family in owed {
            let entries = self.kills_owed(family).await?;
            // They are appended together or not at all.
            let said = entries.first().and_then(|kill| log.kept().ended_at(kill));
            if said.is_some() {
                latest = latest.max(said);
            } else {
                unsaid.extend(entries);
                untold.push(family);
            }
        }
        // Another issuer may have told it and not know yet whether it outlives the store.
        if let Some(at) = latest {
            let settled = self.revocation_log.settle(at.min(log.position().sequence)).await;
            settled.map_err(AppendFault::from)?;
        }
        if unsaid.is_empty() {
            return Ok(());
        }
        let appended = self.revocation_log.append(&unsaid).await?;
        for family in untold {
            audit::family_ended(family, None, appended.at.sequence);
        }
        Ok(())
    }

    async fn kills_owed(&self, family: &EndedFamily) -> Result<Vec<Kill>, StoreFault> {
        match self.store.family(family.id).await {
            Ok(Some(stored)) => Ok(self.kills_of(&stored)),
            // Nobody knows whether it was delegated.
            Ok(None) | Err(StoreFault::Unreadable { .. }) => {
                Ok(kills(family.id, self.revocation_log.current().retention(), self.now()).to_vec())
            }
            Err(fault) => Err(fault),
        }
    }
}
