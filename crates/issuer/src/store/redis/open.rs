//! Opening a database of a Redis: making sure that it may keep a store, and that it keeps nobody else's.

use super::connect::Connector;
use super::link::Link;
use super::scripts::{self, By, Call};
use super::{RedisStore, keys};
use crate::config::{Durability, RedisSettings, RedisUrl, write_duration};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// Why a database of a Redis is not taken as a store. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedisFault {
    /// The certificates cannot be read.
    #[error("the certificates in {} cannot be read: {detail}; correct store.ca_file", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// There is no such database.
    #[error(
        "{address}: there is no such database: {detail}; write another number after the slash, 0 is always there"
    )]
    Database {
        /// Where.
        address: RedisUrl,
        /// What it said.
        detail: String,
    },
    /// It throws keys away when its memory is full.
    #[error(
        "{address} may throw clients and keys away: its maxmemory-policy is '{policy}': write the line \
         'maxmemory-policy noeviction' into redis.conf, and run CONFIG SET maxmemory-policy noeviction"
    )]
    Evicts {
        /// Where.
        address: RedisUrl,
        /// The policy.
        policy: String,
    },
    /// The user may not do what a store needs.
    #[error(
        "{address} forbids its user what a store needs: {detail}; grant it with ACL SETUSER: \
         ~{{chancery}}:* +@read +@write +@scripting +@connection +info +dbsize +config|get"
    )]
    Forbidden {
        /// Where.
        address: RedisUrl,
        /// What it said.
        detail: String,
    },
    /// Somebody else's keys are there.
    #[error(
        "{address} holds {keys} keys that are not ours; a store wants a database of its own: write another \
         number after the slash, or name another Redis"
    )]
    Foreign {
        /// Where.
        address: RedisUrl,
        /// How many keys.
        keys: i64,
    },
    /// It is no single server.
    #[error("{address} runs as a {mode}; name a single server, or the master behind it")]
    Mode {
        /// Where.
        address: RedisUrl,
        /// What it is.
        mode: String,
    },
    /// A later version of the program made the store.
    #[error(
        "the store in {address} has layout {found}, and this program knows layout {known}; run the version that \
         wrote it",
        known = keys::LAYOUT
    )]
    Newer {
        /// Where.
        address: RedisUrl,
        /// Its layout.
        found: String,
    },
    /// It may lose what it acknowledged, and with it revocations.
    #[error("{address} may lose what it acknowledged, and with it revocations: {demand}")]
    NotDurable {
        /// Where.
        address: RedisUrl,
        /// What is to be set there.
        demand: String,
    },
    /// The password cannot be read.
    #[error("the password in {} cannot be read: {detail}; correct store.password_file", path.display())]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// It wants a password.
    #[error(
        "{address} wants a password; write it to a file that only you can read, and name that as store.password_file"
    )]
    PasswordMissing {
        /// Where.
        address: RedisUrl,
    },
    /// It has no password.
    #[error(
        "{address} has no password, and store.password_file names one; remove it there, or set requirepass in redis.conf"
    )]
    PasswordUnwanted {
        /// Where.
        address: RedisUrl,
    },
    /// The password is another one.
    #[error(
        "{address} refuses the password; correct the file store.password_file, and store.username if it has users"
    )]
    PasswordWrong {
        /// Where.
        address: RedisUrl,
    },
    /// It refused.
    #[error("{address} cannot be used: {detail}")]
    Refused {
        /// Where.
        address: RedisUrl,
        /// What it said.
        detail: String,
    },
    /// What is written there goes nowhere.
    #[error("{address} is a replica of {master}, which can only be read; name the master as store.redis")]
    Replica {
        /// Where.
        address: RedisUrl,
        /// Its master.
        master: String,
    },
    /// It does not say how it is set.
    #[error(
        "{address} does not show its settings, so nobody can tell whether it keeps revocations: {detail}; grant its \
         user +config|get. Where a provider forbids that, and promises that a write is on disk before it is answered, \
         say so under [revocation]: durability = \"attested\", and attested_because"
    )]
    SettingsHidden {
        /// Where.
        address: RedisUrl,
        /// What it said.
        detail: String,
    },
    /// No answer in time.
    #[error(
        "{address} did not answer within {}; is it running, and is it rediss:// for TLS and redis:// without? \
         A slow network wants a longer store.connect_timeout",
        write_duration(*after)
    )]
    TimedOut {
        /// Where.
        address: RedisUrl,
        /// How long it had.
        after: Duration,
    },
    /// Its certificate is not believed, or it does not speak TLS.
    #[error(
        "the TLS connection to {address} failed: {detail}; store.ca_file names the certificate that signs the \
         server's, and the address has the name that stands in it"
    )]
    Tls {
        /// Where.
        address: RedisUrl,
        /// What went wrong.
        detail: String,
    },
    /// It is too old.
    #[error("{address} is a Redis {found}; a store wants Redis 7.0 or later, or a Valkey")]
    TooOld {
        /// Where.
        address: RedisUrl,
        /// Its version.
        found: String,
    },
    /// Its name leads to no address.
    #[error(
        "the name in {address} cannot be resolved: {detail}; correct store.redis, or ask whoever keeps the names of \
         this network"
    )]
    Unresolved {
        /// Where.
        address: RedisUrl,
        /// What went wrong.
        detail: String,
    },
    /// Nobody is there.
    #[error("{address} cannot be reached: {detail}; is it running there? Correct store.redis if not")]
    Unreachable {
        /// Where.
        address: RedisUrl,
        /// What went wrong.
        detail: String,
    },
}

