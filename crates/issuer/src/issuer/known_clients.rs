//! Clients that were read once. A client that is known gets its tokens without a question to the store, also
//! while the store is down.

use crate::client::Client;
use crate::http::{Admission, Admitted};
use crate::revocation::Applying;
use crate::store::{ChangedClients, Store, StoreFault};
use chancery_revocation::{Entry, Kill, NameMark};
use chancery_token::{ClientId, Subject};
use quick_cache::sync::Cache;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bounded by number; the one that was not asked for longest goes first.
#[derive(Debug)]
pub(super) struct KnownClients {
    cache: Cache<ClientId, Arc<Client>>,
    /// Grows whenever clients are forgotten. A client that was read before and arrives after is not kept: it
    /// may be the old one. Locked while one arrives, so that it is never seen in between either.
    epoch: Mutex<u64>,
    /// Those who wait for the store.
    store_waits: Admission,
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
        let store_waits = Admission::new((concurrent_requests / 2).max(1));
        Self { cache: Cache::new(capacity), epoch: Mutex::new(0), store_waits }
    }

    /// A place to wait for the store in, for clients that are not known and for what is asked of it about each request.
    pub(super) fn place(&self) -> Result<Admitted, Unread> {
        self.store_waits.enter().ok_or(Unread::TooMany)
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
        let _place = self.place()?;
        let read = tokio::time::timeout(within, self.read_and_keep(id, store)).await;
        read.map_err(|_| Unread::TimedOut)?.map_err(Unread::Store)
    }

    async fn read_and_keep(
        &self,
        id: &ClientId,
        store: &dyn Store,
    ) -> Result<Option<Arc<Client>>, StoreFault> {
        let asked_in = *self.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(client) = store.client(id).await? else { return Ok(None) };
        let client = Arc::new(client);
        let epoch = self.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        if *epoch == asked_in {
            self.cache.insert(id.clone(), Arc::clone(&client));
        }
        drop(epoch);
        Ok(Some(client))
    }

    /// Drops what changed; it is read again when it is next asked for.
    pub(super) fn forget(&self, changed: &ChangedClients) {
        let none = matches!(changed, ChangedClients::These(ids) if ids.is_empty());
        if none {
            return;
        }
        let _epoch = self.next_epoch();
        match changed {
            ChangedClients::All => self.cache.clear(),
            ChangedClients::These(ids) => ids.iter().for_each(|id| {
                self.cache.remove(id);
            }),
        }
    }

    /// Drops those whose tokens are ended: their records say now what they may still have.
    pub(super) fn evict(&self, by: Applying<'_>) {
        let ended = match by {
            Applying::Entries(entries) => Ended::by(entries),
            Applying::Everything => Ended { everybody: true, ..Ended::default() },
        };
        if ended.nobody() {
            return;
        }
        let _epoch = self.next_epoch();
        if ended.everybody {
            self.cache.clear();
        } else {
            self.cache.retain(|_, client| !ended.ends(client));
        }
    }

    fn next_epoch(&self) -> MutexGuard<'_, u64> {
        let mut epoch = self.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        *epoch += 1;
        epoch
    }
}

/// Whom entries of the revocation log are about, as far as clients are concerned.
#[derive(Debug, Default)]
struct Ended {
    everybody: bool,
    clients: BTreeSet<NameMark>,
    tenants: BTreeSet<NameMark>,
    subjects: BTreeSet<NameMark>,
}

impl Ended {
    fn by(entries: &[Entry]) -> Self {
        let mut ended = Self::default();
        for entry in entries {
            match entry.kill {
                Kill::Client { client_id, .. } => {
                    ended.clients.insert(client_id);
                }
                Kill::Tenant { tenant, .. } => {
                    ended.tenants.insert(tenant);
                }
                Kill::Subject { sub, .. } => {
                    ended.subjects.insert(sub);
                }
                Kill::All { .. } => ended.everybody = true,
                Kill::Token { .. } | Kill::Family { .. } | Kill::Key { .. } => {}
            }
        }
        ended
    }

    fn nobody(&self) -> bool {
        !self.everybody && self.clients.is_empty() && self.tenants.is_empty() && self.subjects.is_empty()
    }

    fn ends(&self, client: &Client) -> bool {
        let by_tenant =
            || client.tenants.iter().any(|tenant| self.tenants.contains(&NameMark::tenant(tenant)));
        let by_client = || self.clients.contains(&NameMark::client(&client.id));
        // A service is its own subject.
        let by_subject = || self.subjects.contains(&NameMark::subject(&Subject::from(client.id.clone())));
        (!self.clients.is_empty() && by_client())
            || (!self.tenants.is_empty() && by_tenant())
            || (!self.subjects.is_empty() && by_subject())
    }
}
