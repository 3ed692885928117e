//! An issuer and an agent as they are shipped, with a session that refreshes.

use crate::affinity::Placement;
use crate::exchange;
use crate::folder::told;
use crate::fresh::empty_folder;
use crate::line::{Line, TOKEN};
use crate::process::{PATIENCE, Running, chancery, free_address};
use crate::run::run;
use crate::spent::{self, Resident};
use crate::time::now;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

/// What the client is called.
const CLIENT: &str = "agent";

/// Both of them, running.
pub(crate) struct Site {
    address: SocketAddr,
    issuer: Running,
    agent: Running,
    pub(crate) folder: PathBuf,
    pub(crate) socket: PathBuf,
}

impl Site {
    /// Sets them up under `target/bench/agent`, and starts them.
    pub(crate) fn open(name: &str, placement: Placement) -> Result<Self, String> {
        let (binary, folder) = (chancery()?, empty_folder(&format!("bench/agent/{name}"))?);
        let address = free_address()?;
        let (url, listen) = (format!("http://{address}"), address.to_string());
        let told_to = |words: &[&str]| run(Command::new(&binary).args(words).current_dir(&folder));
        told_to(&["init", "--example", "documint", "--url", &url, "--listen", &listen])?;
        let decisions = ["--owner", "bench", "--purpose", "measures the agent", "--tenant", "acme"];
        let may = ["--scope", "invoices:read=measures the agent", "--bound", "project=acme-*"];
        let goes_on = ["--refresh", "--expires", "30d", "--out", "agent.secret"];
        told_to(&[&["client", "create", CLIENT], &decisions[..], &may[..], &goes_on[..]].concat())?;
        let mut serve = Command::new(&binary);
        serve.arg("serve").current_dir(&folder);
        let mut issuer = Running::start(serve, folder.join("serve.log"))?;
        let ready = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\n\r\n");
        wait_until(&mut issuer, || exchange::ask(address, ready.as_bytes(), exchange::OK).map(drop))?;

        let at_home = ["--home", "sessions"];
        let by = ["--issuer", &url, "--client-id", CLIENT, "--secret-file", "agent.secret"];
        told_to(&[&["agent", "login"], &at_home[..], &by[..]].concat())?;
        let socket = folder.join("s");
        let mut serve = placement.of_server(&binary);
        serve.args(["agent", "serve"]).args(at_home).args(["--socket", "s"]).current_dir(&folder);
        let mut agent = Running::start(serve, folder.join("agent.log"))?;
        wait_until(&mut agent, || Line::to(&socket)?.ask(TOKEN).map(drop))?;
        Ok(Self { address, issuer, agent, folder, socket })
    }

    /// How many refresh tokens the issuer took, whatever became of them.
    pub(crate) fn refreshes(&self) -> Result<u64, String> {
        let question = format!("GET /metrics HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        let (_, body) = exchange::ask(self.address, question.as_bytes(), exchange::OK)?;
        let series: Vec<&str> =
            body.lines().filter(|line| line.starts_with("chancery_refreshes_total{")).collect();
        let counts =
            series.iter().map(|line| line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok()));
        let counts: Option<Vec<u64>> = counts.collect();
        counts
            .filter(|counts| !counts.is_empty())
            .map(|counts| counts.iter().sum())
            .ok_or_else(|| format!("the issuer counts no refreshes: {body}"))
    }

    /// The process of the agent.
    pub(crate) fn agent(&self) -> u32 {
        self.agent.child.id()
    }

    /// What the agent has in memory.
    pub(crate) fn resident(&self) -> Result<Resident, String> {
        spent::resident(self.agent.child.id())
    }

    pub(crate) fn end(mut self) -> Result<(), String> {
        self.agent.lives()?;
        self.agent.end()?;
        self.issuer.end()
    }
}

/// Until what is asked goes well.
pub(crate) fn wait_until(
    running: &mut Running,
    mut goes_well: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    let start = now();
    while let Err(fault) = goes_well() {
        running.lives()?;
        if start.elapsed() > PATIENCE {
            return Err(format!("{fault}; see {}", running.log.display()));
        }
        std::thread::yield_now();
    }
    Ok(())
}

/// A file with this in it.
pub(crate) fn write(file: PathBuf, text: &str) -> Result<PathBuf, String> {
    std::fs::write(&file, text).map_err(|fault| told(&file, &fault))?;
    Ok(file)
}
