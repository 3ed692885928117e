//! An issuer, a client, and what a gate of DocuMint is told.

use super::asker::Asker;
use crate::support::{AUDIENCE, Chancery, Folder, Gate, Http, Server, until};
use serde_json::json;

/// Two routes that ask for a scope, and one that is open.
pub(super) const ROUTES: &str = r#"[
  {"method": "GET", "path": "/invoices", "scopes": ["invoices:read"]},
  {"method": "DELETE", "path": "/invoices/{number}", "scopes": ["invoices:delete"]},
  {"method": "GET", "path": "/healthz", "scopes": [], "public": "liveness probe"}
]"#;

pub(super) struct World {
    pub(super) folder: Folder,
    pub(super) chancery: Chancery,
    /// None while it is away.
    issuer: Option<Server>,
    /// What the issuer is called, whether it is there or not.
    pub(super) issuer_url: String,
    pub(super) asker: Asker,
}

impl World {
    /// With a gate's files in its folder, and a client `reader` that reads invoices.
    pub(super) fn new() -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let issuer = Server::start(&chancery);
        chancery.create_client("reader", &[]).expect(0);
        let issuer_url = issuer.url.clone();
        let world = Self { folder, chancery, issuer: Some(issuer), issuer_url, asker: Asker::new() };
        world.folder.write("routes.json", ROUTES);
        world.configure("state = \"state\"", "max_staleness = 120");
        world
    }

    /// Writes `gate.toml`.
    pub(super) fn configure(&self, state: &str, revocation: &str) {
        let config = config(&self.issuer_url, state, revocation);
        self.folder.write("gate.toml", config);
    }

    /// Starts the gate and waits until it can judge.
    pub(super) fn gate(&self) -> Gate {
        let gate = Gate::start(&self.chancery);
        self.wait_until_ready(&gate);
        gate
    }

    pub(super) fn wait_until_ready(&self, gate: &Gate) {
        until("keys and news at the gate", || {
            (self.asker.get(&gate.at("/readyz")).status == 200).then_some(())
        });
    }

    fn issuer(&self) -> &Server {
        self.issuer.as_ref().unwrap()
    }

    /// A token of the client.
    pub(super) fn token(&self) -> String {
        let secret = self.folder.read("reader.secret");
        let answer = Http::new().ask_for_token(&self.issuer().url, "reader", secret.trim_end(), "");
        answer.body["access_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// The client ends a token of its own.
    pub(super) fn revoke(&self, token: &str) {
        let secret = self.folder.read("reader.secret");
        let answer = Http::new().present(&self.issuer().url, "revoke", "reader", secret.trim_end(), token);
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Ends the issuer as a power cut does.
    pub(super) fn issuer_goes_away(&mut self) {
        self.issuer.take().unwrap().kill();
    }

    /// Starts it again, at its address.
    pub(super) fn issuer_comes_back(&mut self) {
        let address = self.issuer_url.trim_start_matches("http://");
        self.issuer = Some(Server::start_at(&self.chancery, address));
    }

    /// The value of a series, once the gate tells it.
    pub(super) fn metric(&self, gate: &Gate, series: &str) -> Option<String> {
        let text = self.asker.get(&gate.at("/metrics")).text;
        let line =
            text.lines().find(|line| line.starts_with(series) && line[series.len()..].starts_with(' '))?;
        Some(line.rsplit(' ').next().unwrap().to_owned())
    }

    /// The events of the gate's log with this reason.
    pub(super) fn logged(gate: &Gate, reason: &str) -> usize {
        let lines: Vec<_> = gate.log().lines().map(str::to_owned).collect();
        let events = lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| json!({})));
        events.filter(|event: &serde_json::Value| event["reason"] == reason).count()
    }
}

/// A `gate.toml` for tokens of an issuer.
pub(super) fn config(issuer: &str, state: &str, revocation: &str) -> String {
    format!(
        "issuer = \"{issuer}\"\naudience = \"{AUDIENCE}\"\nenvironment = \"test\"\nroutes = \"routes.json\"\n{state}\n\
         [revocation]\n{revocation}\n"
    )
}
