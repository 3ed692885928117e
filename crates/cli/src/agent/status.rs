//! `chancery agent status`

use super::home::Which;
use super::{log, said};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::runtime;
use crate::terminal::Terminal;
use crate::time::now;
use chancery_client::Phase;

const EXAMPLES: &str = "\
Examples:
  chancery agent status
  chancery agent status --name summarizer --json

Reads the session's file, and asks nobody: what the issuer ended meanwhile shows
at the next renewal. No secret and no token is printed.

Exit codes: 0 the session lives, 1 it was ended, 2 there is none or its file
cannot be used.";

/// Show where a session stands
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    form: Form,
}

impl Status {
    pub(super) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        log::start(log::Said::Nothing)?;
        let home = self.which.home()?;
        let runtime = runtime::for_one_command()?;
        let standing = runtime.block_on(async { home.open().map(|session| session.standing()) })?;
        if self.form.json {
            terminal.json(&said::standing_of_file(&standing, &home));
        } else {
            terminal.say(said::standing(&standing, &home, now()));
        }
        Ok(match standing.state {
            Phase::Live { .. } | Phase::New => Exit::Ok,
            Phase::Ended { .. } | Phase::Ending => Exit::Refused,
            Phase::Gone => Exit::Unusable,
        })
    }
}
