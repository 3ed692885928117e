//! `chancery revoke family`

use super::act::Act;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::token::presented;
use chancery_issuer::admin::{PresentedToken, RevocationDraft};
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  chancery revoke family AAAAAAAAAAAAAAAAAAAAAA --reason 'a stolen laptop'
  chancery revoke family --token - --reason 'a stolen laptop' < token

`chancery token inspect TOKEN` shows the `sid` of a token.

Exit codes: 0 revoked, 1 refused or not applied in time, 2 the command line, 5
the store failed or lost entries, 7 the issuer is away or cannot revoke now.";

/// Revoke a refresh family: every token of it, past and to come
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Family {
    /// The `sid` that its tokens bear; of one that was delegated the id that alarms call it by
    #[arg(
        value_name = "SID",
        required_unless_present = "token",
        conflicts_with = "token",
        allow_hyphen_values = true
    )]
    sid: Option<String>,
    /// A token of it, or - to read that from standard input
    #[arg(long, value_name = "TOKEN|-")]
    token: Option<OsString>,
    #[command(flatten)]
    act: Act,
}

impl Family {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let token = self.token.as_deref().map(presented::read_some).transpose()?;
        let draft = RevocationDraft {
            kind: Some("family".to_owned()),
            token: token.map(|token| PresentedToken::from(token.as_str().to_owned())),
            id: self.sid,
            ..RevocationDraft::default()
        };
        self.act.run(draft, terminal).await
    }
}