impl RedisFault {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::CaFile { .. } => "redis_ca_file",
            Self::Database { .. } => "redis_database",
            Self::Evicts { .. } => "redis_evicts",
            Self::Forbidden { .. } => "redis_forbidden",
            Self::Foreign { .. } => "store_foreign",
            Self::Mode { .. } => "redis_mode",
            Self::Newer { .. } => "store_newer",
            Self::NotDurable { .. } => "redis_not_durable",
            Self::PasswordFile { .. } => "redis_password_file",
            Self::PasswordMissing { .. } => "redis_password_missing",
            Self::PasswordUnwanted { .. } => "redis_password_unwanted",
            Self::PasswordWrong { .. } => "redis_password_wrong",
            Self::Refused { .. } => "redis_refused",
            Self::Replica { .. } => "redis_replica",
            Self::SettingsHidden { .. } => "redis_settings_hidden",
            Self::TimedOut { .. } => "redis_timed_out",
            Self::Tls { .. } => "redis_tls",
            Self::TooOld { .. } => "redis_too_old",
            Self::Unreachable { .. } => "redis_unreachable",
            Self::Unresolved { .. } => "redis_name_unresolved",
        }
    }
}

impl RedisStore {
    /// Opens the store that the settings name. A database that was never used must be empty; it stays so until
    /// an issuer takes it into use. The connection is kept by the runtime in which this is called.
    pub async fn open(settings: &RedisSettings) -> Result<Self, RedisFault> {
        let store = Self::look(settings).await?;
        tell(settings);
        Ok(store)
    }

    /// As [`RedisStore::open`], for a question before it is opened for good: what an operator should know of its settings
    /// is told then.
    pub async fn look(settings: &RedisSettings) -> Result<Self, RedisFault> {
        let (address, connector) = (settings.redis.clone(), Connector::new(settings)?);
        let mut connection = connector.connect().await?;
        connector.demand_durable(&mut connection).await?;
        let look = Call::new(&scripts::LOOK, &[keys::STORE]).command(By::Text);
        let looked = tokio::time::timeout(settings.command_timeout, connector.ask(&mut connection, &look));
        let Ok(looked) = looked.await else {
            return Err(RedisFault::TimedOut { address, after: settings.command_timeout });
        };
        let fault = |error: redis::ParsingError| RedisFault::Refused {
            address: address.clone(),
            detail: error.to_string(),
        };
        let (layout, keys): (Option<String>, i64) = redis::from_redis_value(looked?).map_err(fault)?;
        match layout {
            Some(layout) if layout == keys::LAYOUT.to_string() => {}
            Some(earlier) if keys::EARLIER_LAYOUTS.contains(&earlier.as_str()) => {
                let step = Call::new(&scripts::UPGRADE, &[keys::STORE]).argument(keys::LAYOUT.to_string());
                connector.ask(&mut connection, &step.command(By::Text)).await?;
            }
            Some(found) => return Err(RedisFault::Newer { address, found }),
            None if keys == 0 => {}
            None => return Err(RedisFault::Foreign { address, keys }),
        }
        let link = Link::keep(connector, connection, settings.command_timeout);
        Ok(Self { address, link, owner: OnceLock::new() })
    }
}

/// What is worth a word, though it may be meant so.
fn tell(settings: &RedisSettings) {
    let address = &settings.redis;
    match &settings.durability {
        Durability::Verified => {}
        Durability::Attested { because } => tracing::debug!(
            target: "chancery::store", %address, because,
            "the settings of the Redis are not read: that it keeps revocations is attested"
        ),
        Durability::Volatile => tracing::warn!(
            target: "chancery::store", %address,
            "revocation.durability is volatile: when the Redis dies, clients, keys and revocations may be lost, \
             and revoked tokens count again; say verified before anybody relies on this issuer"
        ),
    }
    if settings.password_file.is_some() && !address.tls && !address.is_loopback() {
        tracing::warn!(
            target: "chancery::store", %address,
            "the password and every client record cross the network in clear; use rediss://"
        );
    }
}
