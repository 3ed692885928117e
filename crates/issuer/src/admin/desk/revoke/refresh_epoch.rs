//! A refresh key is revoked: whoever stole it could make tokens of every family that it knows of.

use super::{Desk, REVOKES};
use crate::admin::authority::Authority;
use crate::admin::fault::DraftFault;
use crate::admin::refusal::AdminRefusal;
use crate::admin::revocation::{REFRESH_EPOCH, RevocationView};
use crate::audit;
use crate::family::Epoch;
use crate::keyring::{EpochRevocation, Keyring};

/// What it means for those who refresh.
const NOTE: &str = "Every refresh token is refused that was written under this key or an older one: whoever holds one has \
                    to begin anew. Access tokens that are out live on until they expire; to end those too, revoke all.";

impl Desk<'_> {
    /// Revokes a refresh key; or says who would break.
    pub(super) async fn revoke_refresh_epoch(
        &self,
        by: &Authority,
        read: Result<(Epoch, &str), Vec<DraftFault>>,
        plan: bool,
        keyring: &Keyring,
    ) -> Result<RevocationView, AdminRefusal> {
        let (epoch, because) = match &read {
            Ok((epoch, because)) => (Some(*epoch), *because),
            Err(_) => (None, ""),
        };
        let done = self.refresh_epoch_revoked(by, read, plan, keyring).await;
        match &done {
            Ok(view) if view.planned => {}
            Ok(view) => {
                let outcome = if view.changed { "done" } else { "unchanged" };
                audit::refresh_epoch_revoked(by, epoch, because, outcome);
            }
            Err(why) => audit::refresh_epoch_revoked(by, epoch, because, why.reason()),
        }
        done
    }

    async fn refresh_epoch_revoked(
        &self,
        by: &Authority,
        read: Result<(Epoch, &str), Vec<DraftFault>>,
        plan: bool,
        keyring: &Keyring,
    ) -> Result<RevocationView, AdminRefusal> {
        let rights = self.rights(by, &REVOKES)?;
        let (epoch, because) = read.map_err(AdminRefusal::Revocation)?;
        rights.for_every_tenant("a refresh key")?;
        rights.unconfined("a refresh key")?;
        let current = keyring.refresh_epochs().lowest;
        if epoch > current {
            return Err(AdminRefusal::RefreshEpochUnknown { epoch: epoch.0, current: current.0 });
        }
        let breaks = self.broken(&rights, |client| client.refresh.is_some()).await?;
        let changed = if plan { false } else { self.take_out(epoch, keyring).await? };
        Ok(RevocationView {
            planned: plan,
            kind: REFRESH_EPOCH.to_owned(),
            id: Some(epoch.0.to_string()),
            reason: because.to_owned(),
            log: self.log.current().position().log,
            sequence: None,
            changed,
            ends_at: None,
            breaks: breaks.view(NOTE.to_owned()),
        })
    }

    /// Whether it was believed until now.
    async fn take_out(&self, epoch: Epoch, keyring: &Keyring) -> Result<bool, AdminRefusal> {
        let revoked = keyring.revoke_refresh_epoch(self.store, epoch, self.now, self.entropy).await;
        let revoked = revoked.map_err(AdminRefusal::of_epoch)?;
        // It was taken out by a write that the log knows nothing of, and that is to outlive the store as an entry does.
        self.log.settle_all().await.map_err(|fault| AdminRefusal::HalfDone {
            what: format!("refresh key {} was taken out", epoch.0),
            fault: fault.into(),
        })?;
        Ok(matches!(revoked, EpochRevocation::Done(_)))
    }
}
