//! What lies on this machine: configuration, catalog, master key, store.

mod fault;

use crate::exit::Exit;
use crate::failure::Failure;
use chancery_catalog::Catalog;
use chancery_issuer::Issuer;
use chancery_issuer::config::{
    CatalogSource, Config, LogConfig, LogFormat, RedisSettings, StoreConfig, VARIABLE_PREFIX,
};
use chancery_issuer::keyring::{Keyring, KeyringSetup};
use chancery_issuer::master_key::{MasterKey, MasterKeyFault};
use chancery_issuer::revocation::{LogSettings, RevocationLog};
use chancery_issuer::store::{Identity, RedisStore, SqliteStore, Store, master_key};
use chancery_revocation::Moment;
use chancery_token::UnixTime;
use chancery_verifier::clock::{Clock, SystemClock};
use chancery_verifier::entropy::SystemEntropy;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that is read when nobody names one.
const CONFIG_FILE: &str = "chancery.toml";

/// The flag that names the configuration.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration; ./chancery.toml if it exists, else defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Whether the store and the master key may be made when they are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstStart {
    Allow,
    Refuse,
}

/// A configuration and its catalog, both in order.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) catalog: Catalog,
    /// Nobody said what the issuer's URL is: it follows from the address it listens on.
    pub(crate) url_is_default: bool,
}

/// An opened store with the key to it.
pub(crate) struct Local {
    pub(crate) settings: Settings,
    pub(crate) master: MasterKey,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<SystemEntropy>,
}

impl ConfigFile {
    /// Reads the configuration and the catalog.
    pub(crate) fn read(&self) -> Result<Settings, Failure> {
        let default = Path::new(CONFIG_FILE);
        Settings::read(self.config.as_deref().or_else(|| default.exists().then_some(default)))
    }
}

impl Settings {
    /// Reads this file and its catalog.
    pub(crate) fn of_file(file: &Path) -> Result<Self, Failure> {
        Self::read(Some(file))
    }

    /// A test issuer that keeps all it has in `folder`.
    pub(crate) fn in_folder(url: &str, folder: &Path) -> Result<Self, Failure> {
        let path = |name: &str| folder.join(name).display().to_string();
        let set = [
            ("ISSUER__URL", url.to_owned()),
            ("STORE__PATH", path("store.db")),
            ("KEYS__MASTER_KEY_FILE", path("master.key")),
        ];
        let variables = set.map(|(key, value)| (format!("{VARIABLE_PREFIX}{key}"), value));
        let config = Config::load(None, variables).map_err(|why| fault::config(&why))?;
        let catalog = read_catalog(&config)?;
        Ok(Self { config, catalog, url_is_default: false })
    }

    fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let mut variables = Config::variables();
        let named = |key: &str| {
            variables.iter().any(|(name, _)| name.eq_ignore_ascii_case(&format!("{VARIABLE_PREFIX}{key}")))
        };
        let url_is_default = file.is_none() && !named("ISSUER__URL");
        if file.is_none() && !named("LOG__FORMAT") {
            // Without a configuration a person is watching.
            variables.insert(0, (format!("{VARIABLE_PREFIX}LOG__FORMAT"), "text".to_owned()));
        }
        let config = Config::load(file, variables).map_err(|why| fault::config(&why))?;
        let catalog = read_catalog(&config)?;
        Ok(Self { config, catalog, url_is_default })
    }
}

fn read_catalog(config: &Config) -> Result<Catalog, Failure> {
    let parsed = match &config.issuer.catalog {
        CatalogSource::BuiltIn => Catalog::parse(chancery_examples::documint::CATALOG, "built-in catalog"),
        CatalogSource::File(path) => {
            let text = std::fs::read_to_string(path).map_err(|why| {
                Failure::new(
                    Exit::Config,
                    "catalog_unreadable",
                    format!("the catalog {} cannot be read: {why}", path.display()),
                )
                .fix("Correct [issuer] catalog, or run `chancery init` in a new folder for an example.")
            })?;
            Catalog::parse(&text, &path.display().to_string())
        }
    };
    let catalog = parsed.map_err(|faults| fault::catalog(&faults))?;
    catalog.served_by(&config.issuer.url).map_err(|faults| fault::catalog(&faults))
}

impl Settings {
    /// How a command that does one thing writes what the auditor wants to know: as the issuer does, but in words
    /// where a person is watching.
    pub(crate) fn log_of_a_command(&self) -> LogConfig {
        let log = self.config.log;
        if std::io::stderr().is_terminal() { LogConfig { format: LogFormat::Text, ..log } } else { log }
    }

    /// Opens the store and reads the master key.
    pub(crate) async fn open(self, first_start: FirstStart) -> Result<Local, Failure> {
        let entropy = Arc::new(SystemEntropy);
        let (store, master) = match &self.config.store {
            StoreConfig::Sqlite { path } => self.open_file(path, first_start)?,
            StoreConfig::Redis(settings) => self.open_redis(settings, first_start).await?,
        };
        Ok(Local { settings: self, master, store, clock: Arc::new(SystemClock::new()), entropy })
    }

    fn open_file(
        &self,
        path: &Path,
        first_start: FirstStart,
    ) -> Result<(Arc<dyn Store>, MasterKey), Failure> {
        let key_path = &self.config.keys.master_key_file;
        let is_new = !path.exists();
        if is_new && first_start == FirstStart::Refuse {
            return Err(missing(&self.config));
        }
        let master = match MasterKey::read(key_path) {
            // Only a store that is not there yet can do with a new key.
            Err(MasterKeyFault::Missing { .. }) if is_new => MasterKey::create(key_path, &SystemEntropy),
            read => read,
        };
        let master = master.map_err(|why| fault::master_key(&why))?;
        let store = SqliteStore::open(path).map_err(|why| fault::open_store(&why))?;
        Ok((Arc::new(store), master))
    }

