//! `chancery completions`

use crate::arguments::Chancery;
use crate::terminal::Terminal;
use clap::CommandFactory as _;
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  eval \"$(chancery completions bash)\"                    in ~/.bashrc
  eval \"$(chancery completions zsh)\"                     in ~/.zshrc
  chancery completions fish | source                     in config.fish";

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
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
