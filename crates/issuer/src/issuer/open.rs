//! An issuer starts, or says why not.

use super::Issuer;
use super::families::Families;
use super::known_clients::KnownClients;
use super::token_ids::TokenIds;
use crate::admin::{Defaults, LogDurability};
use crate::config::Config;
use crate::dpop_nonces::DpopNonces;
use crate::grant::Settings;
use crate::http::{self, Admission, Polls, PublishedKeys, Revoking, base_url};
use crate::keyring::{Keyring, KeyringFault, KeyringSetup, RevokeKeyError};
use crate::master_key::MasterKey;
use crate::metrics::Metrics;
use crate::revocation::{LogFault, LogSettings, Publisher, RevocationLog};
use crate::secret::SecretHasher;
use crate::store::{ChangeCounter, Identity, IdentityFault, Store, StoreFault};
use chancery_catalog::{Catalog, CatalogError};
use chancery_token::AlgorithmName;
use chancery_verifier::clock::Clock;
use chancery_verifier::entropy::Entropy;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// Why an issuer does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// The store is another issuer's, or failed.
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    /// The revocation log cannot be followed.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// There are no keys to sign with.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
    /// The revocation log ends a key that the keyring holds: a backup brought it back, and it cannot be taken out.
    #[error("a key that the revocation log ends cannot be taken out of the keyring: {0}")]
    KeyEnded(#[from] RevokeKeyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The catalog does not fit this issuer.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Catalog(Vec<CatalogError>),
    /// A product wants its tokens signed under a name that the keys do not have. A key is published under one.
    #[error(
        "{file}: the product '{product}' wants the algorithm name {wanted}, and keys.algorithm_name is {configured}; \
         make them the same",
        wanted = .wanted.as_str(),
        configured = .configured.as_str()
    )]
    Algorithm {
        /// The catalog's file.
        file: String,
        /// The product.
        product: String,
        /// What it wants.
        wanted: AlgorithmName,
        /// What the keys are published as.
        configured: AlgorithmName,
    },
}

impl OpenFault {
    /// Stable name for logs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Identity(fault) => fault.reason(),
            Self::Log(fault) => fault.reason(),
            Self::Keyring(fault) => fault.reason(),
            Self::KeyEnded(why) => why.reason(),
            Self::Store(fault) => fault.reason(),
            Self::Catalog(_) => "catalog_refused",
            Self::Algorithm { .. } => "algorithm_name",
        }
    }
}

impl Issuer {
    /// Takes `store` into use under `master`: the first start makes it this issuer's and creates its keys, every
    /// later one checks that it is.
    pub async fn open(
        config: &Config,
        catalog: Catalog,
        store: Arc<dyn Store>,
        master: MasterKey,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Arc<Self>, OpenFault> {
        let url = &config.issuer.url;
        let catalog = catalog.served_by(url).map_err(OpenFault::Catalog)?;
        check_algorithms(&catalog, config.keys.algorithm_name)?;
        let log_settings = LogSettings::of(config);
        RevocationLog::expect_owned(&*store, &log_settings).await?;
        let (now, environment) = (clock.now(), config.issuer.environment);
        let identity = Identity::establish(&*store, url, environment, &master, now, &*entropy).await?;
        // Asked before anything is read, so that no change in between is missed.
        let seen = store.changes(ChangeCounter::START).await?.counter;
        let hasher = SecretHasher::new(&master);
        let dpop_nonces = DpopNonces::new(&master, url, environment);
        let setup = KeyringSetup {
            issuer: url.clone(),
            algorithm: config.keys.algorithm_name,
            schedule: config.schedule(),
        };
        let keyring = Keyring::open(&*store, master, setup, now, &*entropy).await?;
        let capacity = config.limits.cached_clients;
        let clients = Arc::new(KnownClients::new(capacity, config.limits.concurrent_requests));
        let evicting = Arc::clone(&clients);
        let revocation_log = RevocationLog::open(
            Arc::clone(&store),
            &identity,
            log_settings,
            now,
            Box::new(move |what| evicting.evict(what)),
        )
        .await?;
        keyring.take_out_ended(&revocation_log.current(), &*store, now, &*entropy).await?;
        let publisher = Publisher::new(Arc::clone(&revocation_log), &keyring, Arc::clone(&clock));
        let families = Families::new(&keyring, environment, capacity, config.limits.concurrent_requests);
        let mut run = [0; 4];
        entropy.fill(&mut run);
        Ok(Arc::new(Self {
            settings: Settings { issuer: url.clone(), environment, max_lifetime: config.tokens.max_lifetime },
            scopes_page: format!("{}/scopes", base_url(url)),
            catalog,
            store,
            keyring,
            hasher,
            dpop_nonces,
            clients,
            families,
            published_keys: PublishedKeys::default(),
            revocation_log,
            log_durability: LogDurability::of(config),
            publisher,
            polls: Polls::new(),
            revoking: Revoking::new(config.limits.concurrent_requests),
            seen: AtomicU64::new(seen.0),
            is_behind: AtomicBool::new(false),
            admission: Admission::new(config.limits.concurrent_requests),
            administration: Admission::new(http::CONCURRENT_ADMINISTRATION),
            defaults: Defaults { default_lifetime: config.tokens.default_lifetime },
            metrics: Metrics::new(),
            limits: config.limits.clone(),
            run: u32::from_be_bytes(run),
            requests: AtomicU64::new(0),
            token_ids: TokenIds::new(),
            clock,
            entropy,
        }))
    }
}

fn check_algorithms(catalog: &Catalog, configured: AlgorithmName) -> Result<(), OpenFault> {
    let stated = catalog.products().iter().find_map(|product| Some((product, product.algorithm()?)));
    match stated {
        Some((product, wanted)) if wanted != configured => Err(OpenFault::Algorithm {
            file: catalog.file().to_owned(),
            product: product.name().to_owned(),
            wanted,
            configured,
        }),
        _ => Ok(()),
    }
}
