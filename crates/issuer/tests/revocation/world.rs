//! A store on disk, and logs over it.

use crate::steered::Steered;
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::revocation::{Applying, Journaling, LogFault, LogSettings, RevocationLog, SKEW};
use chancery_issuer::store::{Identity, SqliteStore, Store};
use chancery_revocation::{Entry, Kill, Moment, Position, Retention, Sequence};
use chancery_token::{ClientId, Environment, TokenId, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
pub(crate) const ISSUER: &str = "https://auth.example";
pub(crate) const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: SKEW,
    longest_family: Duration::from_hours(90 * 24),
};

/// One place on disk, gone when the test is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) identity: Identity,
    pub(crate) store: Arc<Steered>,
}

impl World {
    pub(crate) async fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("chancery-log-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let store = sqlite(&folder.join("store.db"));
        let entropy = PredictableEntropy::new(number);
        let identity = identify(&*store, &entropy).await;
        Self { folder, identity, store: Steered::over(store) }
    }

    /// The store once more, as another process opens it.
    pub(crate) fn beside(&self) -> Arc<dyn Store> {
        sqlite(&self.folder.join("store.db"))
    }

    /// A copy of the store as it is now.
    pub(crate) fn backup(&self, name: &str) -> Arc<dyn Store> {
        let copy = self.folder.join(name);
        let from = rusqlite::Connection::open(self.folder.join("store.db")).unwrap();
        from.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        sqlite(&copy)
    }

    pub(crate) fn journal(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The log of an issuer over the line that the test holds.
    pub(crate) async fn log(&self) -> Arc<RevocationLog> {
        self.open(Arc::<Steered>::clone(&self.store), None).await.unwrap()
    }

    pub(crate) async fn log_with_journal(&self, name: &str) -> Result<Arc<RevocationLog>, LogFault> {
        self.open(Arc::<Steered>::clone(&self.store), Some(self.journal(name))).await
    }

    /// The log of a command on the machine of the issuer whose journal it is.
    pub(crate) async fn log_of_a_command(&self, name: &str) -> Arc<RevocationLog> {
        let journal = Journaling::BeforeAnswer(self.journal(name));
        let settings = LogSettings { retention: RETENTION, journal };
        RevocationLog::open(self.beside(), &self.identity, settings, NOW, Box::new(|_| ())).await.unwrap()
    }

    /// The log of another issuer, with a line of its own.
    pub(crate) async fn log_beside(&self) -> Arc<RevocationLog> {
        self.open(self.beside(), None).await.unwrap()
    }

    pub(crate) async fn open(
        &self,
        store: Arc<dyn Store>,
        journal: Option<PathBuf>,
    ) -> Result<Arc<RevocationLog>, LogFault> {
        self.open_watched(store, journal, |_| ()).await
    }

    pub(crate) async fn open_watched(
        &self,
        store: Arc<dyn Store>,
        journal: Option<PathBuf>,
        watch: impl Fn(Applying<'_>) + Send + Sync + 'static,
    ) -> Result<Arc<RevocationLog>, LogFault> {
        let journal = journal.map_or(Journaling::Never, Journaling::Within);
        let settings = LogSettings { retention: RETENTION, journal };
        RevocationLog::open(store, &self.identity, settings, NOW, Box::new(watch)).await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What is left behind is in the way of nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) async fn identify(store: &dyn Store, entropy: &PredictableEntropy) -> Identity {
    let master = MasterKey::generate(entropy);
    Identity::establish(store, ISSUER, Environment::Test, &master, NOW, entropy).await.unwrap()
}

pub(crate) fn sqlite(path: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(path).unwrap())
}

pub(crate) fn token(number: u64) -> Kill {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Kill::token(TokenId::from_bytes(id), NOW.plus(Duration::from_hours(1)))
}

pub(crate) fn client(name: &str) -> Kill {
    Kill::client(&name.parse::<ClientId>().unwrap(), RETENTION.family_end(NOW))
}

/// A time as a machine has it whose clock was never wrong.
pub(crate) fn at(wall: UnixTime) -> Moment {
    Moment { wall, monotonic: wall.since(NOW) }
}

pub(crate) fn later(minutes: u64) -> UnixTime {
    NOW.plus(Duration::from_mins(minutes))
}

/// All entries that a store has after `after`.
pub(crate) async fn rows(store: &dyn Store, after: Sequence) -> Vec<Entry> {
    store.log_rows(after, 1_000_000).await.unwrap()
}

/// All entries that a store has, those before the anchor too.
pub(crate) async fn every_row(store: &dyn Store) -> Vec<Entry> {
    let stored = store.log().await.unwrap().unwrap();
    stored.loose.into_iter().chain(stored.since).collect()
}

pub(crate) async fn tail(store: &dyn Store) -> Position {
    store.log_tail().await.unwrap().unwrap()
}
