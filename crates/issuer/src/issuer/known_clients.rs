//! Clients that were read once. A client that is known gets its tokens without a question to the store, also
//! while the store is down.

use crate::client::Client;
use crate::store::{ChangedClients, Store, StoreFault};
use chancery_token::ClientId;
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bounded by number; the one that was not asked for longest goes first.
#[derive(Debug)]
pub(super) struct KnownClients {
    cache: Cache<ClientId, Arc<Client>>,
    /// Grows whenever clients are forgotten. A client that was read before and arrives after is not kept: it
    /// may be the old one.
    epoch: AtomicU64,
}

impl KnownClients {
    pub(super) fn new(capacity: usize) -> Self {
        Self { cache: Cache::new(capacity), epoch: AtomicU64::new(0) }
    }

    /// The client as it is cached, else as it is stored. That nobody has an id is never cached, so that a client
    /// may ask for a token the moment it is registered.
    pub(super) async fn client(
        &self,
        id: &ClientId,
        store: &dyn Store,
    ) -> Result<Option<Arc<Client>>, StoreFault> {
        if let Some(client) = self.cache.get(id) {
            return Ok(Some(client));
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        let Some(client) = store.client(id).await? else { return Ok(None) };
        let client = Arc::new(client);
        self.cache.insert(id.clone(), Arc::clone(&client));
        if self.epoch.load(Ordering::SeqCst) != epoch {
            self.cache.remove(id);
        }
        Ok(Some(client))
    }

    /// Drops what changed; it is read again when it is next asked for.
    pub(super) fn forget(&self, changed: &ChangedClients) {
        let none = matches!(changed, ChangedClients::These(ids) if ids.is_empty());
        if none {
            return;
        }
        self.epoch.fetch_add(1, Ordering::SeqCst);
        match changed {
            ChangedClients::All => self.cache.clear(),
            ChangedClients::These(ids) => ids.iter().for_each(|id| {
                self.cache.remove(id);
            }),
        }
    }
}
