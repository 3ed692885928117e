//! The issuer as it is shipped, with everything on.

use crate::affinity::Placement;
use crate::exchange;
use crate::folder::told;
use crate::fresh::empty_folder;
use crate::process::{PATIENCE, Running, chancery, free_address};
use crate::request;
use crate::run::run;
use crate::serving::Serving;
use crate::time::now;
use chancery_issuer::store::{SqliteStore, Store as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// The path of the embedded store, as `chancery init` writes it.
const STORE: &str = ".chancery/store.db";
/// Clients of an issuer where their number does not matter.
pub(crate) const CLIENTS: usize = 10;
/// Inserts at once when clients are copied.
const IN_FLIGHT: usize = 64;

/// Where an issuer keeps what it has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kept<'k> {
    Embedded,
    /// At this URL.
    Redis(&'k str),
}

/// Lets the issuer take its store into use, which only a start does.
fn first_start(binary: &Path, folder: &Path, address: SocketAddr) -> Result<(), String> {
    let mut command = Command::new(binary);
    command.arg("serve").current_dir(folder);
    let mut running = Running::start(command, folder.join("first.log"))?;
    let start = now();
    let ready = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\n\r\n");
    while let Err(fault) = exchange::ask(address, ready.as_bytes(), exchange::OK) {
        running.lives()?;
        if start.elapsed() > PATIENCE {
            return Err(format!("{fault}; see {}", running.log.display()));
        }
        std::thread::yield_now();
    }
    running.end()
}

/// A folder that an issuer was set up in, with clients.
pub(crate) struct Issuer {
    binary: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    /// Ids and secrets.
    clients: Vec<(String, String)>,
}

impl Issuer {
    /// Sets an issuer up under `target/bench/http`, with so many clients.
    pub(crate) fn set_up(name: &str, kept: Kept<'_>, clients: usize) -> Result<Self, String> {
        let (binary, folder) = (chancery()?, empty_folder(&format!("bench/http/{name}"))?);
        let address = free_address()?;
        let (url, listen) = (format!("http://{address}"), address.to_string());
        let told_to = |words: &[&str]| run(Command::new(&binary).args(words).current_dir(&folder));
        told_to(&["init", "--example", "documint", "--url", &url, "--listen", &listen])?;
        if let Kept::Redis(url) = kept {
            let file = folder.join("chancery.toml");
            let text = std::fs::read_to_string(&file).map_err(|fault| told(&file, &fault))?;
            let there = format!("path = \"{STORE}\"");
            if !text.contains(&there) {
                return Err(format!("{} has no line {there}", file.display()));
            }
            std::fs::write(&file, text.replace(&there, &format!("redis = \"{url}\"")))
                .map_err(|fault| told(&file, &fault))?;
            first_start(&binary, &folder, address)?;
        }
        let mut registered = Vec::new();
        for number in 0..clients {
            let (id, secret) = (format!("client-{number:06}"), folder.join(format!("{number}.secret")));
            let out = secret.display().to_string();
            let decisions = ["--owner", "bench", "--purpose", "measures the issuer", "--tenant", "acme"];
            let may = ["--scope", "invoices:read=measures the issuer", "--bound", "project=acme-*"];
            let ends = ["--expires", "30d", "--out", &out];
            told_to(&[&["client", "create", &id], &decisions[..], &may[..], &ends[..]].concat())?;
            let secret = std::fs::read_to_string(&secret).map_err(|fault| told(&secret, &fault))?;
            registered.push((id, secret.trim().to_owned()));
        }
        Ok(Self { binary, folder, address, clients: registered })
    }

    /// Fills the embedded store up to `total` clients: copies of the first, with its secret.
    pub(crate) fn multiply(&mut self, total: usize) -> Result<(), String> {
        let (first, secret) = self.clients.first().ok_or("nobody to copy")?.clone();
        let id = first.parse().map_err(|fault| format!("{first}: {fault}"))?;
        let store = Arc::new(SqliteStore::open(&self.store()).map_err(|fault| fault.to_string())?);
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
        runtime.block_on(async {
            let stored = store.client(&id).await.map_err(|fault| fault.to_string())?;
            let original = stored.ok_or("the first client is not in its store")?;
            let mut inserts = tokio::task::JoinSet::new();
            for number in self.clients.len()..total {
                let id = format!("client-{number:06}");
                let mut copy = original.clone();
                copy.id = id.parse().map_err(|fault| format!("{id}: {fault}"))?;
                let store = Arc::clone(&store);
                inserts.spawn(
                    async move { store.insert_client(&copy).await.map_err(|fault| fault.to_string()) },
                );
                self.clients.push((id, secret.clone()));
                while inserts.len() >= IN_FLIGHT
                    && let Some(ended) = inserts.join_next().await
                {
                    ended.map_err(|fault| fault.to_string())??;
                }
            }
            while let Some(ended) = inserts.join_next().await {
                ended.map_err(|fault| fault.to_string())??;
            }
            Ok(())
        })
    }

    /// Starts it; the first `asking` of its clients will ask, in turn.
    pub(crate) fn serve(&self, asking: usize, placement: Placement) -> Result<Serving, String> {
        let mut command = placement.of_server(&self.binary);
        command.arg("serve").current_dir(&self.folder);
        let request =
            |(id, secret): &(String, String)| request::token(self.address, "/oauth2/token", id, secret);
        let requests = self.clients.iter().take(asking).map(request).collect();
        Serving::start(command, self.folder.join("serve.log"), self.address, requests, placement)
    }

    /// Bytes of the embedded store, its log included.
    pub(crate) fn store_bytes(&self) -> u64 {
        let bytes = |path: PathBuf| std::fs::metadata(path).map_or(0, |about| about.len());
        let log = self.store().with_extension("db-wal");
        bytes(self.store()) + bytes(log)
    }

    /// The secret of its first client: what the ceiling is asked with too.
    pub(crate) fn secret(&self) -> &str {
        self.clients.first().map_or("", |(_, secret)| secret)
    }

    /// Where it was set up.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn store(&self) -> PathBuf {
        self.folder.join(STORE)
    }
}
