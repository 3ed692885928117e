//! Clients that were read once. A client that is known gets its tokens without a question to the store, also
//! while the store is down.

use crate::client::Client;
use crate::http::Admission;
use crate::store::{ChangedClients, Store, StoreFault};
use chancery_token::ClientId;
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bounded by number; the one that was not asked for longest goes first.
#[derive(Debug)]
pub(super) struct KnownClients {
    cache: Cache<ClientId, Arc<Client>>,
    /// Grows whenever clients are forgotten. A client that was read before and arrives after is not kept: it
    /// may be the old one.
    epoch: AtomicU64,
    /// Those who wait for the store.
    reads: Admission,
}

/// Why it is not known who a client is.
#[derive(Debug)]
pub(crate) enum Unread {
    /// The store failed.
    Store(StoreFault),
    /// The store took longer than a request may.
    TimedOut,
    /// As many wait for the store as may.
    TooMany,
}

impl KnownClients {
    /// Keeps `capacity` clients. Of the requests that are worked on at once, half may wait for the store: a store
    /// that hangs, and strangers who make it be asked, leave the other half to the clients that are known.
    pub(super) fn new(capacity: usize, concurrent_requests: usize) -> Self {
        let reads = Admission::new((concurrent_requests / 2).max(1));
        Self { cache: Cache::new(capacity), epoch: AtomicU64::new(0), reads }
    }

    /// The client as it was read last, if it was. Waits for nothing.
    pub(super) fn known(&self, id: &ClientId) -> Option<Arc<Client>> {
        self.cache.get(id)
    }

    /// The client as it is stored, known from then on. That nobody has an id is never kept, so that a client may
    /// ask for a token the moment it is registered.
    pub(super) async fn read(
        &self,
        id: &ClientId,
        store: &dyn Store,
        within: Duration,
    ) -> Result<Option<Arc<Client>>, Unread> {
        let _place = self.reads.enter().ok_or(Unread::TooMany)?;
        let read = tokio::time::timeout(within, self.read_and_keep(id, store)).await;
        read.map_err(|_| Unread::TimedOut)?.map_err(Unread::Store)
    }

    async fn read_and_keep(
        &self,
        id: &ClientId,
        store: &dyn Store,
    ) -> Result<Option<Arc<Client>>, StoreFault> {
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
