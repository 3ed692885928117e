//! `chancery completions`

use crate::arguments::Chancery;
use crate::terminal::Terminal;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  chancery completions bash > ~/.local/share/bash-completion/completions/chancery"
)]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, terminal: &mut Terminal) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Chancery::command(), "chancery", &mut script);
        terminal.bytes(&script);
    }
}
