//! `chancery revoke key`

use super::act::Act;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::admin::RevocationDraft;

const EXAMPLES: &str = "\
Examples:
  chancery key list
  chancery revoke key KID --plan --reason 'the master key was on a stolen disk'
  chancery revoke key KID --reason 'the master key was on a stolen disk'

It signs no more, and the next key signs at once. `chancery key rotate` with
--leaked does the same to the key that signs now. The keys of the revocation log
itself are not revoked but rotated: see docs/OPERATIONS.md.

Exit codes: 0 revoked, 1 refused or not applied in time, 2 the command line, 5
the store failed or lost entries, 7 the issuer is away or cannot revoke now.";

/// Revoke a signing key for good, and everything that it ever signed
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Key {
    /// Its key id
    #[arg(allow_hyphen_values = true)]
    kid: String,
    #[command(flatten)]
    act: Act,
}

impl Key {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let draft = RevocationDraft {
            kind: Some("key".to_owned()),
            id: Some(self.kid),
            ..RevocationDraft::default()
        };
        self.act.run(draft, terminal).await
    }
}
