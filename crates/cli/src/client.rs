//! `chancery client`

mod bounds;
mod create;
mod delegates;
mod disable;
mod enable;
mod ended;
mod file;
mod key;
mod key_file;
mod list;
mod refused;
mod said;
mod secret;
mod show;
mod terms;
mod update;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The verbs about clients.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ClientVerb {
    Create(Box<create::Create>),
    Disable(disable::Disable),
    Enable(enable::Enable),
    /// Replace a client's public key without an outage: add a second one, then drop the first one
    #[command(subcommand)]
    Key(key::KeyVerb),
    List(list::List),
    /// Replace a client's secret without an outage: add a second one, then drop the first one
    #[command(subcommand)]
    Secret(secret::SecretVerb),
    Show(show::Show),
    Update(Box<update::Update>),
}

impl ClientVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let runtime = crate::runtime::for_one_command()?;
        runtime.block_on(async {
            match self {
                Self::List(verb) => return verb.run(terminal).await,
                Self::Create(verb) => verb.run(terminal).await,
                Self::Disable(verb) => verb.run(terminal).await,
                Self::Enable(verb) => verb.run(terminal).await,
                Self::Key(verb) => verb.run(terminal).await,
                Self::Secret(verb) => verb.run(terminal).await,
                Self::Show(verb) => verb.run(terminal).await,
                Self::Update(verb) => verb.run(terminal).await,
            }?;
            Ok(Exit::Ok)
        })
    }
}
