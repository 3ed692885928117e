//! `chancery client secret drop`

use crate::client::ended;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use chancery_issuer::admin::Exposure;
use chancery_token::ClientId;

const EXAMPLES: &str = "\
Examples:
  chancery client secret drop billing 1f2e3d4c
  chancery client secret drop billing 1f2e3d4c --leaked

`chancery client show billing` lists the ids.
The only secret cannot be dropped: add another one first, or disable the client.
Tokens that are out stay good until they expire, unless the secret leaked: then
--leaked revokes all that the client has, and its owner goes on with the other
secret at once.";

/// Drop one of a client's two secrets: it is good for nothing from then on
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Drop {
    /// The client's id
    id: ClientId,
    /// The id of the secret, which says nothing about it
    secret_id: String,
    /// Somebody else has it: revoke every token of the client, too
    #[arg(long)]
    leaked: bool,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Drop {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        if self.secret_id.starts_with("chs_") {
            return Err(Failure::unusable("secret_as_argument", "that is a secret, not the id of one")
                .fix("Arguments show in the list of processes: replace it. `chancery client show ID` lists the ids."));
        }
        let office = self.at.open().await?;
        let exposure = if self.leaked { Exposure::Leaked } else { Exposure::Kept };
        let dropped = office.drop_secret(&self.id, &self.secret_id, exposure).await;
        let dropped = dropped.map_err(Refusal::into_failure)?;
        if self.form.json {
            terminal.json(&ended::object(&dropped));
        } else {
            let told = format!("Secret {} of client {} is good for nothing now.", self.secret_id, self.id);
            terminal.say(format!("{told}{}", ended::text(dropped.sequence)));
        }
        Ok(())
    }
}
