//! An issuer as it is shipped, in a folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::background::Background;
use crate::failure::Failure;
use crate::layout;
use crate::loopback::{answers_ok, free_address};
use crate::step::Step;

/// It is ready in a tenth of a second; a machine that is busy with something else gets more.
const READY: Duration = Duration::from_secs(30);

/// A running issuer. Dropping it ends it.
pub(crate) struct Issuer {
    /// What it calls itself.
    pub(crate) url: String,
    /// All that it keeps.
    pub(crate) folder: PathBuf,
    chancery: PathBuf,
    catalog: PathBuf,
    address: SocketAddr,
    _server: Background,
}

impl Issuer {
    /// Starts an issuer in a folder that was emptied, told nothing but its address and its catalog.
    pub(crate) fn start(chancery: &Path, folder: &Path, catalog: &Path) -> Result<Self, Failure> {
        layout::make_empty(folder)?;
        let address = free_address()?;
        let serve = told(chancery, folder, catalog, address).words(["serve"]);
        let mut server = Background::start(serve, &folder.join("serve.log"))?;
        server.wait_until(READY, || answers_ok(address, "/readyz"))?;
        let [folder, chancery, catalog] = [folder, chancery, catalog].map(Path::to_path_buf);
        Ok(Self { url: url(address), folder, chancery, catalog, address, _server: server })
    }

    /// The command, with what this issuer was told.
    pub(crate) fn command(&self, words: &[&str]) -> Step {
        told(&self.chancery, &self.folder, &self.catalog, self.address).words(words)
    }

    /// Registers the client of a file, and returns the file with its secret, in this format.
    pub(crate) fn register(&self, file: &Path, format: &str) -> Result<PathBuf, Failure> {
        let secret = self.folder.join(format!("{}.{format}", layout::stem(file)));
        self.command(&["client", "create", "--file"])
            .words([file])
            .words(["--out-format", format, "--out"])
            .words([&secret])
            // What it tells a person about each of them is of no interest here.
            .lines(|_| {})?;
        Ok(secret)
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn told(chancery: &Path, folder: &Path, catalog: &Path, address: SocketAddr) -> Step {
    Step::program(chancery)
        .in_folder(folder)
        .env("CHANCERY_CONFIG__ISSUER__URL", url(address))
        .env("CHANCERY_CONFIG__ISSUER__CATALOG", catalog)
        .env("CHANCERY_CONFIG__LISTEN__ADDRESS", address.to_string())
        // Whom it asks is on this machine, whatever proxy leads out of it.
        .env("no_proxy", "127.0.0.1")
}
