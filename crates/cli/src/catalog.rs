//! `chancery catalog`

mod check_routes;
mod lint;
mod show;
mod source;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The verbs about the catalog. They read files and nothing else.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CatalogVerb {
    CheckRoutes(check_routes::CheckRoutes),
    Lint(lint::Lint),
    Show(show::Show),
}

impl CatalogVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        match self {
            Self::CheckRoutes(verb) => verb.run(terminal),
            Self::Lint(verb) => verb.run(terminal),
            Self::Show(verb) => verb.run(terminal),
        }
    }
}
