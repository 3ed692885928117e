//! `chancery token`

mod inspect;
mod keys;
pub(crate) mod presented;
mod request;
mod revocations;
mod verify;
mod verify_signature;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The verbs about tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TokenVerb {
    Inspect(inspect::Inspect),
    Request(request::Request),
    Verify(verify::Verify),
    VerifySignature(verify_signature::VerifySignature),
}

impl TokenVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        match self {
            Self::Inspect(verb) => verb.run(terminal),
            Self::Request(verb) => verb.run(terminal),
            Self::Verify(verb) => verb.run(terminal),
            Self::VerifySignature(verb) => verb.run(terminal),
        }
    }
}
