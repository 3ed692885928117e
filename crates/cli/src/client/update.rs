//! `chancery client update`

use super::refused::{by_flag, refused};
use super::said::Said;
use super::show;
use super::terms::Terms;
use super::{delegates, ended};
use crate::failure::{Failure, Fault};
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use crate::time::now;
use chancery_issuer::admin::ClientPatch;
use chancery_token::ClientId;

const EXAMPLES: &str = "\
Examples:
  chancery client update billing --owner team-ledger
  chancery client update billing --scope 'invoices:read=mirrors them' \\
      --scope 'invoices:create=books corrections'
  chancery client update billing --authentication private_key_jwt
  chancery client update billing --refresh-idle 7d --delegate-to mailer
  chancery client update billing --expires 90d \\
      --issuer https://auth.example.com --admin-secret-file admin.secret

Only what is named changes. A list (--tenant, --scope, --bound, --delegate-to)
takes the place of the whole list. Terms of refreshing hold for the sessions
that begin under them.
Where it loses something, the tokens that it has are revoked: it gets new ones
as soon as it asks. Where it only gains, they stay as they are.";

/// Change a client: its owner, its scopes, its end
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Update {
    /// Its id
    id: ClientId,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    terms: Terms,
    /// It refreshes no more, and its sessions end
    #[arg(long, conflicts_with_all = ["refresh", "refresh_idle", "refresh_absolute", "most_families", "on_replay"])]
    no_refresh: bool,
    /// Nobody may exchange its tokens any more
    #[arg(long, conflicts_with = "delegates")]
    no_delegates: bool,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Update {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let mut faults = Vec::new();
        let mut patch = self.terms.patch(self.said.patch(&mut faults));
        if self.no_refresh {
            patch.refresh = Some(None);
        }
        if self.no_delegates {
            patch.may_delegate_to = Some(Vec::new());
        }
        if faults.is_empty() && patch == ClientPatch::default() {
            return Err(Failure::unusable("nothing_to_change", "nothing is named that is to change")
                .fix("`chancery client update --help` has examples."));
        }
        let told = format!("client '{}' is not changed", self.id);
        let help = "`chancery client update --help` has examples.";
        if !faults.is_empty() {
            return Err(refused(&told, faults.into_iter().map(Fault::told).collect(), help));
        }
        let office = self.at.open().await?;
        let names_delegates = patch.may_delegate_to.is_some();
        let grants = patch.grants.clone().unwrap_or_default();
        let done = office.update_client(&self.id, patch).await.map_err(|why| match why {
            Refusal::Draft(more) => {
                let faults = more.iter().map(|fault| by_flag(fault, &grants)).collect();
                refused(&told, faults, help)
            }
            Refusal::Other(failure) => failure,
        })?;
        if self.form.json {
            terminal.json(&ended::object(&done));
        }
        let ended = ended::text(done.sequence);
        let client = done.into_inner();
        if !self.form.json {
            terminal.say(format!("Client {} is now:\n{}{ended}", client.id, show::text(&client, now())));
        }
        if names_delegates {
            delegates::tell_unregistered(&office, &client, terminal).await;
        }
        Ok(())
    }
}
