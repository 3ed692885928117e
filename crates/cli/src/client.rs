//! `chancery client`

mod create;
mod disable;
mod handover;
mod list;
mod object;
mod register;
mod show;

pub(crate) use register::{Registration, register};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::client::Client;
use chancery_issuer::store::Store;
use chancery_token::ClientId;

/// The verbs about clients.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ClientVerb {
    Create(Box<create::Create>),
    Disable(disable::Disable),
    List(list::List),
    Show(show::Show),
}

impl ClientVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let runtime = crate::runtime::for_one_command()?;
        runtime.block_on(async {
            match self {
                Self::Create(verb) => verb.run(terminal).await,
                Self::Disable(verb) => verb.run(terminal).await,
                Self::List(verb) => verb.run(terminal).await,
                Self::Show(verb) => verb.run(terminal).await,
            }
        })?;
        Ok(Exit::Ok)
    }
}

/// The client of this name; that there is none is a mistake in the command line.
async fn known(store: &dyn Store, id: &ClientId) -> Result<Client, Failure> {
    let found = store.client(id).await.map_err(|why| crate::local::store_failure(&why))?;
    found.ok_or_else(|| {
        Failure::unusable("client_unknown", format!("there is no client '{id}'"))
            .fix("`chancery client list` shows those there are.")
    })
}
