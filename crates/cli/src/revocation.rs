//! `chancery revocation`

pub(crate) mod documents;
pub(crate) mod keys;
mod recover;
mod status;
mod verify;
mod watch;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_revocation::{Kill, Kind};
use chancery_token::encoding::base64url;

/// The verbs about the revocation log.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum RevocationVerb {
    Status(status::Status),
    Verify(verify::Verify),
    Watch(watch::Watch),
    Recover(recover::Recover),
}

impl RevocationVerb {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        match self {
            Self::Status(verb) => verb.run(terminal),
            Self::Verify(verb) => verb.run(terminal),
            Self::Watch(verb) => verb.run(terminal),
            Self::Recover(verb) => verb.run(terminal),
        }
    }
}

/// What the log calls what an entry ends: the first 8 bytes of an id, or 16 of a hash.
pub(crate) fn name_in_log(kill: &Kill) -> String {
    match kill {
        Kill::Token { jti: id, .. } | Kill::Family { sid: id, .. } => base64url(&id.get().to_be_bytes()),
        Kill::Client { client_id: name, .. }
        | Kill::Tenant { tenant: name, .. }
        | Kill::Subject { sub: name, .. }
        | Kill::Key { kid: name } => base64url(name.as_bytes()),
        Kill::All { .. } => "everything".to_owned(),
    }
}

/// `1 token`, `2 families`.
pub(crate) fn counted(count: usize, kind: Kind) -> String {
    match (count, kind) {
        (1, Kind::All) => "1 revocation of everything".to_owned(),
        (1, kind) => format!("1 {kind}"),
        (count, Kind::All) => format!("{count} revocations of everything"),
        (count, kind) => format!("{count} {}", plural(kind)),
    }
}

/// The word for several.
pub(crate) const fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Token => "tokens",
        Kind::Family => "families",
        Kind::Client => "clients",
        Kind::Tenant => "tenants",
        Kind::Subject => "subjects",
        Kind::All => "all",
        Kind::Key => "keys",
    }
}
