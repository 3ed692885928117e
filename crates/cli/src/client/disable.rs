//! `chancery client disable`

use super::known;
use super::object::object;
use crate::failure::Failure;
use crate::form::Form;
use crate::local::{ConfigFile, FirstStart, store_failure};
use crate::terminal::Terminal;
use crate::time::exact;
use chancery_issuer::client::ClientState;
use chancery_issuer::store::ReplaceError;
use chancery_token::ClientId;

const EXAMPLES: &str = "\
Example:
  chancery client disable billing --reason 'its secret was in a public repository'

A running issuer notices within a second. Tokens that are out stay good until they expire.";

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
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl Disable {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        if self.reason.trim().is_empty() || self.reason.chars().any(char::is_control) {
            return Err(
                Failure::unusable("reason_missing", "--reason says nothing").fix("Write one sentence.")
            );
        }
        let mut local = self.config.read()?.open(FirstStart::Refuse)?;
        local.identify().await?;
        let now = local.now();
        let client = known(&*local.store, &self.id).await?;
        let was_active = client.state == ClientState::Active;
        let disabled = client.clone().disable(now, self.reason);
        if was_active {
            local.store.replace_client(&client, &disabled, None).await.map_err(|why| match why {
                ReplaceError::Changed { .. } | ReplaceError::WitnessChanged { .. } => {
                    Failure::unusable("client_changed", why)
                }
                ReplaceError::Missing { .. } => Failure::unusable("client_unknown", why),
                ReplaceError::Fault(fault) => store_failure(&fault),
            })?;
        }
        if self.form.json {
            terminal.json(&object(&disabled, now));
        } else if was_active {
            terminal.say(format!(
                "Client {} gets no more tokens. Those that are out expire within {}.",
                disabled.id,
                exact(disabled.lifetime)
            ));
        } else {
            terminal.say(format!("Client {} was disabled before; nothing changed.", disabled.id));
        }
        Ok(())
    }
}
