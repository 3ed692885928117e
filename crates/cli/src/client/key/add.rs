//! `chancery client key add`

use crate::client::key_file;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use chancery_issuer::client::Authentication;
use chancery_token::ClientId;
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Example:
  openssl genpkey -algorithm ed25519 -out billing-2.pem
  openssl pkey -in billing-2.pem -pubout -out billing-2.pub
  chancery client key add billing billing-2.pub
  … bring billing-2.pem to the service, and when the service signs with it:
  chancery client key drop billing KID

Both keys are good until one is dropped; a client has two at most. An assertion
names its key by the thumbprint that is told here, as `kid`, or names none. A
`kid` in a JWK counts for nothing.
The private half stays where it is used: a file that holds one is refused.
A client that authenticates by a secret changes over, once it has a key, by
  chancery client update billing --authentication private_key_jwt";

/// Give a client another public key; the first one stays good
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Add {
    /// The client's id
    id: ClientId,
    /// The public key: a JWK, or PEM as openssl writes it
    file: PathBuf,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Add {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let jwk = key_file::read(&self.file)?;
        let office = self.at.open().await?;
        let done = office.add_client_key(&self.id, &jwk).await.map_err(Refusal::into_failure)?;
        let client = done.into_inner();
        let added = client.keys.iter().find(|key| key.jwk == jwk);
        let kid = added.map_or("", |key| key.kid.as_str());
        if self.form.json {
            terminal.json(&json!({ "client": client, "kid": kid }));
            return Ok(());
        }
        let id = &client.id;
        let next = match client.authentication {
            Authentication::Secret => format!(
                "\nIt proves nothing yet:  chancery client update {id} --authentication private_key_jwt"
            ),
            Authentication::PrivateKeyJwt | Authentication::None => {
                let older = client.keys.iter().find(|key| key.kid != kid);
                older.map_or_else(String::new, |older| {
                    let kid = &older.kid;
                    format!("\nWhen nobody uses the older one any more:  chancery client key drop {id} {kid}")
                })
            }
        };
        terminal.say(format!("Client {id} has the key {kid}.{next}"));
        Ok(())
    }
}
