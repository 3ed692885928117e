//! A client is put in the place of itself: read, decided, written if nobody was faster, else decided again. Where it
//! loses something, what it was issued before ends.

use super::Desk;
use super::revoke::last;
use crate::admin::authority::Authority;
use crate::admin::effect::{Changed, Effect};
use crate::admin::exposure::Exposure;
use crate::admin::keeper;
use crate::admin::narrowing::Narrowing;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::{Act, Rights};
use crate::audit;
use crate::client::Client;
use crate::store::ReplaceError;
use chancery_revocation::Kill;
use chancery_token::{ClientId, Scope};
use std::borrow::Cow;
use std::sync::Arc;

/// How often a change is decided anew when others change the client at the same time. Every failed attempt means
/// that somebody else succeeded, so this many changes of one client at one moment all get through.
const ATTEMPTS: usize = 64;

/// Who wants to change which client, and by what right.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin) struct Wish<'w> {
    pub(in crate::admin) by: &'w Authority,
    /// What they must hold.
    pub(in crate::admin) scope: &'w Scope,
    pub(in crate::admin) id: &'w ClientId,
    pub(in crate::admin) act: Act,
    /// Whether others may have what the client loses.
    pub(in crate::admin) exposure: Exposure,
    /// What the auditor is told if tokens of the client have to end.
    pub(in crate::admin) because: &'w str,
}

impl Desk<'_> {
    /// Changes the client as `decide` says, which sees it as it is stored, and what they may do who ask. That they may
    /// is a part of what must still hold when it is written: an administrator who is switched off meanwhile changes
    /// nothing any more.
    pub(in crate::admin) async fn change(
        &self,
        wish: Wish<'_>,
        decide: impl Fn(&Rights<'_>, &Client) -> Result<Client, AdminRefusal> + Send + Sync,
    ) -> Result<Effect<Client>, AdminRefusal> {
        let Wish { by, scope, id, act, exposure, .. } = wish;
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
            let next = self.owing(&held, decide(&rights, &held)?, exposure);
            if next == held {
                return self.settled(wish, Changed::Before(held)).await;
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
                Ok(()) => return self.settled(wish, Changed::Now(next)).await,
                Err(ReplaceError::Changed { .. } | ReplaceError::WitnessChanged { .. }) => {}
                Err(ReplaceError::Missing { id }) => return Err(AdminRefusal::ClientUnknown { id }),
                Err(ReplaceError::Fault(fault)) => return Err(fault.into()),
            }
            acting = Cow::Owned(self.read_again(&acting).await?);
        }
        Err(AdminRefusal::Contended { id: id.clone() })
    }

    /// Appends the entry that the stored client owes, if it owes one: the record first, then the entry, so that no
    /// token which the entry does not end was decided by the old record.
    async fn settled(
        &self,
        wish: Wish<'_>,
        changed: Changed<Client>,
    ) -> Result<Effect<Client>, AdminRefusal> {
        let client = changed.as_ref();
        if client.owes_entry.is_none() {
            return Ok(Effect { client: changed, sequence: None });
        }
        let id = wish.id;
        let kill = Kill::client(id, self.family_end());
        let appended = self.log.append(&[kill]).await.map_err(|fault| AdminRefusal::HalfDone {
            what: format!("client '{id}' is as it was asked for"),
            fault,
        })?;
        let sequence = last(&appended);
        audit::admin_revoked(
            wish.by,
            &format!("client {id}"),
            wish.because,
            audit::Revoked::Now,
            Some(sequence),
        );
        let settled = Client { owes_entry: None, ..client.clone() };
        // Who changed it meanwhile took the debt over, and pays it again; so does the next, if this fails.
        let _ = self.store.replace_client(client, &settled, &[]).await;
        Ok(Effect { client: changed.map(|_| settled), sequence: Some(sequence) })
    }

    /// The client as it was decided, with what it owes from before or owes now.
    fn owing(&self, held: &Client, decided: Client, exposure: Exposure) -> Client {
        let same = Client { owes_entry: decided.owes_entry, ..held.clone() } == decided;
        let leaked = exposure == Exposure::Leaked && !same;
        let owes_entry = if leaked || Narrowing::between(held, &decided) == Narrowing::Some {
            let mut number = [0; 8];
            self.entropy.fill(&mut number);
            Some(u64::from_be_bytes(number))
        } else {
            held.owes_entry
        };
        Client { owes_entry, ..decided }
    }

    /// The same authority by its record as it is now.
    async fn read_again(&self, by: &Authority) -> Result<Authority, AdminRefusal> {
        let Authority::Administrator { client, tenant } = by else { return Ok(Authority::MasterKey) };
        let client = Arc::new(self.held(&client.id).await?);
        Ok(Authority::Administrator { client, tenant: tenant.clone() })
    }
}
