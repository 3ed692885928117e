//! `chancery client key list`

use super::line;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use chancery_token::ClientId;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  chancery client key list billing
  chancery client key list billing --json | jq -r '.keys[].kid'";

/// List a client's public keys, by their thumbprints: the `kid` that its assertions may name
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// The client's id
    id: ClientId,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl List {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let office = self.at.open().await?;
        let client = office.client(&self.id).await.map_err(Refusal::into_failure)?;
        if self.form.json {
            terminal.json(&json!({ "keys": client.keys }));
        } else if client.keys.is_empty() {
            terminal.say(format!("Client {} has no keys.", client.id));
        } else {
            terminal.say(client.keys.iter().map(line).collect::<Vec<_>>().join("\n"));
        }
        Ok(())
    }
}
