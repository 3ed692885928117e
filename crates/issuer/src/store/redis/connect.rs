//! Making a connection that can be relied on: time limits, TLS, password, database, and a server that is fit.

use super::durable::{self, Durable};
use super::examine::examine;
use super::open::RedisFault;
use crate::config::{Durability, RedisSettings, RedisUrl};
use redis::aio::MultiplexedConnection;
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError, RedisResult, TlsCertificates, Value,
};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// An idle connection is tried after this long, so that one through a firewall that forgets is noticed.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Makes connections to one Redis.
pub(super) struct Connector {
    address: RedisUrl,
    client: Client,
    credentials: Option<Credentials>,
    timeout: Duration,
    durability: Durability,
}

struct Credentials {
    username: Option<String>,
    password: Zeroizing<String>,
}

impl Connector {
    /// Reads the files that the settings name.
    pub(super) fn new(settings: &RedisSettings) -> Result<Self, RedisFault> {
        let password = settings.password_file.as_deref().map(read_password).transpose()?;
        let username = settings.username.clone();
        Ok(Self {
            address: settings.redis.clone(),
            client: client(settings)?,
            credentials: password.map(|password| Credentials { username, password }),
            timeout: settings.connect_timeout,
            durability: settings.durability.clone(),
        })
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn durability(&self) -> &Durability {
        &self.durability
    }

    /// Connects, and makes sure that a store may be kept there.
    pub(super) async fn connect(&self) -> Result<MultiplexedConnection, RedisFault> {
        match tokio::time::timeout(self.timeout, self.attempt()).await {
            Ok(done) => done,
            Err(_) => Err(RedisFault::TimedOut { address: self.address.clone(), after: self.timeout }),
        }
    }

    async fn attempt(&self) -> Result<MultiplexedConnection, RedisFault> {
        // The crate's own limits would be half a second for an answer and a second for a connection; ours
        // stand around the whole.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let mut connection = match made {
            Ok(connection) => connection,
            Err(error) => return Err(self.unreachable(&error).await),
        };
        if let Some(Credentials { username, password }) = &self.credentials {
            let mut command = redis::cmd("AUTH");
            if let Some(username) = username {
                command.arg(username);
            }
            self.ask(&mut connection, command.arg(password.as_str())).await?;
        }
        if self.address.database != 0 {
            let select = redis::cmd("SELECT").arg(self.address.database).to_owned();
            let selected = answer(&mut connection, &select).await;
            selected.map_err(|error| match self.refusal(&error) {
                RedisFault::Refused { address, detail } => RedisFault::Database { address, detail },
                fault => fault,
            })?;
        }
        let about = self.ask(&mut connection, &redis::cmd("INFO")).await?;
        let about: String = redis::from_redis_value(about).map_err(|error| RedisFault::Refused {
            address: self.address.clone(),
            detail: error.to_string(),
        })?;
        examine(&about, &self.address)?;
        // A server that still reads its files answers the question before, and nothing else.
        self.ask(&mut connection, &redis::cmd("PING")).await?;
        Ok(connection)
    }

    /// Makes sure that the server keeps what it acknowledges, as far as that is demanded of it.
    pub(super) async fn demand_durable(
        &self,
        connection: &mut MultiplexedConnection,
    ) -> Result<(), RedisFault> {
        if self.durability != Durability::Verified {
            return Ok(());
        }
        let address = self.address.clone();
        match tokio::time::timeout(self.timeout, durable::ask(connection)).await {
            Ok(Ok(Durable::Yes(_))) => Ok(()),
            Ok(Ok(Durable::Demands(demand))) => Err(RedisFault::NotDurable { address, demand }),
            // Where the command is forbidden, or has another name, the server says so in its own words.
            Ok(Err(error)) if error.kind() != ErrorKind::Io => {
                Err(RedisFault::SettingsHidden { address, detail: error.to_string() })
            }
            Ok(Err(error)) => Err(self.refusal(&error)),
            Err(_) => Err(RedisFault::TimedOut { address, after: self.timeout }),
        }
    }

