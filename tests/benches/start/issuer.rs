//! The issuer as it is shipped, with a store and a client that exist already.

use crate::process::{PATIENCE, Running};
use crate::set_up::{CLIENT, SetUp};
use crate::time::now;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An issuer that was set up, and what it is asked for.
pub(crate) struct Issuer {
    set_up: SetUp,
    request: String,
}

impl Issuer {
    /// Sets an issuer up under `target/bench`, and registers a client.
    pub(crate) fn with_a_client() -> Result<Self, String> {
        let set_up = SetUp::new("bench/start", "measures the start")?;
        let request = request(set_up.address, &format!("{CLIENT}:{}", set_up.secret));
        Ok(Self { set_up, request })
    }

    /// Starts the issuer, and stops it after its first token; how long that token took.
    pub(crate) fn first_token(&self) -> Result<Duration, String> {
        let command = self.set_up.serve();
        let start = now();
        let mut running = Running::start(command, self.set_up.log())?;
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
        let mut stream = TcpStream::connect(self.set_up.address).ok()?;
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
