//! `chancery key`

mod list;
mod rotate;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The verbs about keys.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum KeyVerb {
    List(list::List),
    Rotate(rotate::Rotate),
}

impl KeyVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let runtime = crate::runtime::for_one_command()?;
        runtime.block_on(async {
            match self {
                Self::List(verb) => verb.run(terminal).await,
                Self::Rotate(verb) => verb.run(terminal).await,
            }
        })
    }
}
