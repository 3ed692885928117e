//! A server that answers token requests, and what a round of them costs it.

use crate::affinity::Aside;
use crate::affinity::Placement;
use crate::exchange;
use crate::folder::told;
use crate::load;
use crate::process::{PATIENCE, Running};
use crate::spent::{self, Resident};
use crate::time::now;
use std::fs::File;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

/// A server, and what it is asked.
pub(crate) struct Serving {
    running: Running,
    address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    placement: Placement,
}

/// What one round found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Processor time of the server for one request, in microseconds.
    pub(crate) micros: f64,
    /// Requests in a second, as the client counts them.
    pub(crate) per_second: f64,
    /// Half of the answers came within so many microseconds.
    pub(crate) p50: f64,
    /// 99 of 100 answers did.
    pub(crate) p99: f64,
}

impl Serving {
    /// Starts `command`, and waits until it answers the first of `requests`.
    pub(crate) fn start(
        command: Command,
        log: std::path::PathBuf,
        address: SocketAddr,
        requests: Vec<Vec<u8>>,
        placement: Placement,
    ) -> Result<Self, String> {
        let mut running = Running::start(command, log)?;
        let start = now();
        while let Err(fault) = exchange::ask(address, &requests[0], exchange::OK) {
            running.lives()?;
            if start.elapsed() > PATIENCE {
                return Err(format!("{fault}; see {}", running.log.display()));
            }
            std::thread::yield_now();
        }
        Ok(Self { running, address, requests: requests.into(), placement })
    }

    /// One answer: what stands before its body, and the body.
    pub(crate) fn ask(&self) -> Result<(String, String), String> {
        exchange::ask(self.address, &self.requests[0], exchange::OK)
    }

    /// Asks `total` times, over so many connections.
    pub(crate) fn round(&mut self, total: usize, connections: usize) -> Result<Round, String> {
        let aside = match self.placement {
            Placement::Apart => Some(Aside::step()?),
            Placement::Free => None,
        };
        let before = spent::processor(self.pid())?;
        let sent = load::send(self.address, &self.requests, total, connections)?;
        let spent = spent::processor(self.pid())?.saturating_sub(before);
        drop(aside);
        self.running.lives()?;
        // A million lines would only fill the disk.
        let log = File::options().write(true).open(&self.running.log).and_then(|log| log.set_len(0));
        log.map_err(|fault| told(&self.running.log, &fault))?;
        let total = f64::from(u32::try_from(total).map_err(|_| "too many requests for one round")?);
        let within = |percent: usize| {
            let wait = sent.waits.get(sent.waits.len() * percent / 100);
            wait.map_or(f64::NAN, |wait| wait.as_secs_f64() * 1e6)
        };
        Ok(Round {
            micros: spent.as_secs_f64() * 1e6 / total,
            per_second: total / sent.took.as_secs_f64(),
            p50: within(50),
            p99: within(99),
        })
    }

    /// What it has in memory.
    pub(crate) fn resident(&self) -> Result<Resident, String> {
        spent::resident(self.pid())
    }

    pub(crate) fn end(self) -> Result<(), String> {
        self.running.end()
    }

    fn pid(&self) -> u32 {
        self.running.child.id()
    }
}
