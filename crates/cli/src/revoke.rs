//! `chancery revoke`

mod act;
mod all;
mod client;
mod family;
mod key;
mod refresh_epoch;
mod subject;
mod tenant;
mod token;
mod told;
pub(crate) mod wait;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// What is revoked.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum RevokeVerb {
    Token(token::Token),
    Family(family::Family),
    Client(client::Client),
    Tenant(tenant::Tenant),
    Subject(subject::Subject),
    Key(key::Key),
    RefreshEpoch(refresh_epoch::RefreshEpoch),
    All(all::All),
}

impl RevokeVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let runtime = crate::runtime::for_one_command()?;
        runtime.block_on(async {
            match self {
                Self::Token(verb) => verb.run(terminal).await,
                Self::Family(verb) => verb.run(terminal).await,
                Self::Client(verb) => verb.run(terminal).await,
                Self::Tenant(verb) => verb.run(terminal).await,
                Self::Subject(verb) => verb.run(terminal).await,
                Self::Key(verb) => verb.run(terminal).await,
                Self::RefreshEpoch(verb) => verb.run(terminal).await,
                Self::All(verb) => verb.run(terminal).await,
            }
        })
    }
}
