//! The real store, with a count of the questions it is asked and a switch that takes it away.

use async_trait::async_trait;
use chancery_issuer::client::Client;
use chancery_issuer::family::{Family, Presented, WhyEnded};
use chancery_issuer::store::{
    Advanced, AdvancedLike, AppendLogError, BeginFamilyError, ChangeCounter, Changes, EndedFamily, Identity,
    InitialiseError, InsertError, Likeness, ListedClient, ReplaceError, ReplaceKeyringError, SealedKeyring,
    SqliteStore, Store, StoreFault, Trim,
};
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use tokio::sync::{Notify, watch};

#[derive(Debug)]
pub(crate) struct Watched {
    store: SqliteStore,
    asked: AtomicUsize,
    away: AtomicBool,
    behind: AtomicU64,
    holding: AtomicBool,
    held: Notify,
    released: Notify,
    /// Whether lists are answered.
    lists: watch::Sender<bool>,
    waiting_lists: AtomicUsize,
    /// Whether entries of the log are taken.
    appends: watch::Sender<bool>,
    waiting_appends: AtomicUsize,
    /// Whether its replicas are gone, so that nothing that is found in it outlives it for certain.
    alone: AtomicBool,
}

impl Watched {
    pub(crate) fn new(store: SqliteStore) -> Self {
        Self {
            store,
            asked: AtomicUsize::new(0),
            away: AtomicBool::new(false),
            behind: AtomicU64::new(0),
            holding: AtomicBool::new(false),
            held: Notify::new(),
            released: Notify::new(),
            lists: watch::Sender::new(true),
            waiting_lists: AtomicUsize::new(0),
            appends: watch::Sender::new(true),
            waiting_appends: AtomicUsize::new(0),
            alone: AtomicBool::new(false),
        }
    }

    /// How many questions it was asked since the last time.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    /// Takes the store away, or gives it back.
    pub(crate) fn take_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Makes its counter of changes stand this much lower, as that of a backup would.
    pub(crate) fn set_back(&self, by: u64) {
        self.behind.store(by, Ordering::SeqCst);
    }

    /// Holds back the next client that is read, after it was read.
    pub(crate) fn hold(&self) {
        self.holding.store(true, Ordering::SeqCst);
    }

    /// Waits until a client is held back.
    pub(crate) async fn holds(&self) {
        self.held.notified().await;
    }

    /// Lets go of it.
    pub(crate) fn release(&self) {
        self.released.notify_one();
    }

    /// Answers no list until [`Watched::answer_lists`].
    pub(crate) fn hold_lists(&self) {
        self.lists.send_replace(false);
    }

    /// How many lists wait for their answer.
    pub(crate) fn waiting_lists(&self) -> usize {
        self.waiting_lists.load(Ordering::SeqCst)
    }

    /// Answers all of them.
    pub(crate) fn answer_lists(&self) {
        self.lists.send_replace(true);
    }

    /// Takes no entry of the log until [`Watched::take_appends`].
    pub(crate) fn hold_appends(&self) {
        self.appends.send_replace(false);
    }

    /// How many appends wait.
    pub(crate) fn waiting_appends(&self) -> usize {
        self.waiting_appends.load(Ordering::SeqCst)
    }

    /// Takes all of them.
    pub(crate) fn take_appends(&self) {
        self.appends.send_replace(true);
    }

    /// Takes its replicas away, or gives them back.
    pub(crate) fn leave_alone(&self, alone: bool) {
        self.alone.store(alone, Ordering::SeqCst);
    }

    fn ask(&self) -> Result<&SqliteStore, StoreFault> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.there()
    }

    /// The store, if it is there. An issuer asks for its log all the time; that is not counted.
    fn there(&self) -> Result<&SqliteStore, StoreFault> {
        if self.away.load(Ordering::SeqCst) { Err(StoreFault::Stopped) } else { Ok(&self.store) }
    }
}

#[async_trait]
impl Store for Watched {
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreFault> {
        let client = self.ask()?.client(id).await;
        if self.holding.swap(false, Ordering::SeqCst) {
            self.held.notify_one();
            self.released.notified().await;
        }
        client
    }

    async fn clients(&self, after: Option<&str>, limit: usize) -> Result<Vec<ListedClient>, StoreFault> {
        if !*self.lists.borrow() {
            self.waiting_lists.fetch_add(1, Ordering::SeqCst);
            self.lists.subscribe().wait_for(|answered| *answered).await.unwrap();
        }
        self.ask()?.clients(after, limit).await
    }

