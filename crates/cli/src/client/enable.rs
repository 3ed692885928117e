//! `chancery client enable`

use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use chancery_issuer::admin::{Changed, Standing};
use chancery_token::ClientId;
use serde_json::json;

const EXAMPLES: &str = "\
Example:
  chancery client enable billing

It has the scopes and the secrets that it had. If it was disabled for a leak,
replace its secret first:
`chancery client secret add`, then `chancery client secret drop`.";

/// Switch a client on again
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Enable {
    /// Its id
    id: ClientId,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Enable {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let office = self.at.open().await?;
        let done = office.enable_client(&self.id).await.map_err(Refusal::into_failure)?;
        let was_enabled = matches!(done.client, Changed::Before(_));
        let client = done.into_inner();
        if self.form.json {
            terminal.json(&json!(client));
            return Ok(());
        }
        let id = &client.id;
        terminal.say(match (was_enabled, client.state) {
            (_, Standing::Expired) => {
                format!(
                    "Client {id} is enabled, and expired {}: chancery client update {id} --expires 90d",
                    client.expires_at
                )
            }
            (true, _) => format!("Client {id} was enabled before; nothing changed."),
            (false, _) => format!("Client {id} gets tokens again, until {}.", client.expires_at),
        });
        Ok(())
    }
}
