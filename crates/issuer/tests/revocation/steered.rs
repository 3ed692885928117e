//! A real store, and a hand on the line to it.

use async_trait::async_trait;
use chancery_issuer::client::Client;
use chancery_issuer::family::{Family, Presented, WhyEnded};
use chancery_issuer::store::{
    Advanced, AdvancedLike, AppendLogError, BeginFamilyError, ChangeCounter, Changes, EndedFamily, Identity,
    InitialiseError, InsertError, Likeness, ListedClient, ReplaceError, ReplaceKeyringError, SealedKeyring,
    Store, StoreFault, Trim,
};
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

const NO_ANSWER: StoreFault = StoreFault::TimedOut { after: Duration::from_secs(2) };

#[derive(Debug)]
pub(crate) struct Steered {
    store: Mutex<Arc<dyn Store>>,
    away: AtomicBool,
    answers_to_lose: AtomicUsize,
    requests_to_lose: AtomicUsize,
    appends: AtomicUsize,
    settles: AtomicUsize,
    alone: AtomicBool,
    waiting: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl Steered {
    pub(crate) fn over(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            store: Mutex::new(store),
            away: AtomicBool::new(false),
            answers_to_lose: AtomicUsize::new(0),
            requests_to_lose: AtomicUsize::new(0),
            appends: AtomicUsize::new(0),
            settles: AtomicUsize::new(0),
            alone: AtomicBool::new(false),
            waiting: watch::Sender::new(0),
            open: watch::Sender::new(true),
        })
    }

    /// Puts another store in its place, as a backup that was restored.
    pub(crate) fn put(&self, store: Arc<dyn Store>) {
        *self.store.lock().unwrap() = store;
    }

    pub(crate) fn take_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Of the next appends so many are written, and nobody hears of it.
    pub(crate) fn lose_answers(&self, count: usize) {
        self.answers_to_lose.store(count, Ordering::SeqCst);
    }

    /// Of the next appends so many never arrive.
    pub(crate) fn lose_requests(&self, count: usize) {
        self.requests_to_lose.store(count, Ordering::SeqCst);
    }

    /// Appends that reached the store.
    pub(crate) fn appends(&self) -> usize {
        self.appends.load(Ordering::SeqCst)
    }

    /// Takes its replicas away, or gives them back: what is found in it does not outlive it for certain.
    pub(crate) fn leave_alone(&self, alone: bool) {
        self.alone.store(alone, Ordering::SeqCst);
    }

    /// How often it was asked to make sure of what is in it.
    pub(crate) fn settles(&self) -> usize {
        self.settles.load(Ordering::SeqCst)
    }

    /// Lets appends wait before they arrive.
    pub(crate) fn hold_appends(&self) {
        self.open.send_replace(false);
    }

    pub(crate) fn release_appends(&self) {
        self.open.send_replace(true);
    }

    /// Waits until an append waits.
    pub(crate) async fn holds_an_append(&self) {
        self.waiting.subscribe().wait_for(|waiting| *waiting > 0).await.unwrap();
    }

    fn ask(&self) -> Result<Arc<dyn Store>, StoreFault> {
        let unreachable = || StoreFault::Unreachable { detail: "the line is cut".into() };
        if self.away.load(Ordering::SeqCst) {
            return Err(unreachable());
        }
        Ok(Arc::clone(&self.store.lock().unwrap()))
    }
}

fn one_less(count: &AtomicUsize) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

#[async_trait]
impl Store for Steered {
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreFault> {
        self.ask()?.client(id).await
    }

    async fn clients(&self, after: Option<&str>, limit: usize) -> Result<Vec<ListedClient>, StoreFault> {
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
        self.ask()?.changes(since).await
    }

    async fn log(&self) -> Result<Option<Stored>, StoreFault> {
        self.ask()?.log().await
    }

    async fn log_tail(&self) -> Result<Option<Position>, StoreFault> {
        self.ask()?.log_tail().await
    }

    async fn log_rows(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreFault> {
        self.ask()?.log_rows(after, limit).await
    }

    async fn begin_log(&self, expected: Option<&Position>, log: &Stored) -> Result<(), AppendLogError> {
        self.ask()?.begin_log(expected, log).await
    }

    async fn append_log(&self, batch: &Batch) -> Result<(), AppendLogError> {
        self.waiting.send_modify(|waiting| *waiting += 1);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        self.waiting.send_modify(|waiting| *waiting -= 1);
        if one_less(&self.requests_to_lose) {
            return Err(NO_ANSWER.into());
        }
        let store = self.ask()?;
        self.appends.fetch_add(1, Ordering::SeqCst);
        store.append_log(batch).await?;
        if one_less(&self.answers_to_lose) { Err(NO_ANSWER.into()) } else { Ok(()) }
    }

    async fn settle_log(&self, at: &Position) -> Result<(), AppendLogError> {
        let store = self.ask()?;
        self.settles.fetch_add(1, Ordering::SeqCst);
        if self.alone.load(Ordering::SeqCst) {
            return Err(StoreFault::NotDurable { demand: "no replica took the last entries".into() }.into());
        }
        store.settle_log(at).await
    }

    async fn trim_log(&self, of: &Position, trim: &Trim) -> Result<(), StoreFault> {
        self.ask()?.trim_log(of, trim).await
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
