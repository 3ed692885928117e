//! `chancery revoke client`

use super::act::Act;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::admin::RevocationDraft;
use chancery_token::ClientId;

const EXAMPLES: &str = "\
Examples:
  chancery revoke client billing --plan --reason 'its host was broken into'
  chancery revoke client billing --reason 'its host was broken into' \\
      --wait-applied all --issuer https://auth.example.com

A client that is to get none any more: `chancery client disable billing`
revokes what it has, too. One whose secret leaked: `chancery client secret drop`
with --leaked.

Exit codes: 0 revoked, 1 refused or not applied in time, 2 the command line, 5
the store failed or lost entries, 7 the issuer is away or cannot revoke now.";

/// Revoke all tokens that a client has now; it gets new ones as soon as it asks
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Client {
    /// The client's id
    id: ClientId,
    #[command(flatten)]
    act: Act,
}

impl Client {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let draft = RevocationDraft {
            kind: Some("client".to_owned()),
            id: Some(self.id.to_string()),
            ..RevocationDraft::default()
        };
        self.act.run(draft, terminal).await
    }
}