    /// Behind a new connection may be another server: what is wrong with it is told before somebody revokes.
    pub(super) async fn warn_of_loss(&self, connection: &mut MultiplexedConnection) {
        if let Err(fault) = self.demand_durable(connection).await {
            tracing::error!(target: "chancery::store", reason = fault.reason(), "nothing can be revoked: {fault}");
        }
    }

    pub(super) async fn ask(
        &self,
        connection: &mut MultiplexedConnection,
        command: &Cmd,
    ) -> Result<Value, RedisFault> {
        answer(connection, command).await.map_err(|error| self.refusal(&error))
    }

    /// How far the attempt came: to no address, to no connection, or to no agreement on TLS.
    async fn unreachable(&self, error: &RedisError) -> RedisFault {
        let (address, detail) = (self.address.clone(), error.to_string());
        // The crate tells all of them as faults of input and output. What went wrong is found by going there again.
        let found = tokio::net::lookup_host((self.address.host.as_str(), address.port)).await;
        let addresses: Vec<SocketAddr> = match found {
            Ok(found) => found.collect(),
            Err(why) => return RedisFault::Unresolved { address, detail: why.to_string() },
        };
        if addresses.is_empty() {
            return RedisFault::Unresolved { address, detail: "it has no address".to_owned() };
        }
        if address.tls && !error.is_connection_refusal() && TcpStream::connect(&*addresses).await.is_ok() {
            RedisFault::Tls { address, detail }
        } else {
            RedisFault::Unreachable { address, detail }
        }
    }

    /// What a server's refusal asks of the operator.
    fn refusal(&self, error: &RedisError) -> RedisFault {
        let (address, detail) = (self.address.clone(), error.to_string());
        if error.kind() == ErrorKind::Io {
            return RedisFault::Unreachable { address, detail };
        }
        match error.code() {
            Some("NOAUTH") => RedisFault::PasswordMissing { address },
            Some("WRONGPASS") => RedisFault::PasswordWrong { address },
            Some("NOPERM") => RedisFault::Forbidden { address, detail },
            _ if detail.contains("without any password configured") => {
                RedisFault::PasswordUnwanted { address }
            }
            _ => RedisFault::Refused { address, detail },
        }
    }
}

pub(super) async fn answer(connection: &mut MultiplexedConnection, command: &Cmd) -> RedisResult<Value> {
    connection.send_packed_command(command).await?.extract_error()
}

fn read_password(path: &Path) -> Result<Zeroizing<String>, RedisFault> {
    let fault = |detail: String| RedisFault::PasswordFile { path: path.into(), detail };
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| fault(error.to_string()))?;
    let password = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    if password.is_empty() {
        return Err(fault("it is empty".to_owned()));
    }
    Ok(password)
}

fn client(settings: &RedisSettings) -> Result<Client, RedisFault> {
    let RedisUrl { tls, host, port, .. } = settings.redis.clone();
    let unusable = |error: RedisError| RedisFault::Unreachable {
        address: settings.redis.clone(),
        detail: error.to_string(),
    };
    let address = if tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let tcp = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE));
    // Password and database are sent where the answers can be told apart, in `attempt`.
    let about = RedisConnectionInfo::default().set_skip_set_lib_name();
    let info =
        address.into_connection_info().map_err(unusable)?.set_tcp_settings(tcp).set_redis_settings(about);
    if !tls {
        return Client::open(info).map_err(unusable);
    }
    // Two providers of cryptography may be in one program; then rustls asks which. It keeps the first answer.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let Some(path) = &settings.ca_file else { return Client::open(info).map_err(unusable) };
    let fault = |detail: String| RedisFault::CaFile { path: path.clone(), detail };
    let certificates = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
    let trusted = TlsCertificates { client_tls: None, root_cert: Some(certificates) };
    Client::build_with_tls(info, trusted).map_err(|error| fault(error.to_string()))
}
