//! A client is put in the place of itself: read, decided, written if nobody was faster, else decided again.

use super::{Changed, Desk};
use crate::admin::authority::Authority;
use crate::admin::keeper;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::{Act, Rights};
use crate::client::Client;
use crate::store::ReplaceError;
use chancery_token::{ClientId, Scope};
use std::borrow::Cow;
use std::sync::Arc;

/// How often a change is decided anew when others change the client at the same time. Every failed attempt means
/// that somebody else succeeded, so this many changes of one client at one moment all get through.
const ATTEMPTS: usize = 64;

impl Desk<'_> {
    /// Changes the client as `decide` says, which sees it as it is stored, and what `by` may do under `scope`. That
    /// they may is a part of what must still hold when it is written: an administrator who is switched off
    /// meanwhile changes nothing any more.
    pub(in crate::admin) async fn change(
        &self,
        by: &Authority,
        scope: &Scope,
        id: &ClientId,
        act: Act,
        decide: impl Fn(&Rights<'_>, &Client) -> Result<Client, AdminRefusal> + Send + Sync,
    ) -> Result<Changed<Client>, AdminRefusal> {
        // Before anything is read: whether there is such a client is not for everybody.
        self.entitled(by, scope)?;
        let mut acting = Cow::Borrowed(by);
        for _ in 0..ATTEMPTS {
            let held = self.held(id).await?;
            if let Authority::Administrator { client, tenant } = &*acting
                && client.id == *id
            {
                // Who changes themselves acts by the very record that they change.
                acting = Cow::Owned(Authority::Administrator {
                    client: Arc::new(held.clone()),
                    tenant: tenant.clone(),
                });
            }
            let rights = self.rights(&acting, scope)?;
            rights.reach(&held, act)?;
            let next = decide(&rights, &held)?;
            if next == held {
                return Ok(Changed::Before(held));
            }
            if act == Act::Grant {
                rights.leave(&next)?;
            }
            let keeper = keeper::witness(self, &rights, &held, &next).await?;
            let mut witnesses: Vec<&Client> = keeper.iter().collect();
            // The record by which it was decided, and no younger one: that may have lost the right to this.
            let is_witness = |client: &Client| Some(client) == keeper.as_ref();
            witnesses.extend(rights.admin().filter(|admin| admin.id != *id && !is_witness(admin)));
            match self.store.replace_client(&held, &next, &witnesses).await {
                Ok(()) => return Ok(Changed::Now(next)),
                Err(ReplaceError::Changed { .. } | ReplaceError::WitnessChanged { .. }) => {}
                Err(ReplaceError::Missing { id }) => return Err(AdminRefusal::ClientUnknown { id }),
                Err(ReplaceError::Fault(fault)) => return Err(fault.into()),
            }
            acting = Cow::Owned(self.read_again(&acting).await?);
        }
        Err(AdminRefusal::Contended { id: id.clone() })
    }

    /// The same authority by its record as it is now.
    async fn read_again(&self, by: &Authority) -> Result<Authority, AdminRefusal> {
        let Authority::Administrator { client, tenant } = by else { return Ok(Authority::MasterKey) };
        let client = Arc::new(self.held(&client.id).await?);
        Ok(Authority::Administrator { client, tenant: tenant.clone() })
    }
}
