//! `chancery client key`

mod add;
mod drop;
mod list;

use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::client::ClientKey;

/// The verbs about the public keys of a client.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum KeyVerb {
    Add(add::Add),
    Drop(drop::Drop),
    List(list::List),
}

impl KeyVerb {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        match self {
            Self::Add(verb) => verb.run(terminal).await,
            Self::Drop(verb) => verb.run(terminal).await,
            Self::List(verb) => verb.run(terminal).await,
        }
    }
}

/// One key, in a line.
pub(super) fn line(key: &ClientKey) -> String {
    format!("{} {}", key.kid, key.algorithm)
}
