//! A running issuer that is administered through both of its doors.

use super::chancery::{Chancery, Ran};
use super::folder::Folder;
use super::server::Server;

/// `chancery serve` with DocuMint's catalog, and its first administrator's secret.
pub(crate) struct Administered {
    pub(crate) folder: Folder,
    pub(crate) chancery: Chancery,
    pub(crate) server: Server,
}

impl Administered {
    pub(crate) fn start() -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let server = Server::start(&chancery);
        Self { folder, chancery, server }
    }

    /// Runs a verb on the store of this machine.
    pub(crate) fn local(&self, words: &[&str]) -> Ran {
        self.chancery.run(words)
    }

    /// Runs a verb over HTTP, as the first administrator.
    pub(crate) fn remote(&self, words: &[&str]) -> Ran {
        self.chancery.run(&[words, &["--issuer", &self.server.url]].concat())
    }

    /// The secret in a file.
    pub(crate) fn secret(&self, file: &str) -> String {
        self.folder.read(file).trim_end().to_owned()
    }

    /// The ids of all clients but the first administrator.
    pub(crate) fn ids(&self) -> Vec<String> {
        let list = self.local(&["client", "list", "--json"]).expect(0).json();
        let ids = list["clients"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned());
        ids.filter(|id| id != "admin").collect()
    }
}
