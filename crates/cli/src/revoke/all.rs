//! `chancery revoke all`

use super::act::Act;
use super::told;
use crate::confirm;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use chancery_issuer::admin::RevocationDraft;

const EXAMPLES: &str = "\
Examples:
  chancery revoke all --plan --reason 'nobody knows what was stolen'
  chancery revoke all --yes --reason 'nobody knows what was stolen'

Every token that is out now is refused, and every refresh family ends. Clients
that ask for new tokens go on at once; people sign in again. Without --yes the
issuer's URL has to be typed, on a terminal.

Exit codes: 0 revoked, 1 refused or not applied in time, 2 the command line, 5
the store failed or lost entries, 7 the issuer is away or cannot revoke now.";

/// Revoke everything that was ever issued
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct All {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    act: Act,
}

impl All {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let draft = RevocationDraft { kind: Some("all".to_owned()), ..RevocationDraft::default() };
        let is_certain = self.yes || self.act.plan;
        if !is_certain && !confirm::can_be_asked() {
            return Err(Failure::unusable("not_confirmed", "nobody said that everything is to be revoked")
                .fix("Add --yes. --plan says who would break."));
        }
        let acting = self.act.open().await?;
        if !is_certain {
            terminal.note(told::text(&acting.plan(&draft).await?));
            confirm::of_issuer(acting.office.issuer(), terminal)?;
        }
        acting.finish(draft, terminal).await
    }
}
