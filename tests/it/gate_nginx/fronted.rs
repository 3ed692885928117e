//! DocuMint's records served in Python and JavaScript, behind nginx and a gate.

use super::config::Config;
use super::nginx::Nginx;
use super::processes::Told;
use super::service::Service;
use crate::s1_documint::{Front, World};
use crate::support::{Folder, Gate};

pub(crate) struct Fronted {
    nginx: Nginx,
    _gate: Gate,
    _invoices: Service,
    _account: Service,
    _folder: Folder,
}

impl Fronted {
    /// Starts all of it, in a folder of its own.
    pub(super) fn start(told: Told<'_>) -> Self {
        let folder = Folder::new();
        let gate = told.start(&folder);
        let (invoices, account) = (Service::invoices(&folder), Service::account(&folder));
        let config = Config::shipped(&gate.url, &invoices.url, &account.url);
        let nginx = Nginx::start(&folder, "nginx", config);
        Self { nginx, _gate: gate, _invoices: invoices, _account: account, _folder: folder }
    }

    /// A world of S1 with it in the place of DocuMint.
    pub(super) fn world() -> World<Self> {
        World::before(|_, issuer| Self::start(Told::of(&issuer.url)))
    }
}

impl Front for Fronted {
    fn url(&self) -> &str {
        &self.nginx.url
    }

    /// nginx answers 400 before it asks the gate: `heads` has the test.
    fn passes_repeated_credentials(&self) -> bool {
        false
    }
}
