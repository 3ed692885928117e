//! `chancery client secret`

mod add;
mod drop;

use crate::failure::Failure;
use crate::terminal::Terminal;

/// The verbs about the secrets of a client.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SecretVerb {
    Add(add::Add),
    Drop(drop::Drop),
}

impl SecretVerb {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        match self {
            Self::Add(verb) => verb.run(terminal).await,
            Self::Drop(verb) => verb.run(terminal).await,
        }
    }
}
