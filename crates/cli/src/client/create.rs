//! `chancery client create`

mod decisions;
mod grants;

use super::handover::{self, OutFormat};
use super::object::object;
use super::register::{Registered, register};
use crate::failure::Failure;
use crate::form::Form;
use crate::local::{ConfigFile, FirstStart};
use crate::secret_file::SecretFile;
use crate::terminal::Terminal;
use crate::time::relative;
use chancery_issuer::secret::SecretHasher;
use decisions::Decisions;
use serde_json::json;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  chancery client create billing --owner team-billing --purpose 'mirrors invoices into the ledger' \\
      --tenant acme --scope 'invoices:read=reads what is to be mirrored' \\
      --bound project=acme-* --expires 90d --out billing.secret
  chancery client create support --owner team-support --purpose 'answers customers' --tenant acme --tenant globex \\
      --scope 'invoices:read=shows them to the customer' --unbounded 'customers ask about any project' \\
      --expires 2027-06-30 --out support.curl --out-format curl        then: curl -K support.curl

The secret is shown nowhere: it goes to --out FILE, readable by you alone, and only its digest is stored.
--out - sends it to standard output, for a secrets manager that reads from a pipe.
A running issuer takes the client within a second.";

/// Register a client: one job of one team
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Create {
    #[command(flatten)]
    decisions: Decisions,
    /// Where the secret goes: a new file (0600), or - for standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What the file holds
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "secret")]
    out_format: OutFormat,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl Create {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let settings = self.config.read()?;
        let mut faults = Vec::new();
        if self.out.is_none() {
            faults.push("--out FILE is missing: where does the secret go?".to_owned());
        }
        let to_stdout = self.out.as_deref() == Some(Path::new("-"));
        if to_stdout && self.form.json {
            faults
                .push("--out - and --json both want standard output; name a file for the secret".to_owned());
        }
        let id = self.decisions.id.clone();
        let decided = self.decisions.registration(&settings, &mut faults);
        let (Some(registration), Some(out), true) = (decided, self.out, faults.is_empty()) else {
            return Err(refused(&id.to_string(), &faults));
        };
        let mut local = settings.open(FirstStart::Refuse)?;
        local.identify().await?;
        let (config, hasher) = (&local.settings.config, SecretHasher::new(&local.master));
        let new = registration
            .draw(&local.settings.catalog, config.issuer.environment, &hasher, local.now(), &*local.entropy)
            .map_err(|faults| refused(id.as_str(), &faults))?;
        let content = handover::content(&new, &config.issuer.url, self.out_format);
        if to_stdout {
            register(&*local.store, &new).await?;
            terminal.bytes(content.as_bytes());
            terminal.note(told(&new, local.now(), "on standard output, and nowhere else"));
            return Ok(());
        }
        // The file comes first: a client whose secret nobody has would be of no use.
        let file = SecretFile::write(&out, content.as_bytes())?;
        register(&*local.store, &new).await?;
        file.keep();
        if self.form.json {
            let mut object = object(&new.client, local.now());
            object["secret_file"] = json!(out.display().to_string());
            terminal.json(&object);
        } else {
            terminal.say(told(&new, local.now(), &format!("in {} (0600), and nowhere else", out.display())));
            terminal.say(next(&new, &config.issuer.url, &out, self.out_format));
        }
        Ok(())
    }
}

fn refused(id: &str, faults: &[String]) -> Failure {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  - {fault}")).collect();
    Failure::unusable("client_refused", format!("client '{id}' is not registered:\n{}", lines.join("\n")))
        .fix("`chancery client create --help` has examples.")
}

fn told(new: &Registered, now: chancery_token::UnixTime, place: &str) -> String {
    let client = &new.client;
    let end = relative(client.expires_at, now);
    format!(
        "Client {} is registered and expires {} ({end}).\nIts secret is {place}.",
        client.id, client.expires_at
    )
}

fn next(new: &Registered, issuer: &str, out: &Path, format: OutFormat) -> String {
    let out = out.display();
    match format {
        OutFormat::Curl => format!("Get a token:  curl -K {out}"),
        OutFormat::Json => "Get a token:  any OAuth 2.0 client for client credentials can read it".to_owned(),
        OutFormat::Secret => {
            let tenant = match new.client.tenants.as_slice() {
                [_] | [] => String::new(),
                [first, ..] => format!(" --tenant {first}"),
            };
            format!(
                "Get a token:  chancery token request --issuer {issuer} --client-id {} --secret-file {out}{tenant}",
                new.client.id
            )
        }
    }
}
