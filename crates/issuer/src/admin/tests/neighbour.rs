//! The real store, and somebody else who writes to it just before each change.

use crate::client::Client;
use crate::family::{Family, Presented, WhyEnded};
use crate::store::{
    Advanced, AdvancedLike, AppendLogError, BeginFamilyError, ChangeCounter, Changes, EndedFamily, Identity,
    InitialiseError, InsertError, Likeness, ListedClient, ReplaceError, ReplaceKeyringError, SealedKeyring,
    Store, StoreFault, Trim,
};
use async_trait::async_trait;
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Who writes beside us.
#[derive(Debug)]
pub(super) enum Neighbour {
    /// Changes whatever is to be changed, each time.
    AlwaysFaster(AtomicUsize),
    /// Puts these clients in each other's place, the first time.
    Once(Mutex<Vec<(Client, Client)>>),
    /// Filled the disk, while this is so: the log takes no entry.
    FullDisk(AtomicBool),
}

impl Neighbour {
    pub(super) fn once(changes: Vec<(Client, Client)>) -> Self {
        Self::Once(Mutex::new(changes))
    }
}

#[derive(Debug)]
pub(super) struct Neighboured {
    store: Arc<dyn Store>,
    pub(super) neighbour: Neighbour,
}

impl Neighboured {
    pub(super) fn over(store: &Arc<dyn Store>, neighbour: Neighbour) -> Self {
        Self { store: Arc::clone(store), neighbour }
    }
}

#[async_trait]
impl Store for Neighboured {
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreFault> {
        self.store.client(id).await
    }

    async fn clients(&self, after: Option<&str>, limit: usize) -> Result<Vec<ListedClient>, StoreFault> {
        self.store.clients(after, limit).await
    }

    async fn insert_client(&self, client: &Client) -> Result<(), InsertError> {
        self.store.insert_client(client).await
    }

    async fn replace_client(
        &self,
        expected: &Client,
        next: &Client,
        witnesses: &[&Client],
    ) -> Result<(), ReplaceError> {
        match &self.neighbour {
            Neighbour::AlwaysFaster(changes) => {
                let number = changes.fetch_add(1, Ordering::SeqCst);
                let faster = Client { purpose: format!("Changed {number} times."), ..expected.clone() };
                self.store.replace_client(expected, &faster, &[]).await?;
            }
            Neighbour::Once(waiting) => {
                let waiting = std::mem::take(&mut *waiting.lock().unwrap());
                for (was, is) in waiting {
                    self.store.replace_client(&was, &is, &[]).await?;
                }
            }
            Neighbour::FullDisk(_) => {}
        }
        self.store.replace_client(expected, next, witnesses).await
    }

    async fn keyring(&self) -> Result<Option<SealedKeyring>, StoreFault> {
        self.store.keyring().await
    }

    async fn replace_keyring(&self, expected: Option<u64>, blob: &[u8]) -> Result<u64, ReplaceKeyringError> {
        self.store.replace_keyring(expected, blob).await
    }

    async fn identity(&self) -> Result<Option<Identity>, StoreFault> {
        self.store.identity().await
    }

    async fn initialise(&self, identity: &Identity) -> Result<(), InitialiseError> {
        self.store.initialise(identity).await
    }

    async fn changes(&self, since: ChangeCounter) -> Result<Changes, StoreFault> {
        self.store.changes(since).await
    }

    async fn log(&self) -> Result<Option<Stored>, StoreFault> {
        self.store.log().await
    }

    async fn log_tail(&self) -> Result<Option<Position>, StoreFault> {
        self.store.log_tail().await
    }

    async fn log_rows(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreFault> {
        self.store.log_rows(after, limit).await
    }

    async fn begin_log(&self, expected: Option<&Position>, log: &Stored) -> Result<(), AppendLogError> {
        self.store.begin_log(expected, log).await
    }

    async fn append_log(&self, batch: &Batch) -> Result<(), AppendLogError> {
        if let Neighbour::FullDisk(is_full) = &self.neighbour
            && is_full.load(Ordering::SeqCst)
        {
            return Err(StoreFault::Full.into());
        }
        self.store.append_log(batch).await
    }

    async fn settle_log(&self, at: &Position) -> Result<(), AppendLogError> {
        if let Neighbour::FullDisk(is_full) = &self.neighbour
            && is_full.load(Ordering::SeqCst)
        {
            return Err(StoreFault::Full.into());
        }
        self.store.settle_log(at).await
    }

    async fn trim_log(&self, of: &Position, trim: &Trim) -> Result<(), StoreFault> {
        self.store.trim_log(of, trim).await
    }

    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreFault> {
        self.store.family(id).await
    }

    async fn begin_family(
        &self,
        family: &Family,
        most: u32,
        unused_since: UnixTime,
    ) -> Result<(), BeginFamilyError> {
        self.store.begin_family(family, most, unused_since).await
    }

    async fn live_families(
        &self,
        client: &ClientId,
        tenant: &TenantId,
        now: UnixTime,
    ) -> Result<Vec<Family>, StoreFault> {
        self.store.live_families(client, tenant, now).await
    }

    async fn advance(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<Advanced, StoreFault> {
        self.store.advance(id, presented, now).await
    }

    async fn advance_like(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        like: &Arc<Likeness>,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<AdvancedLike, StoreFault> {
        self.store.advance_like(id, presented, like, until, now).await
    }

    async fn end_family(&self, id: FamilyId, why: WhyEnded, now: UnixTime) -> Result<bool, StoreFault> {
        self.store.end_family(id, why, now).await
    }

    async fn ended_families(&self, limit: usize) -> Result<Vec<EndedFamily>, StoreFault> {
        self.store.ended_families(limit).await
    }

    async fn settle_families(&self, settled: &[EndedFamily]) -> Result<(), StoreFault> {
        self.store.settle_families(settled).await
    }

    async fn first_use(&self, digest: &[u8; 32], until: UnixTime, now: UnixTime) -> Result<bool, StoreFault> {
        self.store.first_use(digest, until, now).await
    }

    async fn ping(&self) -> Result<(), StoreFault> {
        self.store.ping().await
    }
}