    async fn open_redis(
        &self,
        settings: &RedisSettings,
        first_start: FirstStart,
    ) -> Result<(Arc<dyn Store>, MasterKey), Failure> {
        let key_path = &self.config.keys.master_key_file;
        // The file first: a key that cannot be used is told before anybody asks the network.
        let at_hand = match MasterKey::read(key_path) {
            Err(MasterKeyFault::Missing { .. }) => None,
            read => Some(read.map_err(|why| fault::master_key(&why))?),
        };
        let store = RedisStore::open(settings).await.map_err(|why| fault::open_redis(&why))?;
        if first_start == FirstStart::Refuse && !is_in_use(&store).await? {
            return Err(missing(&self.config));
        }
        let master = match at_hand {
            Some(master) => master,
            None => master_key(&store, key_path, &SystemEntropy).await.map_err(|why| fault::new_key(&why))?,
        };
        Ok((Arc::new(store), master))
    }
}

async fn is_in_use(store: &dyn Store) -> Result<bool, Failure> {
    Ok(store.identity().await.map_err(|why| fault::store(&why))?.is_some())
}

fn missing(config: &Config) -> Failure {
    let failure =
        Failure::new(Exit::Store, "store_missing", format!("there is no store at {}", config.store));
    let journal = &config.revocation.journal_file;
    if journal.exists() {
        return failure.fix(format!(
            "The journal {} says that there was one. If it was lost, put a backup back and run `chancery revocation recover` \
             (docs/OPERATIONS.md). If another one is meant, name its configuration with --config FILE.",
            journal.display()
        ));
    }
    failure.fix(
        "Start the issuer once (`chancery serve`), run this in its folder, or name its configuration with --config FILE.",
    )
}

impl Settings {
    /// Whether an issuer has used the store already. Changes nothing.
    pub(crate) async fn has_store(&self) -> Result<bool, Failure> {
        match &self.config.store {
            StoreConfig::Sqlite { path } => Ok(path.exists()),
            StoreConfig::Redis(settings) => {
                let store = RedisStore::look(settings).await.map_err(|why| fault::open_redis(&why))?;
                is_in_use(&store).await
            }
        }
    }

    /// Checks the master key without making one; a first start makes it if it is missing.
    pub(crate) fn check_key(&self) -> Result<(), Failure> {
        match MasterKey::read(&self.config.keys.master_key_file) {
            Ok(_) | Err(MasterKeyFault::Missing { .. }) => Ok(()),
            Err(why) => Err(fault::master_key(&why)),
        }
    }
}

impl Local {
    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Now, on both clocks.
    pub(crate) fn moment(&self) -> Moment {
        Moment { wall: self.clock.now(), monotonic: self.clock.monotonic() }
    }

    /// Makes sure that the store belongs to this issuer. Where nobody said what its URL is, the store knows.
    pub(crate) async fn identify(&mut self) -> Result<Identity, Failure> {
        if self.settings.url_is_default
            && let Some(identity) = self.store.identity().await.map_err(|why| fault::store(&why))?
        {
            self.settings.config.issuer.url = identity.issuer;
            // The administration is a product of the issuer, named after its URL.
            let served = self.settings.catalog.clone().served_by(&self.settings.config.issuer.url);
            self.settings.catalog = served.map_err(|faults| fault::catalog(&faults))?;
        }
        let issuer = &self.settings.config.issuer;
        Identity::establish(
            &*self.store,
            &issuer.url,
            issuer.environment,
            &self.master,
            self.now(),
            &*self.entropy,
        )
        .await
        .map_err(|why| fault::identity(&why))
    }

    /// Opens the revocation log, as one who works on it once.
    pub(crate) async fn revocation_log(&self, identity: &Identity) -> Result<Arc<RevocationLog>, Failure> {
        let settings = LogSettings::of_a_command(&self.settings.config);
        RevocationLog::open(Arc::clone(&self.store), identity, settings, self.now(), Box::new(|_| ()))
            .await
            .map_err(|why| fault::revocation_log(&why))
    }

    /// Opens the keyring.
    pub(crate) async fn keyring(&mut self) -> Result<Keyring, Failure> {
        self.identify().await?;
        self.open_keyring().await
    }

    /// As [`Local::keyring`], of a store that is known to be this issuer's.
    pub(crate) async fn open_keyring(&self) -> Result<Keyring, Failure> {
        let config = &self.settings.config;
        let setup = KeyringSetup {
            issuer: config.issuer.url.clone(),
            algorithm: config.keys.algorithm_name,
            schedule: config.schedule(),
        };
        Keyring::open(&*self.store, self.master.clone(), setup, self.now(), &*self.entropy)
            .await
            .map_err(|why| fault::keyring(&why))
    }

    /// Starts the issuer, without listening yet.
    pub(crate) async fn issuer(self) -> Result<Arc<Issuer>, Failure> {
        let Self { settings, master, store, clock, entropy } = self;
        Issuer::open(&settings.config, settings.catalog, store, master, clock, entropy)
            .await
            .map_err(|why| fault::open_issuer(&why))
    }
}

pub(crate) use fault::{
    catalog as catalog_failure, config as config_failure, keyring as keyring_failure, store as store_failure,
};
