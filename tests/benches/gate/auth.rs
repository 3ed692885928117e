//! Servers that a proxy asks whether a request may in.

use crate::affinity::Placement;
use crate::bare;
use crate::exchange;
use crate::folder::told;
use crate::process::{PATIENCE, Running, chancery, free_address};
use crate::site::Site;
use crate::spent::{self, Resident};
use crate::time::now;
use std::net::SocketAddr;
use std::time::Duration;

/// What stands before the gate's address in the first line that it says.
const LISTENS: &str = "listens at http://";

/// One of them, running.
pub(crate) struct Auth {
    running: Running,
    pub(crate) address: SocketAddr,
}

impl Auth {
    /// The gate as it is shipped, which follows the issuer of `site`; it has the news when this returns.
    pub(crate) fn gate(site: &Site, placement: Placement) -> Result<Self, String> {
        let config = site.gate_config()?;
        let mut command = placement.of_server(&chancery()?);
        command.args(["gate", "--config"]).arg(&config).args(["--listen", "127.0.0.1:0"]);
        let mut running = Running::start(command, site.folder.join("gate.log"))?;
        let start = now();
        let address = loop {
            running.lives()?;
            let log = std::fs::read_to_string(&running.log).map_err(|fault| told(&running.log, &fault))?;
            // Where the line is there, all of it is.
            let mut lines = log.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            if let Some((_, told)) = lines.find_map(|line| line.split_once(LISTENS)) {
                break told.trim().parse().map_err(|fault| format!("{told}: {fault}"))?;
            }
            patient(&running, start.elapsed(), "it does not say where it listens")?;
        };
        let mut gate = Self { running, address };
        wait_for(&mut gate.running, address, &get(address, "/readyz"))?;
        Ok(gate)
    }

    /// One that says 200, in a process of its own.
    pub(crate) fn empty(site: &Site, placement: Placement) -> Result<Self, String> {
        let address = free_address()?;
        let program =
            std::env::current_exe().map_err(|fault| format!("this program has no name: {fault}"))?;
        let mut command = placement.of_server(&program);
        command.args([bare::WORD, &address.to_string()]);
        let mut empty = Self { running: Running::start(command, site.folder.join("empty.log"))?, address };
        wait_for(&mut empty.running, address, &get(address, "/"))?;
        Ok(empty)
    }

    /// Processor time so far.
    pub(crate) fn spent(&self) -> Result<Duration, String> {
        spent::processor(self.running.child.id())
    }

    /// What it has in memory.
    pub(crate) fn resident(&self) -> Result<Resident, String> {
        spent::resident(self.running.child.id())
    }

    pub(crate) fn end(self) -> Result<(), String> {
        self.running.end()
    }
}

/// Waits until `question` is answered with 200.
pub(crate) fn wait_for(running: &mut Running, address: SocketAddr, question: &[u8]) -> Result<(), String> {
    let start = now();
    while let Err(fault) = exchange::ask(address, question, exchange::OK) {
        running.lives()?;
        patient(running, start.elapsed(), &fault)?;
    }
    Ok(())
}

/// A question that nobody needs a token for.
pub(crate) fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").into_bytes()
}

fn patient(running: &Running, waited: Duration, why: &str) -> Result<(), String> {
    std::thread::yield_now();
    if waited < PATIENCE { Ok(()) } else { Err(format!("{why}; see {}", running.log.display())) }
}
