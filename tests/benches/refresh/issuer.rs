//! The issuer as it is shipped, with everything on, and clients that get refresh tokens.

use crate::affinity::Placement;
use crate::crowd::IN_FLIGHT;
use crate::folder::told;
use crate::form::Registered;
use crate::fresh::empty_folder;
use crate::process::{chancery, free_address};
use crate::run::run;
use crate::server::Server;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// As `chancery init` writes it.
const STORE: &str = "path = \".chancery/store.db\"";
const REVOCATION: &str = "[revocation]\n";

/// Where an issuer keeps what it has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kept<'k> {
    Embedded,
    /// At this URL, with these lines about how durable that is.
    Redis(&'k str, &'k str),
}

/// A folder that an issuer was set up in, with a client for each connection.
pub(crate) struct Issuer {
    binary: PathBuf,
    pub(crate) folder: PathBuf,
    address: SocketAddr,
    pub(crate) clients: Vec<Registered>,
}

impl Issuer {
    /// Sets one up under `target/bench/refresh`.
    pub(crate) fn set_up(name: &str, kept: Kept<'_>) -> Result<Self, String> {
        let (binary, folder) = (chancery()?, empty_folder(&format!("bench/refresh/{name}"))?);
        let address = free_address()?;
        let (url, listen) = (format!("http://{address}"), address.to_string());
        let told_to = |words: &[&str]| run(Command::new(&binary).args(words).current_dir(&folder));
        told_to(&["init", "--example", "documint", "--url", &url, "--listen", &listen])?;
        let mut issuer =
            Self { binary: binary.clone(), folder: folder.clone(), address, clients: Vec::new() };
        if let Kept::Redis(url, durability) = kept {
            let file = folder.join("chancery.toml");
            write_instead(&file, STORE, &format!("redis = \"{url}\""))?;
            write_instead(&file, REVOCATION, &format!("{REVOCATION}{durability}"))?;
            // Only a start takes a store into use.
            issuer.serve(Placement::Free)?.end()?;
        }
        for number in 0..IN_FLIGHT {
            let (id, secret) = (format!("client-{number:06}"), folder.join(format!("{number}.secret")));
            let out = secret.display().to_string();
            let decisions = ["--owner", "bench", "--purpose", "measures the issuer", "--tenant", "acme"];
            let may = ["--scope", "invoices:read=measures the issuer", "--bound", "project=acme-*"];
            let goes_on = ["--refresh", "--most-families", "1024", "--expires", "30d", "--out", &out];
            told_to(&[&["client", "create", &id], &decisions[..], &may[..], &goes_on[..]].concat())?;
            let secret = std::fs::read_to_string(&secret).map_err(|fault| told(&secret, &fault))?;
            issuer.clients.push(Registered { id, secret: secret.trim().to_owned() });
        }
        Ok(issuer)
    }

    /// Starts it.
    pub(crate) fn serve(&self, placement: Placement) -> Result<Server, String> {
        let mut command = placement.of_server(&self.binary);
        command.arg("serve").current_dir(&self.folder);
        Server::start(command, self.folder.join("serve.log"), self.address, placement)
    }
}

fn write_instead(file: &Path, there: &str, instead: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|fault| told(file, &fault))?;
    if !text.contains(there) {
        return Err(format!("{} has nothing like {there}", file.display()));
    }
    std::fs::write(file, text.replace(there, instead)).map_err(|fault| told(file, &fault))
}
