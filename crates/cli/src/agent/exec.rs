//! `chancery agent exec`

use super::child::Signals;
use super::home::Which;
use super::{log, running};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::runtime;
use crate::time::parse_span;
use std::ffi::OsString;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery agent exec -- python worker.py
  chancery agent exec --name summarizer --min-ttl 10m -- ./nightly.sh --all
  chancery agent exec -- sh -c 'cat \"$CHANCERY_TOKEN_FILE\"'
";

/// Run a command with a token that is always fresh
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{}", running::CONTRACT))]
pub(crate) struct Exec {
    #[command(flatten)]
    which: Which,
    /// How long the token must live at least, such as 10m, where it can; 30s if left out
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    min_ttl: Option<Duration>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    words: Vec<OsString>,
}

impl Exec {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        log::start(log::Said::Nothing)?;
        let home = self.which.home()?;
        let runtime = runtime::for_an_agent()?;
        let exit = runtime.block_on(async {
            let mut signals = Signals::catch()?;
            let session = home.open()?;
            let session = match self.min_ttl {
                Some(least) => session.min_ttl(least),
                None => session,
            };
            running::run(&session, &home, &self.words, &mut signals).await
        });
        // A disk that does not answer does not keep the process from ending.
        runtime.shutdown_background();
        exit
    }
}
