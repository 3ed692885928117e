//! A gate of DocuMint's routes.

use crate::support::{AUDIENCE, Chancery, Folder, Gate};

/// DocuMint's routes, as the composition ships them.
const ROUTES: &str = include_str!("../../../crates/examples/composition/routes.json");

/// What a gate is told that is not the same for all of them.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) environment: &'a str,
}

impl<'a> Told<'a> {
    pub(super) fn of(issuer: &'a str) -> Self {
        Self { issuer, audience: AUDIENCE, environment: "test" }
    }

    /// Writes `gate.toml` and `routes.json`, and starts it.
    pub(super) fn start(self, folder: &Folder) -> Gate {
        let Self { issuer, audience, environment } = self;
        folder.write("routes.json", ROUTES);
        let config = format!(
            "issuer = \"{issuer}\"\naudience = \"{audience}\"\nenvironment = \"{environment}\"\nleeway = 0\n\
             routes = \"routes.json\"\nstate = \"nowhere\"\n[revocation]\nmax_staleness = 120\n"
        );
        folder.write("gate.toml", config);
        Gate::start(&Chancery::in_folder(folder))
    }
}
