//! A store that clients are written to, many at a time.

use crate::time::now;
use chancery_issuer::client::{Client, ClientKind, ClientState, Grant, Reach};
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::secret::{ClientSecret, SecretHasher};
use chancery_issuer::store::{Identity, Store};
use chancery_token::{Environment, Everything, ScopePattern, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Writes that are on their way at once.
pub(crate) const IN_FLIGHT: usize = 64;
const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

/// A store with an owner.
pub(crate) struct Written {
    runtime: Arc<Runtime>,
    store: Arc<dyn Store>,
    client: Client,
    /// The number of the next client.
    next: Arc<AtomicU32>,
}

impl Written {
    /// Takes `store` into use.
    pub(crate) fn take(runtime: &Arc<Runtime>, store: Arc<dyn Store>) -> Result<Self, String> {
        let entropy = PredictableEntropy::new(1);
        let master = MasterKey::generate(&entropy);
        let url = "https://issuer.example";
        let owned = Identity::establish(&*store, url, Environment::Test, &master, NOW, &entropy);
        runtime.block_on(owned).map_err(|fault| fault.to_string())?;
        let secret = ClientSecret::generate(Environment::Test, &entropy);
        let secret = secret.stored(&SecretHasher::new(&master), NOW);
        let scope =
            ScopePattern::parse("invoices:read", Everything::Refuse).map_err(|fault| fault.to_string())?;
        let client = Client {
            id: name(0)?,
            name: "Ledger".to_owned(),
            purpose: "Mirrors invoices into the ledger.".to_owned(),
            owner: "team-billing".to_owned(),
            kind: ClientKind::Service,
            tenants: vec!["acme".parse().map_err(|fault| format!("acme: {fault}"))?],
            grants: vec![Grant {
                audience: "https://api.documint.example".to_owned(),
                scope,
                reason: "reads what is to be mirrored".to_owned(),
                unbounded: None,
            }],
            reach: Reach::Unbounded { reason: "the ledger holds every project".to_owned() },
            lifetime: Duration::from_mins(15),
            created_at: NOW,
            expires_at: NOW.plus(Duration::from_hours(24 * 90)),
            state: ClientState::Active,
            secrets: vec![secret],
            authentication: chancery_issuer::client::Authentication::default(),
            keys: Vec::new(),
            dpop: chancery_issuer::client::DpopPolicy::default(),
            refresh: None,
            may_delegate_to: Vec::new(),
            owes_entry: None,
        };
        Ok(Self { runtime: Arc::clone(runtime), store, client, next: Arc::default() })
    }

    /// Inserts so many clients, [`IN_FLIGHT`] at a time; how long all of it took.
    pub(crate) fn insert(&self, clients: u32) -> Result<Duration, String> {
        let end = self.next.load(Ordering::Relaxed) + clients;
        let start = now();
        self.runtime.block_on(async {
            let mut writers = tokio::task::JoinSet::new();
            for _ in 0..IN_FLIGHT {
                let (store, client) = (Arc::clone(&self.store), self.client.clone());
                writers.spawn(write(store, client, Arc::clone(&self.next), end));
            }
            while let Some(ended) = writers.join_next().await {
                ended.map_err(|fault| fault.to_string())??;
            }
            Ok::<(), String>(())
        })?;
        let took = start.elapsed();
        self.next.store(end, Ordering::Relaxed);
        Ok(took)
    }
}

async fn write(
    store: Arc<dyn Store>,
    mut client: Client,
    next: Arc<AtomicU32>,
    end: u32,
) -> Result<(), String> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            return Ok(());
        }
        client.id = name(number)?;
        store.insert_client(&client).await.map_err(|fault| fault.to_string())?;
    }
}

fn name(number: u32) -> Result<chancery_token::ClientId, String> {
    // Ids that people give are in no order, so the next row is rarely beside the last one.
    let name = format!("client-{:08x}", number.wrapping_mul(0x9e37_79b1));
    name.parse().map_err(|fault| format!("{name}: {fault}"))
}
