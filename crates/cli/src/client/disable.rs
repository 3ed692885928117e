//! `chancery client disable`

use super::ended;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use crate::time::exact;
use chancery_issuer::admin::Changed;
use chancery_token::ClientId;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery client disable billing --reason 'its secret was in a log'
  chancery client disable billing --reason 'not used any more' \\
      --issuer https://auth.example.com

A running issuer notices within a second. What the client has is revoked:
services that follow the revocation log refuse its tokens from then on, others
until they expire. The same command again makes sure of it.
The last administrator cannot be disabled: exit code 1.";

/// Switch a client off: it gets no more tokens
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Disable {
    /// Its id
    id: ClientId,
    /// Why, in a sentence
    #[arg(long, value_name = "SENTENCE")]
    reason: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Disable {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        if self.reason.trim().is_empty() {
            return Err(
                Failure::unusable("reason_missing", "--reason says nothing").fix("Write one sentence.")
            );
        }
        let office = self.at.open().await?;
        let done = office.disable_client(&self.id, &self.reason).await.map_err(Refusal::into_failure)?;
        let words = match &done.client {
            Changed::Now(client) => format!(
                "Client {} gets no more tokens. Those that are out expire within {}.",
                client.id,
                exact(Duration::from_secs(client.lifetime_secs))
            ),
            Changed::Before(client) => format!("Client {} was disabled before.", client.id),
        };
        let words = format!("{words}{}", ended::text(done.sequence));
        if self.form.json {
            terminal.json(&ended::object(&done));
        } else {
            terminal.say(words);
        }
        Ok(())
    }
}
