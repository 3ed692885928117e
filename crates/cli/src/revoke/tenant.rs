//! `chancery revoke tenant`

use super::act::Act;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::admin::RevocationDraft;
use chancery_token::TenantId;

const EXAMPLES: &str = "\
Examples:
  chancery revoke tenant acme --plan --reason 'the contract ended'
  chancery revoke tenant acme --reason 'the contract ended'

Its clients get new tokens as soon as they ask: disable those that are not to.

Exit codes: 0 revoked, 1 refused or not applied in time, 2 the command line, 5
the store failed or lost entries, 7 the issuer is away or cannot revoke now.";

/// Revoke all tokens for a tenant that are out now
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Tenant {
    /// The tenant
    tenant: TenantId,
    #[command(flatten)]
    act: Act,
}

impl Tenant {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let draft = RevocationDraft {
            kind: Some("tenant".to_owned()),
            id: Some(self.tenant.to_string()),
            ..RevocationDraft::default()
        };
        self.act.run(draft, terminal).await
    }
}
