//! An issuer, DocuMint's clients, and DocuMint, each a process of its own.

use super::asker::Asker;
use super::program::Program;
use crate::support::{Chancery, Folder, Http, Server, until};
use chancery_examples::documint::CLIENTS;

pub(super) struct World {
    pub(super) folder: Folder,
    pub(super) chancery: Chancery,
    pub(super) issuer: Server,
    pub(super) documint: Program,
    pub(super) asker: Asker,
}

impl World {
    pub(super) fn new() -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let issuer = Server::start(&chancery);
        for (id, file) in CLIENTS {
            folder.write(&format!("{id}.toml"), file);
            let (file, out) = (format!("{id}.toml"), format!("{id}.secret"));
            chancery.run(&["client", "create", "--file", &file, "--out", &out]).expect(0);
        }
        let documint = Program::start(&folder, &issuer.url, &["--leeway", "0"]);
        let world = Self { folder, chancery, issuer, documint, asker: Asker::new() };
        world.wait_for_keys(&world.documint);
        world
    }

    /// Waits until a service has fetched the issuer's keys.
    pub(super) fn wait_for_keys(&self, service: &Program) {
        let token = self.token("support-tool");
        until("the issuer's keys at DocuMint", || {
            (self.asker.get(&service.url, "/invoices", &token).status != 503).then_some(())
        });
    }

    /// A token with everything that the client may ask for.
    pub(super) fn token(&self, id: &str) -> String {
        self.token_until(id).0
    }

    /// The token, and the second at which it ends.
    pub(super) fn token_until(&self, id: &str) -> (String, u64) {
        let secret = self.folder.read(&format!("{id}.secret"));
        let shown = self.chancery.run(&["client", "show", id, "--json"]).expect(0).json();
        let grants = shown["grants"].as_array().unwrap();
        let scopes: Vec<&str> = grants.iter().map(|grant| grant["scope"].as_str().unwrap()).collect();
        let form = format!("&scope={}", scopes.join("+"));
        let answer = Http::new().ask_for_token(&self.issuer.url, id, secret.trim_end(), &form);
        assert_eq!(answer.status, 200, "{id}: {answer:?}");
        let token = answer.body["access_token"].as_str().unwrap().to_owned();
        (token, answer.body["expires_at"].as_u64().unwrap())
    }
}
