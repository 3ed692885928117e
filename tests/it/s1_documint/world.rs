//! An issuer, DocuMint's clients, and who serves DocuMint's records, each a process of its own.

use super::asker::Asker;
use super::program::Program;
use crate::support::{Chancery, Folder, Http, Server, until};
use chancery_examples::documint::CLIENTS;

/// Who is asked for DocuMint's records: DocuMint, or others who serve the same.
pub(crate) trait Front {
    /// Where it listens.
    fn url(&self) -> &str;

    /// Whether two `Authorization` headers come as far as the guard.
    fn passes_repeated_credentials(&self) -> bool;
}

/// Dropped from the top: the folder goes when nobody writes into it any more.
pub(crate) struct World<F = Program> {
    pub(crate) documint: F,
    pub(crate) issuer: Server,
    pub(crate) asker: Asker,
    pub(crate) chancery: Chancery,
    pub(crate) folder: Folder,
}

impl World {
    pub(super) fn new() -> Self {
        Self::before(|folder, issuer| Program::start(folder, &issuer.url, &["--leeway", "0"]))
    }
}

impl<F: Front> World<F> {
    /// One before whose records stands what `start` starts.
    pub(crate) fn before(start: impl FnOnce(&Folder, &Server) -> F) -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let issuer = Server::start(&chancery);
        for (id, file) in CLIENTS {
            folder.write(&format!("{id}.toml"), file);
            let (file, out) = (format!("{id}.toml"), format!("{id}.secret"));
            chancery.run(&["client", "create", "--file", &file, "--out", &out]).expect(0);
        }
        let documint = start(&folder, &issuer);
        let world = Self { folder, chancery, issuer, documint, asker: Asker::new() };
        world.wait_for_keys(&world.documint);
        world
    }

    /// Where the records are asked for.
    pub(crate) fn url(&self) -> &str {
        self.documint.url()
    }

    /// Waits until a service has fetched the issuer's keys.
    pub(crate) fn wait_for_keys(&self, service: &impl Front) {
        let token = self.token("support-tool");
        until("the issuer's keys at DocuMint", || {
            (self.asker.get(service.url(), "/invoices", &token).status != 503).then_some(())
        });
    }

    /// A token with everything that the client may ask for.
    pub(crate) fn token(&self, id: &str) -> String {
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
