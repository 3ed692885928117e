//! nginx with the gate beside nginx with an empty server, before the same service.

use crate::affinity::Placement;
use crate::auth::{Auth, wait_for};
use crate::bare;
use crate::load::{self, CONNECTIONS};
use crate::nginx;
use crate::pace::{self, Schedule, percentile};
use crate::process::Running;
use crate::report::Report;
use crate::site::{PATH, Site};
use crate::spent;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Tokens that are sent in turn.
const TOKENS: usize = 64;

/// Both sides, and the issuer that the gate follows.
pub(crate) struct Contest {
    site: Site,
    /// With the gate, and with the empty server.
    pub(crate) sides: [Front; 2],
}

/// A proxy, and who it asks.
pub(crate) struct Front {
    nginx: Running,
    auth: Auth,
    address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
}

/// What one side did, and what it took.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) took: Duration,
    /// How long each answer took.
    pub(crate) waits: Vec<Duration>,
    /// Processor time of the proxy.
    pub(crate) nginx: Duration,
    /// Processor time of who it asks.
    pub(crate) auth: Duration,
}

impl Contest {
    /// Starts everything. What answers stands on one processor, this program with the service behind on another.
    pub(crate) fn open(report: &mut Report) -> Result<Self, String> {
        nginx::note_version(report)?;
        let site = Site::open("contest", 0)?;
        let (service, tokens) = (bare::service()?, site.tokens(TOKENS)?);
        let gate = Front::start(&site, "gate", Auth::gate(&site, Placement::Apart)?, service, &tokens)?;
        let empty = Front::start(&site, "empty", Auth::empty(&site, Placement::Apart)?, service, &tokens)?;
        Ok(Self { site, sides: [gate, empty] })
    }

    pub(crate) fn end(self) -> Result<(), String> {
        self.sides.into_iter().try_for_each(Front::end)?;
        self.site.end()
    }
}

impl Done {
    /// Answers in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.count() / self.took.as_secs_f64()
    }

    /// Of a time that all requests took together, what each took, in microseconds.
    pub(crate) fn micros(&self, all: Duration) -> f64 {
        all.as_secs_f64() * 1e6 / self.count()
    }

    /// So many of 100 answers came within so many milliseconds.
    pub(crate) fn millis(&self, percent: usize) -> f64 {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        percentile(&waits, percent).as_secs_f64() * 1e3
    }

    fn count(&self) -> f64 {
        u32::try_from(self.waits.len()).map_or(f64::INFINITY, f64::from)
    }
}

impl Front {
    fn start(
        site: &Site,
        name: &str,
        auth: Auth,
        service: SocketAddr,
        tokens: &[String],
    ) -> Result<Self, String> {
        let (mut nginx, address) = nginx::start(site, name, &auth, service)?;
        let request = |token| {
            format!("GET {PATH} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n")
        };
        let requests: Arc<[Vec<u8>]> = tokens.iter().map(|token| request(token).into_bytes()).collect();
        wait_for(&mut nginx, address, &requests[0])?;
        Ok(Self { nginx, auth, address, requests })
    }

    /// Asks `total` times, [`CONNECTIONS`] at a time, and adds what it took to `done`.
    pub(crate) fn turn(&mut self, total: usize, done: &mut Done) -> Result<(), String> {
        let before = (spent::processor(self.nginx.child.id())?, self.auth.spent()?);
        let sent = load::send(self.address, &self.requests, total, CONNECTIONS)?;
        let after = (spent::processor(self.nginx.child.id())?, self.auth.spent()?);
        self.nginx.lives()?;
        done.took += sent.took;
        done.waits.extend(sent.waits);
        done.nginx += after.0.saturating_sub(before.0);
        done.auth += after.1.saturating_sub(before.1);
        Ok(())
    }

    /// Asks as `schedule` says; how long each answer took.
    pub(crate) fn paced(&mut self, schedule: &Schedule) -> Result<Vec<Duration>, String> {
        let waits = pace::send(self.address, &self.requests, schedule)?;
        self.nginx.lives()?;
        Ok(waits)
    }

    fn end(self) -> Result<(), String> {
        self.nginx.end()?;
        self.auth.end()
    }
}
