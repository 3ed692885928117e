//! A log that has much to tell.

use chancery_issuer::config::Config;
use chancery_issuer::revocation::{LogSettings, RevocationLog};
use chancery_issuer::store::{Identity, SqliteStore, Store, master_key};
use chancery_revocation::Kill;
use chancery_token::TokenId;
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any measurement.
const ALIVE: Duration = Duration::from_hours(1);
/// Entries that are appended at a time.
const BATCH: u64 = 4096;

/// Revokes so many ids in the store of an issuer that does not run.
pub(crate) fn append(folder: &Path, ids: u64) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    let file = folder.join("chancery.toml");
    let config = Config::load(Some(&file), []).map_err(|fault| fault.to_string())?;
    let path = folder.join(".chancery/store.db");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).map_err(|fault| fault.to_string())?);
    runtime.block_on(async {
        let now = SystemClock::new().now();
        let master = master_key(&*store, &config.keys.master_key_file, &SystemEntropy).await;
        let master = master.map_err(|fault| fault.to_string())?;
        let (url, environment) = (&config.issuer.url, config.issuer.environment);
        let owned = Identity::establish(&*store, url, environment, &master, now, &SystemEntropy);
        let identity = owned.await.map_err(|fault| fault.to_string())?;
        let settings = LogSettings::of_a_command(&config);
        let log = RevocationLog::open(store, &identity, settings, now, Box::new(|_| {}));
        let log = log.await.map_err(|fault| fault.to_string())?;
        let mut left = ids;
        while left > 0 {
            let some = left.min(BATCH);
            let kills: Vec<Kill> = (0..some).map(|_| Kill::token(id(), now.plus(ALIVE))).collect();
            log.append(&kills).await.map_err(|fault| fault.to_string())?;
            left -= some;
        }
        Ok(())
    })
}

fn id() -> TokenId {
    let mut bytes = [0; 16];
    SystemEntropy.fill(&mut bytes);
    TokenId::from_bytes(bytes)
}
