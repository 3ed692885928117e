//! A client is put in the place of itself: read, decided, written if nobody was faster, else decided again.

use super::{Changed, Desk};
use crate::admin::keeper;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::{Act, Rights};
use crate::client::Client;
use crate::store::ReplaceError;
use chancery_token::ClientId;

/// How often a change is decided anew when others change the client at the same time. Every failed attempt means
/// that somebody else succeeded, so this many changes of one client at one moment all get through.
const ATTEMPTS: usize = 64;

impl Desk<'_> {
    /// Changes the client as `decide` says, which sees it as it is stored.
    pub(in crate::admin) async fn change(
        &self,
        rights: &Rights<'_>,
        id: &ClientId,
        act: Act,
        decide: impl Fn(&Client) -> Result<Client, AdminRefusal> + Send + Sync,
    ) -> Result<Changed<Client>, AdminRefusal> {
        for _ in 0..ATTEMPTS {
            let held = self.held(id).await?;
            rights.reach(&held, act)?;
            let next = decide(&held)?;
            if next == held {
                return Ok(Changed::Before(held));
            }
            if act == Act::Grant {
                rights.leave(&next)?;
            }
            let witness = keeper::witness(self, rights, &held, &next).await?;
            match self.store.replace_client(&held, &next, witness.as_ref()).await {
                Ok(()) => return Ok(Changed::Now(next)),
                Err(ReplaceError::Changed { .. } | ReplaceError::WitnessChanged { .. }) => {}
                Err(ReplaceError::Missing { id }) => return Err(AdminRefusal::ClientUnknown { id }),
                Err(ReplaceError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(AdminRefusal::Contended { id: id.clone() })
    }
}
