//! `chancery client key drop`

use crate::client::ended;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use chancery_issuer::admin::Exposure;
use chancery_token::ClientId;

const EXAMPLES: &str = "\
Examples:
  chancery client key drop billing gE2kuGyyO-n1KyNGQ0Ysk8QpcByNBsmFMUePJfKlDYk
  chancery client key drop billing --leaked \\
      gE2kuGyyO-n1KyNGQ0Ysk8QpcByNBsmFMUePJfKlDYk

`chancery client key list billing` lists them.
The only key that a client authenticates by cannot be dropped: add another one
first, or disable the client. Tokens that are out stay good until they expire,
unless its private half leaked: then --leaked revokes all that the client has.";

/// Drop one of a client's two public keys: what it signs is good for nothing from then on
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Drop {
    /// The client's id
    id: ClientId,
    /// The thumbprint of the key
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// Somebody else has its private half: revoke every token of the client, too
    #[arg(long)]
    leaked: bool,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Drop {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let exposure = if self.leaked { Exposure::Leaked } else { Exposure::Kept };
        let office = self.at.open().await?;
        let done = office.drop_client_key(&self.id, &self.kid, exposure).await;
        let done = done.map_err(Refusal::into_failure)?;
        if self.form.json {
            terminal.json(&ended::object(&done));
        } else {
            let ended = ended::text(done.sequence);
            terminal.say(format!("The key {} of client {} is dropped.{ended}", self.kid, self.id));
        }
        Ok(())
    }
}
