//! `chancery revoke subject`

use super::act::Act;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::admin::RevocationDraft;

const EXAMPLES: &str = "\
Examples:
  chancery revoke subject user:alice --plan --reason 'she left'
  chancery revoke subject user:alice --reason 'she left'

Exit codes: 0 revoked, 1 refused or not applied in time, 2 the command line, 5
the store failed or lost entries, 7 the issuer is away or cannot revoke now.";

/// Revoke all tokens that speak or act for a subject: a person, or a client
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Subject {
    /// The `sub`, as tokens name it
    subject: chancery_token::Subject,
    #[command(flatten)]
    act: Act,
}

impl Subject {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let draft = RevocationDraft {
            kind: Some("subject".to_owned()),
            id: Some(self.subject.to_string()),
            ..RevocationDraft::default()
        };
        self.act.run(draft, terminal).await
    }
}
