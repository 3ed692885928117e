//! Where an issuer keeps what outlives it: a file of its own, or a Redis that it shares.

use super::Durability;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where it keeps what outlives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreConfig {
    /// One SQLite file, for the issuer of one machine.
    Sqlite {
        /// `path`: default `.chancery/store.db`.
        path: PathBuf,
    },
    /// One database of a Redis 7 or later, or of a Valkey, for any number of issuers of one name.
    Redis(RedisSettings),
}

impl fmt::Display for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "{}", path.display()),
            Self::Redis(settings) => write!(f, "{}", settings.redis),
        }
    }
}

/// Which Redis, and how long to wait for it. The password is in a file, never here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisSettings {
    /// `redis`: `redis://host:6379/0`, or `rediss://` for TLS.
    pub redis: RedisUrl,
    /// `username`: of an access control list. Without it a password is the one of the user `default`.
    pub username: Option<String>,
    /// `password_file`: holds the password and nothing else.
    pub password_file: Option<PathBuf>,
    /// `ca_file`: PEM certificates that sign the server's, in the place of those of the system.
    pub ca_file: Option<PathBuf>,
    /// `connect_timeout`: for the connection with TLS, password and checks. Default one second.
    pub connect_timeout: Duration,
    /// `command_timeout`: for the answer to one command. Default one second.
    pub command_timeout: Duration,
    /// `[revocation] durability`: what it must be set to.
    pub durability: Durability,
}

impl RedisSettings {
    /// A Redis without a password, with the default times.
    pub const fn new(redis: RedisUrl) -> Self {
        Self {
            redis,
            username: None,
            password_file: None,
            ca_file: None,
            connect_timeout: Duration::from_secs(1),
            command_timeout: Duration::from_secs(1),
            durability: Durability::Verified,
        }
    }
}

/// The address of one database of a Redis. It holds no password, so it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisUrl {
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: u16,
}

/// What is wrong with the address of a Redis. It is never repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedisUrl {
    /// It does not begin as it must, or is no URL at all.
    #[error("it is no address of a Redis; write redis://host:6379/0, or rediss://host:6379/0 for TLS")]
    Form,
    /// It carries a password.
    #[error(
        "it carries a password, which must not stand in a configuration; write it to a file of its own, name \
         that as [store] password_file, and change the password"
    )]
    Password,
    /// It carries a user name.
    #[error("it carries a user name; write it as [store] username")]
    Username,
    /// What stands after the slash is no number of a database.
    #[error("what stands after its slash is the number of a database, 0 to 65535")]
    Database,
}

impl std::str::FromStr for RedisUrl {
    type Err = InvalidRedisUrl;

    fn from_str(text: &str) -> Result<Self, InvalidRedisUrl> {
        let url = url::Url::parse(text).map_err(|_| InvalidRedisUrl::Form)?;
        if url.password().is_some() {
            return Err(InvalidRedisUrl::Password);
        }
        let tls = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(InvalidRedisUrl::Form),
        };
        if !url.username().is_empty() {
            return Err(InvalidRedisUrl::Username);
        }
        let host = match url.host() {
            Some(url::Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(url::Host::Ipv4(address)) => address.to_string(),
            Some(url::Host::Ipv6(address)) => address.to_string(),
            Some(url::Host::Domain(_)) | None => return Err(InvalidRedisUrl::Form),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidRedisUrl::Form);
        }
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                number.parse().map_err(|_| InvalidRedisUrl::Database)?
            }
            _ => return Err(InvalidRedisUrl::Database),
        };
        Ok(Self { tls, host, port: url.port().unwrap_or(6379), database })
    }
}

impl RedisUrl {
    /// Whether what is sent there stays on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "rediss" } else { "redis" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}/{}", self.host, self.port, self.database)
    }
}
