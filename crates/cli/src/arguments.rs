//! The command line.

use crate::admin::AdminVerb;
use crate::agent::AgentVerb;
use crate::catalog::CatalogVerb;
use crate::client::ClientVerb;
use crate::completions::Completions;
use crate::demo::Demo;
use crate::drill::Drill;
use crate::exit;
use crate::gate::GateVerb;
use crate::init::Init;
use crate::key::KeyVerb;
use crate::revocation::RevocationVerb;
use crate::revoke::RevokeVerb;
use crate::serve::Serve;
use crate::token::TokenVerb;

const EXAMPLES: &str = "\
Examples:
  chancery demo                    the whole story in one process, in seconds
  chancery serve                   a test issuer on http://127.0.0.1:8420
  chancery gate --help             guard a service in any language, behind nginx
  chancery client create --help    how a service gets its credentials
  chancery agent --help            a token that is always fresh, for any program
  chancery catalog lint            find scopes that will rot, and better names
  chancery token verify --help     judge a token from files alone
  chancery revoke --help           cut off what leaked, wherever it is verified
  chancery drill --help            find out how long that takes

Configuration comes from --config FILE, else ./chancery.toml, else defaults.
CHANCERY_CONFIG__SECTION__KEY in the environment stands over it.";

/// Issues short-lived signed access tokens, and judges them offline
#[derive(Debug, clap::Parser)]
#[command(name = "chancery", version, max_term_width = 100, after_help = format!("{EXAMPLES}\n\n{}", exit::TABLE))]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Chancery {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Demo(Demo),
    Init(Init),
    Serve(Serve),
    Gate(GateVerb),
    /// Register clients, look at them and change them, in the local store or at an issuer
    #[command(subcommand)]
    Client(ClientVerb),
    /// Look at the signing keys and rotate them, in the local store or at an issuer
    #[command(subcommand)]
    Key(KeyVerb),
    /// Get back in when no administrator can
    #[command(subcommand)]
    Admin(AdminVerb),
    /// Keep a session that goes on by itself, and give its tokens to programs
    #[command(subcommand)]
    Agent(AgentVerb),
    /// Get, read and judge tokens
    #[command(subcommand)]
    Token(TokenVerb),
    /// Revoke a token, a client, a tenant, a key or everything, wherever it is verified
    #[command(subcommand)]
    Revoke(RevokeVerb),
    /// Look at the revocation log: what is in it, who has heard of it, what to do when it was lost
    #[command(subcommand)]
    Revocation(RevocationVerb),
    Drill(Drill),
    /// Look at what may be asked for, and hold it to its rules and to the routes of a service
    #[command(subcommand)]
    Catalog(CatalogVerb),
    Completions(Completions),
}
