//! `chancery agent`

mod asked;
mod child;
mod delegate;
mod descriptors;
mod exec;
mod fault;
mod folder;
mod home;
mod log;
mod login;
mod logout;
mod proxy;
mod run_folder;
mod running;
mod said;
mod serve;
mod socket;
mod status;
mod token;
mod token_file;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The verbs about sessions.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AgentVerb {
    Login(Box<login::Login>),
    Token(token::Token),
    Exec(exec::Exec),
    Serve(serve::Serve),
    Delegate(delegate::Delegate),
    Proxy(proxy::Proxy),
    Status(status::Status),
    Logout(logout::Logout),
}

impl AgentVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        match self {
            Self::Login(verb) => verb.run(terminal),
            Self::Token(verb) => verb.run(terminal),
            Self::Exec(verb) => verb.run(),
            Self::Serve(verb) => verb.run(terminal),
            Self::Delegate(verb) => verb.run(),
            Self::Proxy(verb) => verb.run(terminal),
            Self::Status(verb) => verb.run(terminal),
            Self::Logout(verb) => verb.run(terminal),
        }
    }
}