    async fn insert_client(&self, client: &Client) -> Result<(), InsertError> {
        self.ask()?.insert_client(client).await
    }

    async fn replace_client(
        &self,
        expected: &Client,
        next: &Client,
        witnesses: &[&Client],
    ) -> Result<(), ReplaceError> {
        self.ask()?.replace_client(expected, next, witnesses).await
    }

    async fn keyring(&self) -> Result<Option<SealedKeyring>, StoreFault> {
        self.ask()?.keyring().await
    }

    async fn replace_keyring(&self, expected: Option<u64>, blob: &[u8]) -> Result<u64, ReplaceKeyringError> {
        self.ask()?.replace_keyring(expected, blob).await
    }

    async fn identity(&self) -> Result<Option<Identity>, StoreFault> {
        self.ask()?.identity().await
    }

    async fn initialise(&self, identity: &Identity) -> Result<(), InitialiseError> {
        self.ask()?.initialise(identity).await
    }

    async fn changes(&self, since: ChangeCounter) -> Result<Changes, StoreFault> {
        let behind = self.behind.load(Ordering::SeqCst);
        let changes = self.ask()?.changes(ChangeCounter(since.0 + behind)).await?;
        Ok(Changes { counter: ChangeCounter(changes.counter.0 - behind), ..changes })
    }

    async fn log(&self) -> Result<Option<Stored>, StoreFault> {
        self.there()?.log().await
    }

    async fn log_tail(&self) -> Result<Option<Position>, StoreFault> {
        self.there()?.log_tail().await
    }

    async fn log_rows(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreFault> {
        self.there()?.log_rows(after, limit).await
    }

    async fn begin_log(&self, expected: Option<&Position>, log: &Stored) -> Result<(), AppendLogError> {
        self.there()?.begin_log(expected, log).await
    }

    async fn append_log(&self, batch: &Batch) -> Result<(), AppendLogError> {
        if !*self.appends.borrow() {
            self.waiting_appends.fetch_add(1, Ordering::SeqCst);
            self.appends.subscribe().wait_for(|taken| *taken).await.unwrap();
        }
        self.there()?.append_log(batch).await
    }

    async fn settle_log(&self, at: &Position) -> Result<(), AppendLogError> {
        if self.alone.load(Ordering::SeqCst) {
            return Err(StoreFault::NotDurable { demand: "no replica took the last entries".into() }.into());
        }
        self.there()?.settle_log(at).await
    }

    async fn trim_log(&self, of: &Position, trim: &Trim) -> Result<(), StoreFault> {
        self.there()?.trim_log(of, trim).await
    }

    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreFault> {
        self.ask()?.family(id).await
    }

    async fn begin_family(
        &self,
        family: &Family,
        most: u32,
        unused_since: UnixTime,
    ) -> Result<(), BeginFamilyError> {
        self.ask()?.begin_family(family, most, unused_since).await
    }

    async fn live_families(
        &self,
        client: &ClientId,
        tenant: &TenantId,
        now: UnixTime,
    ) -> Result<Vec<Family>, StoreFault> {
        self.ask()?.live_families(client, tenant, now).await
    }

    async fn advance(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<Advanced, StoreFault> {
        self.ask()?.advance(id, presented, now).await
    }

    async fn advance_like(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        like: &Arc<Likeness>,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<AdvancedLike, StoreFault> {
        self.ask()?.advance_like(id, presented, like, until, now).await
    }

    async fn end_family(&self, id: FamilyId, why: WhyEnded, now: UnixTime) -> Result<bool, StoreFault> {
        self.ask()?.end_family(id, why, now).await
    }

    async fn ended_families(&self, limit: usize) -> Result<Vec<EndedFamily>, StoreFault> {
        self.ask()?.ended_families(limit).await
    }

    async fn settle_families(&self, settled: &[EndedFamily]) -> Result<(), StoreFault> {
        self.ask()?.settle_families(settled).await
    }

    async fn first_use(&self, digest: &[u8; 32], until: UnixTime, now: UnixTime) -> Result<bool, StoreFault> {
        self.ask()?.first_use(digest, until, now).await
    }

    async fn ping(&self) -> Result<(), StoreFault> {
        self.ask()?.ping().await
    }
}
