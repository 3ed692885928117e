//! A desk over a store in a folder of its own.

use crate::admin::{AdminRefusal, Authority, ClientDraft, Defaults, Desk, GrantDraft, NewClient};
use crate::client::{Client, Grant, Reach};
use crate::keyring::{Keyring, KeyringSetup, Schedule};
use crate::master_key::MasterKey;
use crate::revocation::{Journaling, LogSettings, RevocationLog};
use crate::scratch::Scratch;
use crate::secret::{ClientSecret, SecretHasher};
use crate::store::{Identity, SqliteStore, Store};
use chancery_catalog::Catalog;
use chancery_revocation::Retention;
use chancery_token::{AlgorithmName, ClientId, Environment, Everything, ScopePattern, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use std::sync::Arc;
use std::time::Duration;

pub(super) const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
pub(super) const DAY: Duration = Duration::from_hours(24);
pub(super) const ISSUER: &str = "https://auth.example";
pub(super) const ADMINISTRATION: &str = "https://auth.example/admin";
pub(super) const DOCUMINT: &str = "https://api.documint.example";
pub(super) const ARCHIVE: &str = "https://archive.example";

pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) log: Arc<RevocationLog>,
    pub(super) catalog: Catalog,
    pub(super) hasher: SecretHasher,
    pub(super) entropy: PredictableEntropy,
    master: MasterKey,
    folder: Scratch,
}

/// As long as the default configuration says.
pub(super) const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_mins(1),
    longest_family: Duration::from_hours(30 * 24),
};

async fn open_log(
    store: &Arc<dyn Store>,
    master: &MasterKey,
    entropy: &PredictableEntropy,
) -> Arc<RevocationLog> {
    let identity =
        Identity::establish(&**store, ISSUER, Environment::Test, master, NOW, entropy).await.unwrap();
    let settings = LogSettings { retention: RETENTION, journal: Journaling::Never };
    let log = RevocationLog::open(Arc::clone(store), &identity, settings, NOW, Box::new(|_| ()));
    log.await.unwrap()
}

pub(super) fn catalog() -> Catalog {
    let catalog = Catalog::parse(include_str!("catalog.toml"), "catalog.toml").unwrap();
    catalog.served_by(ISSUER).unwrap()
}

impl World {
    pub(super) async fn new() -> Self {
        Self::of_chance(1).await
    }

    /// One whose random values are other ones.
    pub(super) async fn of_chance(seed: u64) -> Self {
        let folder = Scratch::new();
        let entropy = PredictableEntropy::new(seed);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.path().join("store.db")).unwrap());
        let master = MasterKey::generate(&entropy);
        let log = open_log(&store, &master, &entropy).await;
        let hasher = SecretHasher::new(&master);
        Self { store, log, catalog: catalog(), hasher, entropy, master, folder }
    }

    /// The log as another process would keep it, over `store`.
    pub(super) async fn log_over(&self, store: Arc<dyn Store>) -> Arc<RevocationLog> {
        open_log(&store, &self.master, &self.entropy).await
    }

    /// The signing keys, as another process would hold them.
    pub(super) async fn keyring(&self) -> Keyring {
        let minute = Duration::from_mins(1);
        let schedule = Schedule::new(minute, minute, Duration::from_hours(1)).unwrap();
        let setup = KeyringSetup { issuer: ISSUER.into(), algorithm: AlgorithmName::EdDsa, schedule };
        Keyring::open(&*self.store, self.master.clone(), setup, NOW, &self.entropy).await.unwrap()
    }

    /// The same store as another process would see it.
    pub(super) fn another_process(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.folder.path().join("store.db")).unwrap())
    }

    pub(super) fn desk(&self) -> Desk<'_> {
        self.desk_over(&*self.store)
    }

    pub(super) fn desk_over<'d>(&'d self, store: &'d dyn Store) -> Desk<'d> {
        Desk {
            store,
            log: &self.log,
            catalog: &self.catalog,
            issuer: ISSUER,
            environment: Environment::Test,
            hasher: &self.hasher,
            defaults: Defaults { default_lifetime: Duration::from_mins(15) },
            now: NOW,
            entropy: &self.entropy,
        }
    }

    pub(super) async fn create(&self, draft: ClientDraft) -> NewClient {
        self.desk().create_client(&Authority::MasterKey, draft).await.unwrap()
    }

    /// An administrator with a secret, made as the draft says.
    pub(super) async fn admin(&self, draft: ClientDraft) -> Authority {
        acting(self.create(draft).await.client)
    }

    pub(super) async fn stored(&self, id: &str) -> Client {
        self.store.client(&name(id)).await.unwrap().unwrap()
    }

    pub(super) fn secret(&self) -> ClientSecret {
        ClientSecret::generate(Environment::Test, &self.entropy)
    }

    /// Stores a client that nobody checked.
    pub(super) async fn insert(&self, client: &Client) {
        self.store.insert_client(client).await.unwrap();
    }
}

