//! What an issuer is told at its start: a TOML file, and `CHANCERY_CONFIG__SECTION__KEY` over it.
//!
//! Every setting has a default, so an issuer without a file is a `test` issuer on this machine. A file that is
//! wrong is refused whole, with every fault in it, each with its line.

mod duration;
mod fault;
mod nearest;
mod read;
mod revocation;
mod settings;
mod store;
mod written_path;

pub use duration::{InvalidDuration, parse_duration, write_duration};
pub use fault::{BadConfig, ConfigFault, Origin};
pub use nearest::nearest;
pub use revocation::{Durability, RevocationConfig};
pub use store::{InvalidRedisUrl, RedisSettings, RedisUrl, StoreConfig};
pub use written_path::written_path;

use crate::client::MAX_LIFETIME;
use crate::keyring::Schedule;
use chancery_token::{AlgorithmName, Environment};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What stands before the name of a setting in the environment.
pub const VARIABLE_PREFIX: &str = "CHANCERY_CONFIG__";

/// A configuration in which everything fits together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `[issuer]`
    pub issuer: IssuerConfig,
    /// `[listen]`
    pub listen: ListenConfig,
    /// `[store]`
    pub store: StoreConfig,
    /// `[admin]`
    pub admin: AdminConfig,
    /// `[keys]`
    pub keys: KeysConfig,
    /// `[tokens]`
    pub tokens: TokensConfig,
    /// `[revocation]`
    pub revocation: RevocationConfig,
    /// `[limits]`
    pub limits: LimitsConfig,
    /// `[log]`
    pub log: LogConfig,
}

/// Who this issuer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerConfig {
    /// `url`: its name in tokens (`iss`), and where its endpoints are found. No slash at its end, no query, no
    /// fragment (RFC 8414 section 2). Default `http://127.0.0.1:8420`.
    pub url: String,
    /// `environment`: `live` or `test` (R07). Default `test`.
    pub environment: Environment,
    /// `catalog`: what may be asked for.
    pub catalog: CatalogSource,
}

/// Where the catalog comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogSource {
    /// The example that the program carries.
    BuiltIn,
    /// A file.
    File(PathBuf),
}

/// Where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenConfig {
    /// `address`: default `127.0.0.1:8420`. Port 0 takes a free one.
    pub address: SocketAddr,
}

/// Its administration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminConfig {
    /// `secret_file`: where the secret of the first administrator is put. Default: `admin.secret` beside the
    /// store's file, and `.chancery/admin.secret` where the store is a Redis.
    pub secret_file: PathBuf,
}

/// Its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysConfig {
    /// `master_key_file`: default `keys/master.key`.
    pub master_key_file: PathBuf,
    /// `publish_lead`: how long a key is published before it signs. Default one hour.
    pub publish_lead: Duration,
    /// `jwks_max_age`: how long verifiers may keep the published keys. Default five minutes.
    pub jwks_max_age: Duration,
    /// `algorithm_name`: how JWT headers spell Ed25519, `EdDSA` or `Ed25519`. Default `EdDSA`.
    pub algorithm_name: AlgorithmName,
}

/// Its access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokensConfig {
    /// `max_lifetime`: default one hour, which is also the most.
    pub max_lifetime: Duration,
    /// `default_lifetime`: of clients that are registered without one. Default 15 minutes.
    pub default_lifetime: Duration,
}

/// What it lets others use up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// `body_bytes`: largest request body. Default 16384.
    pub body_bytes: usize,
    /// `concurrent_requests`: more at once are answered 503. Default 1024.
    pub concurrent_requests: usize,
    /// `cached_clients`: how many clients are kept in memory, of how many what their refresh families have in common, and how
    /// many families that are otherwise. Default 10000.
    pub cached_clients: usize,
    /// `request_timeout`: a request that takes longer is answered 503. Default 10 seconds.
    pub request_timeout: Duration,
    /// `drain_timeout`: how long a stopping issuer finishes what it began. Default 10 seconds.
    pub drain_timeout: Duration,
}

/// Its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `format`: `json` or `text`. Default `json`.
    pub format: LogFormat,
    /// `level`: `error`, `warn`, `info`, `debug` or `trace`. Default `info`.
    pub level: LogLevel,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For eyes.
    Text,
}

/// The least important lines that are still written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// `error`
    Error,
    /// `warn`
    Warn,
    /// `info`
    Info,
    /// `debug`
    Debug,
    /// `trace`
    Trace,
}

impl LogLevel {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Config {
    /// Reads `file`, if there is one, then `variables` over it. Names of variables that do not begin with
    /// [`VARIABLE_PREFIX`] are passed over. Relative paths in the file start at the file's own folder, in
    /// variables at the working directory.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BadConfig> {
        let mut settings = settings::Settings::default();
        if let Some(path) = file {
            settings.add_file(path);
        }
        settings.add_variables(variables);
        read::config(settings)
    }

    /// The variables of this process that are meant for [`Config::load`].
    pub fn variables() -> Vec<(String, String)> {
        let readable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        let ours = |(name, _): &(String, String)| name.starts_with(VARIABLE_PREFIX);
        std::env::vars_os().filter_map(readable).filter(ours).collect()
    }

    /// When keys are published, sign, and go. A retired key stays for the longest lifetime there can be, not for
    /// the configured one: that one may be raised while a rotation waits for its time.
    pub fn schedule(&self) -> Schedule {
        Schedule::checked(self.keys.publish_lead, self.keys.jwks_max_age, MAX_LIFETIME)
    }
}
