//! What is the same whatever is revoked.

use super::told;
use super::wait::Wait;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Office, Refusal};
use crate::terminal::Terminal;
use chancery_issuer::admin::{RevocationDraft, RevocationView};
use serde_json::json;

/// The flags of every revocation.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Act {
    /// Why, in a sentence: for the auditor
    #[arg(long, value_name = "SENTENCE")]
    reason: String,
    /// Say who breaks, and revoke nothing
    #[arg(long)]
    pub(super) plan: bool,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

/// A revocation that has a place where it is done.
pub(super) struct Acting {
    pub(super) office: Office,
    act: Wanted,
}

struct Wanted {
    reason: String,
    plan: bool,
    wait: Wait,
    form: Form,
}

impl Act {
    /// Does what `draft` says.
    pub(super) async fn run(self, draft: RevocationDraft, terminal: &mut Terminal) -> Result<Exit, Failure> {
        self.open().await?.finish(draft, terminal).await
    }

    /// Opens the place; nothing is revoked yet.
    pub(super) async fn open(self) -> Result<Acting, Failure> {
        let Self { reason, plan, wait, at, form } = self;
        if reason.trim().is_empty() {
            return Err(
                Failure::unusable("reason_missing", "--reason says nothing").fix("Write one sentence.")
            );
        }
        Ok(Acting { office: at.open().await?, act: Wanted { reason, plan, wait, form } })
    }
}

impl Acting {
    /// Who would break.
    pub(super) async fn plan(&self, draft: &RevocationDraft) -> Result<RevocationView, Failure> {
        let draft = RevocationDraft { plan: true, reason: Some(self.act.reason.clone()), ..draft.clone() };
        self.office.revoke(&draft).await.map_err(Refusal::into_failure)
    }

    pub(super) async fn finish(
        self,
        draft: RevocationDraft,
        terminal: &mut Terminal,
    ) -> Result<Exit, Failure> {
        let Wanted { reason, plan, wait, form } = self.act;
        let draft = RevocationDraft { plan, reason: Some(reason), ..draft };
        let view = self.office.revoke(&draft).await.map_err(Refusal::into_failure)?;
        if !form.json {
            terminal.say(told::text(&view));
        }
        let waited = match view.sequence {
            Some(sequence) => wait.until_applied(&self.office, sequence, terminal).await?,
            None => None,
        };
        if form.json {
            let mut object = json!(view);
            if let Some(waited) = &waited {
                object["applied"] = waited.object();
            }
            terminal.json(&object);
        } else if let Some(waited) = &waited {
            terminal.say(waited.text());
        }
        Ok(if waited.is_none_or(|waited| waited.reached) { Exit::Ok } else { Exit::Refused })
    }
}