impl World {
    /// Makes the record of a client what no version can read.
    pub(super) fn break_record(&self, id: &str) {
        let raw = rusqlite::Connection::open(self.folder.path().join("store.db")).unwrap();
        let broken = raw.execute("UPDATE clients SET record = '{' WHERE id = ?1", [id]).unwrap();
        assert_eq!(broken, 1, "{id}");
    }
}

/// The administrator, acting for the first of its tenants.
pub(super) fn acting(client: Client) -> Authority {
    Authority::Administrator { tenant: client.tenants[0].clone(), client: Arc::new(client) }
}

pub(super) fn name(id: &str) -> ClientId {
    id.parse().unwrap()
}

pub(super) fn grant(scope: &str) -> GrantDraft {
    GrantDraft { scope: scope.into(), reason: Some("It is needed.".into()), ..GrantDraft::default() }
}

pub(super) fn grant_for(audience: &str, scope: &str) -> GrantDraft {
    GrantDraft { audience: Some(audience.into()), ..grant(scope) }
}

pub(super) fn held(audience: &str, scope: &str) -> Grant {
    Grant {
        audience: audience.into(),
        scope: ScopePattern::parse(scope, Everything::Refuse).unwrap(),
        reason: "It is needed.".into(),
        unbounded: None,
    }
}

/// A service of acme that reads invoices.
pub(super) fn service(id: &str) -> ClientDraft {
    ClientDraft {
        id: Some(id.into()),
        purpose: Some("Mirrors invoices.".into()),
        owner: Some("team-billing".into()),
        tenants: vec!["acme".into()],
        grants: vec![grant_for(DOCUMINT, "invoices:read")],
        unbounded: Some("It mirrors all of them.".into()),
        expires_at: Some("90d".into()),
        ..ClientDraft::default()
    }
}

/// An unbounded administrator of a tenant, or of the operators, for 200 days.
pub(super) fn admin(id: &str, tenant: &str, scopes: &[&str]) -> ClientDraft {
    ClientDraft {
        id: Some(id.into()),
        kind: Some("admin".into()),
        purpose: Some("Administers.".into()),
        owner: Some("operators".into()),
        tenants: vec![tenant.into()],
        grants: scopes.iter().map(|scope| grant(scope)).collect(),
        unbounded: Some("It administers all of it.".into()),
        expires_at: Some("200d".into()),
        ..ClientDraft::default()
    }
}

pub(super) const ALL: [&str; 4] = ["clients:*", "secrets:*", "keys:*", "revocations:*"];

/// The same, bounded.
pub(super) fn bounded(draft: ClientDraft, bounds: &str) -> ClientDraft {
    ClientDraft { unbounded: None, bounds: Some(serde_json::from_str(bounds).unwrap()), ..draft }
}

pub(super) fn unbounded() -> Reach {
    Reach::Unbounded { reason: "All of it.".into() }
}

pub(super) fn reason<T: std::fmt::Debug>(outcome: Result<T, AdminRefusal>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(why) => why.reason(),
    }
}
