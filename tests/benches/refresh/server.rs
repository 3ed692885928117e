//! A server that is asked, and what a round of requests costs it.

use crate::affinity::{Aside, Placement};
use crate::crowd::{Asker, Crowd};
use crate::exchange::{self, OK};
use crate::folder::told;
use crate::process::{PATIENCE, Running};
use crate::spent::{self, Resident};
use crate::time::now;
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

/// A running server.
pub(crate) struct Server {
    running: Running,
    pub(crate) address: SocketAddr,
    placement: Placement,
}

/// What one round found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Processor time of the server for one request, in microseconds.
    pub(crate) micros: f64,
    /// Requests in a second, as those who ask count them.
    pub(crate) per_second: f64,
}

impl Server {
    /// Starts `command`, and waits until it is ready.
    pub(crate) fn start(
        command: Command,
        log: PathBuf,
        address: SocketAddr,
        placement: Placement,
    ) -> Result<Self, String> {
        let mut running = Running::start(command, log)?;
        let start = now();
        let ready = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\n\r\n");
        while let Err(fault) = exchange::ask(address, ready.as_bytes(), OK) {
            running.lives()?;
            if start.elapsed() > PATIENCE {
                return Err(format!("{fault}; see {}", running.log.display()));
            }
            std::thread::yield_now();
        }
        Ok(Self { running, address, placement })
    }

    /// Everybody in `crowd` asks so often.
    pub(crate) fn round<A: Asker>(&mut self, crowd: &mut Crowd<A>, each: usize) -> Result<Round, String> {
        let aside = match self.placement {
            Placement::Apart => Some(Aside::step()?),
            Placement::Free => None,
        };
        let before = spent::processor(self.running.child.id())?;
        let took = crowd.ask(each)?;
        let spent = spent::processor(self.running.child.id())?.saturating_sub(before);
        drop(aside);
        self.running.lives()?;
        // Hundreds of thousands of lines would only fill the disk.
        let log = File::options().write(true).open(&self.running.log).and_then(|log| log.set_len(0));
        log.map_err(|fault| told(&self.running.log, &fault))?;
        let requests = f64::from(crowd.requests(each));
        Ok(Round { micros: spent.as_secs_f64() * 1e6 / requests, per_second: requests / took.as_secs_f64() })
    }

    /// What it has in memory.
    pub(crate) fn resident(&self) -> Result<Resident, String> {
        spent::resident(self.running.child.id())
    }

    pub(crate) fn end(self) -> Result<(), String> {
        self.running.end()
    }
}
