//! The servers of the composition, each a process of its own on this machine.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::background::Background;
use crate::failure::Failure;
use crate::issuer::Issuer;
use crate::layout;
use crate::loopback::{answers_ok, free_address};
use crate::step::Step;
use crate::stopwatch::Stopwatch;

/// Each is ready in a fraction of a second; a machine that is busy with something else gets more.
const READY: Duration = Duration::from_secs(30);

/// How often the issuer is asked who follows it.
const PULSE: Duration = Duration::from_millis(50);

/// A drill waits half a minute for whoever never refuses the token.
const DRILL: Duration = Duration::from_mins(2);

/// Who has to be counted by the drill: the gate, and the follower in Python.
const FOLLOWERS: [&str; 2] = ["gate/gate-1", "invoices/invoices-1"];

/// All of it. Dropped from the top: nobody is asked who is gone already.
pub(super) struct Composition {
    nginx: Server,
    invoices: Server,
    account: Server,
    gate: Server,
    issuer: Issuer,
    /// The curl config of the client that tries it.
    pub(super) caller: PathBuf,
}

/// A server that has said where it listens.
struct Server {
    address: SocketAddr,
    _process: Background,
}

impl Composition {
    /// Starts it in a folder that is emptied, and waits until everybody has heard from the issuer.
    pub(super) fn start(chancery: &Path, python: &Path, folder: &Path) -> Result<Self, Failure> {
        layout::make_empty(folder)?;
        let example = layout::root().join("crates/examples");
        let composition = example.join("composition");
        let catalog = example.join("src/documint/catalog.toml");
        let issuer = Issuer::start(chancery, &folder.join("issuer"), &catalog)?;
        let client = |id: &str| composition.join("clients").join(format!("{id}.toml"));
        issuer.register(&client("gate"), "secret")?;
        let secret = issuer.register(&client("invoices"), "secret")?;
        let caller = issuer.register(&client("caller"), "curl")?;

        let fill = |name: &str, known: &[(&str, &str)]| fill(&composition.join(name), folder, known);
        fill("routes.json", &[])?;
        let configuration = fill("gate.toml", &[("@ISSUER@", &issuer.url)])?;
        // The issuer is on this machine, whatever proxy leads out of it.
        let gate = Step::program(chancery).env("no_proxy", "127.0.0.1");
        let gate = gate.words(["gate", "--config"]).words([configuration]);
        let gate = Server::that_says(gate, &folder.join("gate.log"))?;

        let invoices = Step::program(python)
            .words([composition.join("invoices.py")])
            .words([
                "--port",
                "0",
                "--issuer",
                &issuer.url,
                "--name",
                "invoices-1",
                "--client-id",
                "invoices",
            ])
            .words(["--secret-file".as_ref(), secret.as_path()])
            .words(["--state".as_ref(), folder.join("invoices-state").as_path()])
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let invoices = Server::that_says(invoices, &folder.join("invoices.log"))?;
        let account = Step::program("node").words([composition.join("account.mjs")]).words(["--port", "0"]);
        let account = Server::that_says(account, &folder.join("account.log"))?;

        let listen = free_address()?;
        let behind = [&gate, &invoices, &account].map(|server| server.address.to_string());
        let [at_gate, at_invoices, at_account] = &behind;
        let known = [("@GATE@", at_gate), ("@INVOICES@", at_invoices), ("@ACCOUNT@", at_account)];
        let known = known.map(|(mark, address)| (mark, address.as_str()));
        let configuration = fill("nginx.conf", &[&known[..], &[("@LISTEN@", &listen.to_string())]].concat())?;
        let nginx = nginx(&configuration, folder)?;
        let nginx = Server::that_answers(nginx, listen, &folder.join("nginx.log"))?;

        let composition = Self { nginx, invoices, account, gate, issuer, caller };
        composition.wait_for_followers()?;
        Ok(composition)
    }

