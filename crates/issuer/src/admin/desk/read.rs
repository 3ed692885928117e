//! Clients are looked at.

use super::Desk;
use crate::admin::authority::Authority;
use crate::admin::filter::ClientFilter;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::Act;
use crate::client::Client;
use chancery_token::{ClientId, scope};

impl Desk<'_> {
    /// The client of this id, if `by` may see it.
    pub async fn client(&self, by: &Authority, id: &ClientId) -> Result<Client, AdminRefusal> {
        let read = async {
            let rights = self.rights(by, &scope!("clients:read"))?;
            let client = self.held(id).await?;
            rights.reach(&client, Act::Read)?;
            Ok(client)
        };
        let read = read.await;
        Self::tell_refusal(by, "client.read", id.as_str(), read)
    }

    /// The clients that fit `filter`, of those that `by` may see, in the order of their ids.
    pub async fn clients(&self, by: &Authority, filter: &ClientFilter) -> Result<Vec<Client>, AdminRefusal> {
        let read = async {
            let rights = self.rights(by, &scope!("clients:read"))?;
            let mut clients = self.store.clients().await?;
            clients.retain(|client| {
                rights.reach(client, Act::Read).is_ok() && filter.fits(client, self.catalog, self.now)
            });
            Ok(clients)
        };
        let read = read.await;
        Self::tell_refusal(by, "client.list", "", read)
    }

    /// The client of this id, whoever may see it.
    pub(super) async fn held(&self, id: &ClientId) -> Result<Client, AdminRefusal> {
        self.store.client(id).await?.ok_or_else(|| AdminRefusal::ClientUnknown { id: id.clone() })
    }
}
