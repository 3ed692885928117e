//! What a gate is told at its start: one file, `gate.toml`.
//!
//! A file that is wrong is refused whole, with every fault in it, each with its line.

mod read;
mod revocation;
mod written;

#[cfg(test)]
mod tests;

use chancery_issuer::config::{BadConfig, LogConfig};
use chancery_token::{ClientId, Environment, Format};
use chancery_verifier::Freshness;
use chancery_verifier::follow::{DiskState, VerifierName};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A configuration in which everything fits together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) listen: SocketAddr,
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) environment: Environment,
    pub(super) format: Format,
    pub(super) routes: PathBuf,
    pub(super) leeway: Duration,
    pub(super) max_lifetime: Duration,
    pub(super) state: DiskState,
    pub(super) revocation: RevocationConfig,
    pub(super) log: LogConfig,
}

/// What it does about revocation; there is no default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RevocationConfig {
    Follow { freshness: Freshness, introduced: Option<Introduced> },
    Ignore { because: String },
}

/// As whom it follows the log, so that the issuer can say how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Introduced {
    pub(super) name: VerifierName,
    pub(super) client_id: ClientId,
    pub(super) secret_file: PathBuf,
}

impl Config {
    /// Reads the file. Relative paths in it start at its own folder.
    pub(super) fn read(file: &Path) -> Result<Self, BadConfig> {
        written::Written::of_file(file).and_then(read::config)
    }
}
