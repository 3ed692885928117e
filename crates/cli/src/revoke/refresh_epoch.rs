//! `chancery revoke refresh-epoch`

use super::act::Act;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::admin::RevocationDraft;

const EXAMPLES: &str = "\
Examples:
  chancery revoke refresh-epoch 0 --plan --reason 'a core dump was published'
  chancery revoke refresh-epoch 0 --reason 'a core dump was published'

Refresh tokens are written under a key that is derived from the master key and
has a number, from 0 on. Every refresh token under this key, or an older one, is
refused from now on; the next key takes its place. Access tokens that are out
live on until they expire: `chancery revoke all` ends those too. Where the
master key itself leaked, see docs/OPERATIONS.md: no number helps.

Exit codes: 0 revoked, 1 refused, 2 the command line, 5 the store failed, 7 the
issuer is away or cannot revoke now.";

/// Revoke the key that refresh tokens are written under: every session begins anew
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RefreshEpoch {
    /// Its number
    #[arg(value_name = "NUMBER")]
    epoch: u32,
    #[command(flatten)]
    act: Act,
}

impl RefreshEpoch {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let draft = RevocationDraft {
            kind: Some("refresh_epoch".to_owned()),
            id: Some(self.epoch.to_string()),
            ..RevocationDraft::default()
        };
        self.act.run(draft, terminal).await
    }
}
