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
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|why| Failure::unusable("runtime", format!("no runtime: {why}")))?;
        runtime.block_on(async {
            match self {
                Self::List(verb) => verb.run(terminal).await,
                Self::Rotate(verb) => verb.run(terminal).await,
            }
        })
    }
}
