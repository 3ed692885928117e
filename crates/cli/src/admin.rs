//! `chancery admin`

mod reset;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The verbs about administrators that need the machine itself.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AdminVerb {
    Reset(reset::Reset),
}

impl AdminVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let runtime = crate::runtime::for_one_command()?;
        runtime.block_on(async {
            match self {
                Self::Reset(verb) => verb.run(terminal).await,
            }
        })?;
        Ok(Exit::Ok)
    }
}
