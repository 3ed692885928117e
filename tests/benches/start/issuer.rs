//! The issuer as it is shipped, with a store and a client that exist already.

use crate::folder::told;
use crate::fresh::empty_folder;
use crate::process::{PATIENCE, Running, chancery, free_address};
use crate::run::run;
use crate::time::now;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A folder that an issuer was set up in.
pub(crate) struct Issuer {
    binary: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    request: String,
}

impl Issuer {
    /// Sets an issuer up under `target/bench`, and registers a client.
    pub(crate) fn with_a_client() -> Result<Self, String> {
        let (binary, folder) = (chancery()?, empty_folder("bench/start")?);
        let address = free_address()?;
        let (url, listen) = (format!("http://{address}"), address.to_string());
        let told_to = |words: &[&str]| run(Command::new(&binary).args(words).current_dir(&folder));
        told_to(&["init", "--example", "documint", "--url", &url, "--listen", &listen])?;
        let secret = folder.join("bench.secret");
        let out = secret.display().to_string();
        let decisions =
            ["--owner", "bench", "--purpose", "measures the start", "--tenant", "acme", "--expires", "30d"];
        let grant =
            ["--scope", "invoices:read=measures the start", "--unbounded", "reads nothing", "--out", &out];
        told_to(&[&["client", "create", "bench"], &decisions[..], &grant[..]].concat())?;
        let secret = std::fs::read_to_string(&secret).map_err(|fault| told(&secret, &fault))?;
        Ok(Self { binary, folder, address, request: request(address, &format!("bench:{}", secret.trim())) })
    }

    /// Starts the issuer, and stops it after its first token; how long that token took.
    pub(crate) fn first_token(&self) -> Result<Duration, String> {
        let mut command = Command::new(&self.binary);
        command.arg("serve").current_dir(&self.folder);
        let start = now();
        let mut running = Running::start(command, self.folder.join("serve.log"))?;
        let took = loop {
            if let Some(status) = self.ask() {
                let took = start.elapsed();
                if status != "200" {
                    return Err(format!(
                        "the token endpoint answered {status}; see {}",
                        running.log.display()
                    ));
                }
                break took;
            }
            running.lives()?;
            if start.elapsed() > PATIENCE {
                return Err(format!("no token within {PATIENCE:?}; see {}", running.log.display()));
            }
            std::thread::yield_now();
        };
        running.end()?;
        Ok(took)
    }

    /// The status of the answer, if somebody listens.
    fn ask(&self) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(self.request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1).map(str::to_owned)
    }
}

fn request(address: SocketAddr, credentials: &str) -> String {
    let body = "grant_type=client_credentials&scope=invoices%3Aread";
    let basic = BASE64_STANDARD.encode(credentials);
    format!(
        "POST /oauth2/token HTTP/1.1\r\nhost: {address}\r\nauthorization: Basic {basic}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
