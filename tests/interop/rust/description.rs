//! The file that says where the issuer is and who asks it; `tests/interop/README.md` has its members.

use crate::Fault;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What every client reads, and what the forger alone does.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    pub(crate) environment: String,
    pub(crate) tenant: String,
    #[serde(flatten)]
    pub(crate) asker: Asker,
    pub(crate) jwt: Product,
    pub(crate) paseto: Product,
    /// Where the service is that takes tokens for `jwt`.
    pub(crate) service: String,
    pub(crate) forgeries: PathBuf,
    pub(crate) theirs: PathBuf,
    /// What a library is registered as, beside the client that everybody shares.
    pub(crate) roles: BTreeMap<String, BTreeMap<String, Role>>,
    pub(crate) forger: Forger,
}

/// A client for one thing that a library can do.
#[derive(Debug, Deserialize)]
pub(crate) struct Role {
    pub(crate) client_id: String,
    /// Where its secret is, if it has one.
    pub(crate) client_secret_file: Option<PathBuf>,
}

/// Who asks whom.
#[derive(Debug, Deserialize)]
pub(crate) struct Asker {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret_file: PathBuf,
}

/// What is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Product {
    pub(crate) audience: String,
    pub(crate) scope: String,
}

/// What a forger has who broke into the issuer's machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Forger {
    /// Where the issuer keeps its store and its master key.
    pub(crate) folder: PathBuf,
    /// Real tokens that are worth nothing to `jwt` and `paseto` of the description.
    pub(crate) worthless: Vec<Worthless>,
}

/// A token of each format, rightly issued, for something else.
#[derive(Debug, Deserialize)]
pub(crate) struct Worthless {
    pub(crate) case: String,
    #[serde(flatten)]
    pub(crate) asker: Asker,
    pub(crate) jwt: Product,
    pub(crate) paseto: Product,
    /// Whether it is worthless only once its time is over.
    pub(crate) once_over: bool,
}

impl Description {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn read() -> Result<Self, Fault> {
        let path = std::env::var("CHANCERY_INTEROP")
            .map_err(|_| "CHANCERY_INTEROP names no description; `cargo xtask interop` sets it")?;
        let text = std::fs::read_to_string(&path).map_err(|why| format!("{path}: {why}"))?;
        serde_json::from_str(&text).map_err(|why| format!("{path}: {why}").into())
    }
}
