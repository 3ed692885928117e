//! Clients are looked at.

use super::Desk;
use crate::admin::authority::Authority;
use crate::admin::filter::ClientFilter;
use crate::admin::pages::Pages;
use crate::admin::refusal::AdminRefusal;
use crate::admin::rights::{Act, Rights};
use crate::audit;
use crate::client::Client;
use crate::store::UnreadableClient;
use chancery_token::{ClientId, scope};

/// A part of the list of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedClients {
    /// Those that fit, in the order of their ids.
    pub clients: Vec<Client>,
    /// Those whose records cannot be read, so that nobody knows whether they fit. An administrator who may not see
    /// every client is not told of them.
    pub unreadable: Vec<UnreadableClient>,
    /// Where the next part begins: behind this id. `None` where nothing follows.
    pub next: Option<String>,
}

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

    /// The clients that fit `filter`, of those that `by` may see: at most `limit`, those behind the id `after`.
    pub async fn clients(
        &self,
        by: &Authority,
        filter: &ClientFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ListedClients, AdminRefusal> {
        let read = async {
            let rights = self.rights(by, &scope!("clients:read"))?;
            self.listed(&rights, filter, after, limit).await
        };
        let read = read.await;
        for unreadable in read.iter().flat_map(|listed| &listed.unreadable) {
            audit::record_unreadable(unreadable);
        }
        Self::tell_refusal(by, "client.list", "", read)
    }

    async fn listed(
        &self,
        rights: &Rights<'_>,
        filter: &ClientFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ListedClients, AdminRefusal> {
        let mut listed = ListedClients::default();
        let mut last = None;
        // One more than is wanted, to know whether anything follows.
        let mut pages = Pages::behind(self.store, after, limit.saturating_add(1));
        while let Some(page) = pages.next().await? {
            for found in page {
                let fits = match &found {
                    Ok(client) => {
                        rights.reach(client, Act::Read).is_ok() && filter.fits(client, self.catalog, self.now)
                    }
                    Err(_) => rights.see_all(),
                };
                if !fits {
                    continue;
                }
                if listed.clients.len() + listed.unreadable.len() >= limit {
                    listed.next = last;
                    return Ok(listed);
                }
                match found {
                    Ok(client) => {
                        last = Some(client.id.to_string());
                        listed.clients.push(client);
                    }
                    Err(unreadable) => {
                        last = Some(unreadable.id.clone());
                        listed.unreadable.push(unreadable);
                    }
                }
            }
        }
        Ok(listed)
    }

    /// The client of this id, whoever may see it.
    pub(super) async fn held(&self, id: &ClientId) -> Result<Client, AdminRefusal> {
        self.store.client(id).await?.ok_or_else(|| AdminRefusal::ClientUnknown { id: id.clone() })
    }
}
