//! An issuer as `chancery init` sets it up, with one client.

use crate::folder::told;
use crate::fresh::empty_folder;
use crate::process::{chancery, free_address};
use crate::run::run;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

/// The client of a [`SetUp`].
pub(crate) const CLIENT: &str = "bench";

/// A folder that an issuer was set up in.
pub(crate) struct SetUp {
    folder: PathBuf,
    binary: PathBuf,
    pub(crate) address: SocketAddr,
    /// That of [`CLIENT`].
    pub(crate) secret: String,
}

impl SetUp {
    /// Sets an issuer up in `folder` under `target`, and registers a client that may read invoices.
    pub(crate) fn new(folder: &str, purpose: &str) -> Result<Self, String> {
        let (binary, folder) = (chancery()?, empty_folder(folder)?);
        let address = free_address()?;
        let (url, listen) = (format!("http://{address}"), address.to_string());
        let told_to = |words: &[&str]| run(Command::new(&binary).args(words).current_dir(&folder));
        told_to(&["init", "--example", "documint", "--url", &url, "--listen", &listen])?;
        let secret = folder.join("bench.secret");
        let (out, grant) = (secret.display().to_string(), format!("invoices:read={purpose}"));
        let decisions = ["--owner", "bench", "--purpose", purpose, "--tenant", "acme", "--expires", "30d"];
        let reach = ["--scope", &grant, "--unbounded", "reads nothing", "--out", &out];
        told_to(&[&["client", "create", CLIENT], &decisions[..], &reach[..]].concat())?;
        let secret = std::fs::read_to_string(&secret).map_err(|fault| told(&secret, &fault))?;
        Ok(Self { folder, binary, address, secret: secret.trim().to_owned() })
    }

    /// What starts it.
    pub(crate) fn serve(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("serve").current_dir(&self.folder);
        command
    }

    /// Where it says what it does.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("serve.log")
    }
}
