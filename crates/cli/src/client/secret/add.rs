//! `chancery client secret add`

use crate::failure::Failure;
use crate::form::Form;
use crate::handover::Out;
use crate::office::{At, New, Refusal};
use crate::terminal::Terminal;
use chancery_token::ClientId;
use serde_json::json;

const EXAMPLES: &str = "\
Example:
  chancery client secret add billing --out billing-2.secret
  … bring it to the service, and when the service uses it:
  chancery client secret drop billing 1f2e3d4c

Both secrets are good until one is dropped; a client has two at most.
`chancery client show` lists them.";

/// Give a client a second secret; the first one stays good
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Add {
    /// The client's id
    id: ClientId,
    #[command(flatten)]
    out: Out,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Add {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let place = self.out.place(self.form).map_err(|fault| Failure::unusable("usage", fault))?;
        let office = self.at.open().await?;
        let mut handover = place.begin(office.issuer(), self.id.as_str())?;
        let New { client, secret_id, secret } =
            office.add_secret(&self.id, &mut handover).await.map_err(Refusal::into_failure)?;
        let handed_over = handover.finish(&client, &secret, terminal).map_err(|why| {
            let id = &client.id;
            why.fix(format!(
                "Nobody has the new secret: chancery client secret drop {id} {secret_id}, and again."
            ))
        })?;
        let id = &client.id;
        let older = client.secrets.iter().find(|held| held.id != secret_id);
        let next = older.map_or_else(String::new, |older| {
            format!(
                "\nWhen nobody uses the older one any more:  chancery client secret drop {id} {}",
                older.id
            )
        });
        let words = format!("Client {id} has a new secret, {secret_id}.{next}");
        let object = json!({ "client": client, "secret_id": secret_id });
        handed_over.tell(object, &words, &client, self.form, terminal);
        Ok(())
    }
}