    /// Where to ask.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.nginx.address)
    }

    /// The folder with all of it.
    pub(super) fn folder(&self) -> &Path {
        self.issuer.folder.parent().unwrap_or(&self.issuer.folder)
    }

    /// Revokes a token in earnest, and fails unless nginx, the gate and the follower in Python have refused it.
    pub(super) fn drill(&self) -> Result<(), Failure> {
        let probe = format!("{}/invoices", self.url());
        let words = ["drill", "--issuer", &self.issuer.url, "--scope", "invoices:read", "--tenant", "acme"];
        let mut told = Vec::new();
        self.issuer.command(&words).words(["--probe", &probe]).within(DRILL).lines(|line| {
            println!("{line}");
            told.push(line.to_owned());
        })?;
        let uncounted: Vec<&str> = [&FOLLOWERS[..], &[&probe]]
            .concat()
            .into_iter()
            .filter(|name| !told.iter().any(|line| line.split_whitespace().next() == Some(name)))
            .collect();
        if uncounted.is_empty() {
            return Ok(());
        }
        Err(Failure::broken(format!("the drill did not count {}", uncounted.join(", "))))
    }

    /// A drill counts whoever polls when it begins.
    fn wait_for_followers(&self) -> Result<(), Failure> {
        let watch = Stopwatch::start();
        loop {
            let status =
                self.issuer.command(&["revocation", "status", "--json", "--issuer", &self.issuer.url]);
            let status: Option<Value> = status.answer().and_then(|text| serde_json::from_str(&text).ok());
            let connected = status.and_then(|status| status.pointer("/verifiers/connected")?.as_u64());
            let expected = u64::try_from(FOLLOWERS.len()).ok();
            if connected == expected && answers_ok(self.gate.address, "/readyz") {
                return Ok(());
            }
            if watch.elapsed() > READY {
                return Err(Failure::broken(format!(
                    "the gate and the service in Python do not follow the issuer; their logs are in {}",
                    layout::shown(self.folder())
                )));
            }
            std::thread::sleep(PULSE);
        }
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "issuer             {}", self.issuer.url)?;
        writeln!(f, "gate               http://{}", self.gate.address)?;
        writeln!(f, "invoices (Python)  http://{}", self.invoices.address)?;
        writeln!(f, "account (Node)     http://{}", self.account.address)?;
        writeln!(f, "nginx              {}   <- ask here", self.url())?;
        writeln!(f, "files and logs     {}", layout::shown(self.folder()))
    }
}

impl Server {
    /// Starts one that takes a free port and says which.
    fn that_says(step: Step, log: &Path) -> Result<Self, Failure> {
        let address = || address_in(&std::fs::read_to_string(log).unwrap_or_default());
        let mut process = Background::start(step, log)?;
        process.wait_until(READY, || address().is_some())?;
        let address =
            address().ok_or_else(|| Failure::broken(format!("{} has changed", layout::shown(log))))?;
        Ok(Self { address, _process: process })
    }

    /// Starts one that was told its address.
    fn that_answers(step: Step, address: SocketAddr, log: &Path) -> Result<Self, Failure> {
        let mut process = Background::start(step, log)?;
        process.wait_until(READY, || answers_ok(address, "/healthz"))?;
        Ok(Self { address, _process: process })
    }
}

/// What `… listens at http://ADDRESS` says.
fn address_in(log: &str) -> Option<SocketAddr> {
    log.lines().find_map(|line| line.split_once("listens at http://")?.1.trim().parse().ok())
}

/// Copies a file of the example, with what is known in the place of its marks.
fn fill(file: &Path, into: &Path, known: &[(&str, &str)]) -> Result<PathBuf, Failure> {
    let mut text = std::fs::read_to_string(file).map_err(|e| Failure::io(&layout::shown(file), &e))?;
    for (mark, value) in known {
        text = text.replace(mark, value);
    }
    let filled = into.join(file.file_name().unwrap_or_default());
    std::fs::write(&filled, text).map_err(|e| Failure::io(&layout::shown(&filled), &e))?;
    Ok(filled)
}

/// nginx with all that it writes in a folder of ours. Debian keeps it where only root looks for programs.
fn nginx(configuration: &Path, folder: &Path) -> Result<Step, Failure> {
    let home = folder.join("nginx");
    layout::make(&home)?;
    Ok(Step::program("sh")
        .words([
            "-c",
            "PATH=$PATH:/usr/sbin exec nginx \"$@\"",
            "nginx",
            "-e",
            "stderr",
            "-g",
            "daemon off; user root;",
        ])
        .words(["-p".as_ref(), home.as_path()])
        .words(["-c".as_ref(), configuration]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_its_address_in_any_line_of_its_log() {
        let log = "a warning\nThe gate of https://x listens at http://127.0.0.1:8422\nmore\n";
        assert_eq!(address_in(log), Some(SocketAddr::from(([127, 0, 0, 1], 8422))));
        assert_eq!(address_in("The gate of https://x listens at http://127.0.0."), None);
    }

    #[test]
    fn every_mark_of_the_example_is_filled_in() {
        let example = layout::root().join("crates/examples/composition");
        let folder = layout::target("xtask/filled");
        layout::make(&folder).unwrap();
        let marks = ["@ISSUER@", "@GATE@", "@INVOICES@", "@ACCOUNT@", "@LISTEN@"];
        for name in ["gate.toml", "nginx.conf"] {
            let filled = fill(&example.join(name), &folder, &marks.map(|mark| (mark, "x"))).unwrap();
            let text = std::fs::read_to_string(filled).unwrap();
            let said = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<String>();
            assert!(!said.contains('@') || said.contains("@refused"), "{name}");
        }
    }
}
