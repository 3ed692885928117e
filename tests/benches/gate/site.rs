//! An issuer, and what a gate needs to know of it.

use crate::auth::{get, wait_for};
use crate::exchange;
use crate::folder::{target, told};
use crate::process::Running;
use crate::request::{self, RESOURCE};
use crate::revoked;
use crate::set_up::{CLIENT, SetUp};
use chancery_examples::documint::{self, Archive};
use std::path::PathBuf;

/// The route that is asked for.
pub(crate) const PATH: &str = "/invoices/A-1";

/// An issuer that runs.
pub(crate) struct Site {
    set_up: SetUp,
    issuer: Running,
    pub(crate) folder: PathBuf,
}

impl Site {
    /// Sets one up under `target/bench/gate`, with so many revoked ids in its log, and starts it.
    pub(crate) fn open(name: &str, revoked: u64) -> Result<Self, String> {
        let below = format!("bench/gate/{name}");
        let set_up = SetUp::new(&below, "measures the gate")?;
        let folder = target(&below).canonicalize().map_err(|fault| told(&target(&below), &fault))?;
        if revoked > 0 {
            revoked::append(&folder, revoked)?;
        }
        let mut issuer = Running::start(set_up.serve(), set_up.log())?;
        wait_for(&mut issuer, set_up.address, &get(set_up.address, "/readyz"))?;
        Ok(Self { set_up, issuer, folder })
    }

    /// So many tokens that are good for [`PATH`].
    pub(crate) fn tokens(&self, count: usize) -> Result<Vec<String>, String> {
        let address = self.set_up.address;
        let question = request::token(address, "/oauth2/token", CLIENT, &self.set_up.secret);
        let token = |_| {
            let (_, body) = exchange::ask(address, &question, exchange::OK)?;
            let answer: serde_json::Value = serde_json::from_str(&body).map_err(|fault| fault.to_string())?;
            answer["access_token"].as_str().map(str::to_owned).ok_or_else(|| format!("no token: {body}"))
        };
        (0..count).map(token).collect()
    }

    /// The configuration of a gate before DocuMint, with everything on.
    pub(crate) fn gate_config(&self) -> Result<PathBuf, String> {
        let table = documint::routes(Archive::new()).table();
        let routes = serde_json::to_string(&table).map_err(|fault| fault.to_string())?;
        let config = format!(
            "issuer = \"http://{}\"\naudience = \"{RESOURCE}\"\nenvironment = \"test\"\nroutes = \"routes.json\"\n\
             state = \"gate\"\n\n[revocation]\nmax_staleness = 60\n",
            self.set_up.address
        );
        let file = self.folder.join("gate.toml");
        for (path, text) in [(&self.folder.join("routes.json"), routes), (&file, config)] {
            std::fs::write(path, text).map_err(|fault| told(path, &fault))?;
        }
        Ok(file)
    }

    pub(crate) fn end(self) -> Result<(), String> {
        self.issuer.end()
    }
}
