//! `chancery admin reset`

use crate::failure::Failure;
use crate::form::Form;
use crate::local::ConfigFile;
use crate::office::{LocalOffice, Refusal};
use crate::secret_file::SecretFile;
use crate::terminal::Terminal;
use crate::time::relative;
use chancery_issuer::admin::{self, AdminRefusal, ClientView, FIRST_ADMIN};
use serde_json::json;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const EXAMPLES: &str = "\
Example:
  chancery admin reset --out admin.secret
  chancery client list \\
      --issuer https://auth.example.com --admin-secret-file admin.secret

For the machine that has the master key and the store: it needs no
administrator. The client 'admin' is made, or made again what the first start
made it: enabled, with all scopes of the administration, and with this secret
alone.";

/// Get back in when no administrator can: revive the first one, with a new secret
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reset {
    /// Where the secret goes: a new file (0600), or - for standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl Reset {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let to_stdout = self.out == Path::new("-");
        if to_stdout && self.form.json {
            let message = "--out - and --json both want standard output; name a file for the secret";
            return Err(Failure::unusable("usage", message));
        }
        let office = LocalOffice::open(&self.config).await?;
        let desk = office.desk().await?;
        // The file comes first: an administrator whose secret nobody has would be of no use.
        let file =
            if to_stdout { None } else { Some(SecretFile::reserve(&self.out, desk.issuer, FIRST_ADMIN)?) };
        let found = office.secret(file.as_ref().and_then(SecretFile::found));
        let secret = found.unwrap_or_else(|| office.draw_secret());
        let line = Zeroizing::new(format!("{}\n", secret.reveal()));
        let mut file = file.map(|mut file| file.fill(line.as_bytes()).map(|()| file)).transpose()?;
        let client = admin::reset(&desk, secret).await.map_err(|why| self.not_done(why, file.as_mut()))?;
        let view = ClientView::of(&client, desk.now);
        let end = relative(view.expires_at, desk.now);
        let words = format!(
            "Administrator {} is enabled until {} ({end}), with this secret alone.",
            view.id, view.expires_at
        );
        match file {
            None => {
                terminal.bytes(line.as_bytes());
                terminal.note(format!("{words}\nIt is on standard output, and nowhere else."));
            }
            Some(mut file) => {
                file.keep();
                let path = self.out.display();
                if self.form.json {
                    let mut object = json!(view);
                    object["secret_file"] = path.to_string().into();
                    terminal.json(&object);
                } else {
                    terminal.say(format!("{words}\nIt is in {path} (0600), and nowhere else."));
                    terminal.say(format!(
                        "Next:  chancery client list --issuer {} --admin-secret-file {path}",
                        desk.issuer
                    ));
                }
            }
        }
        Ok(())
    }

    /// Where the store did not answer the secret may be good, so it is kept; where only the log took no entry, it is.
    fn not_done(&self, why: AdminRefusal, file: Option<&mut SecretFile>) -> Failure {
        let in_doubt = matches!(&why, AdminRefusal::Store(fault) if fault.leaves_in_doubt());
        let in_half = matches!(&why, AdminRefusal::HalfDone { .. });
        let failure = Refusal::from(why).into_failure();
        match file {
            Some(file) if in_half => {
                file.keep();
                failure.fix(format!(
                    "The secret in {} is good. Tokens from before live on until they expire: when the log takes entries \
                     again, `chancery revoke client {FIRST_ADMIN} --reason SENTENCE` ends them.",
                    self.out.display()
                ))
            }
            Some(file) if in_doubt => {
                file.leave();
                failure.fix(format!(
                    "It may have been done all the same: the same command again finishes it, with the secret in {}.",
                    self.out.display()
                ))
            }
            _ => failure,
        }
    }
}
