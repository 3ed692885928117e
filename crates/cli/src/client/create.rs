//! `chancery client create`

use super::file::ClientFile;
use super::refused::{by_flag, refused};
use super::said::Said;
use crate::failure::{Failure, Fault};
use crate::form::Form;
use crate::handover::{Handover, Out, Place};
use crate::office::{At, Misplaced, New, Office, Refusal};
use crate::terminal::Terminal;
use crate::time::{now, relative};
use chancery_issuer::admin::ClientDraft;
use chancery_issuer::client::ClientKind;
use chancery_token::ClientId;
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  chancery client create billing --owner team-billing \\
      --purpose 'mirrors invoices into the ledger' \\
      --tenant acme --scope 'invoices:read=reads what is to be mirrored' \\
      --bound project=acme-* --expires 90d --out billing.secret
  chancery client create support --owner team-support \\
      --purpose 'answers customers' --tenant acme --tenant globex \\
      --template support-tool --unbounded 'customers ask about any project' \\
      --expires 2027-06-30 --out support.curl --out-format curl
  curl -K support.curl
  chancery client create --file billing.toml --out billing.secret \\
      --issuer https://auth.example.com --admin-secret-file admin.secret

A client file holds what the flags say:
  id = \"billing\"
  owner = \"team-billing\"
  purpose = \"Mirrors invoices into the ledger.\"
  tenants = [\"acme\"]
  expires = \"90d\"
  template = \"ledger\"       # optional, as are kind, name and lifetime
  [scope]
  \"invoices:read\" = \"reads what is to be mirrored\"
  [bounds]                  # or, above the first section: unbounded = \"why\"
  project = [\"acme-*\"]

The secret is shown nowhere: it goes to --out FILE, readable by you alone, and
only its digest is stored. --out - sends it to standard output, for a secrets
manager that reads from a pipe.
A running issuer takes the client within a second.";

/// Register a client: one job of one team
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Create {
    /// Its id in tokens: letters, digits, '-', '_' and '.'
    #[arg(required_unless_present = "file")]
    id: Option<ClientId>,
    #[command(flatten)]
    said: Said,
    /// service, agent, partner or admin; a service unless said otherwise
    #[arg(long, value_name = "KIND")]
    kind: Option<ClientKind>,
    /// Start from this template of the catalog: its scopes, their reasons, and its lifetime
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Read all of this from a client file; any fault in it, and nothing is changed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["Said", "kind", "template"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    out: Out,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

/// Where the draft came from, and so how its faults are told.
enum Source {
    File(ClientFile),
    Flags(ClientDraft),
}

impl Create {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let form = self.form;
        let mut faults = Vec::new();
        let place = self.out.place(form);
        faults.extend(place.as_ref().err().map(|&fault| fault.to_owned()));
        let source = match self.file {
            Some(path) => {
                let mut file = ClientFile::read(&path)?;
                match (&self.id, &file.draft.id) {
                    (Some(id), Some(own)) if id.as_str() != own => {
                        faults.push(format!("the file is about '{own}', not '{id}'; leave one of them out"));
                    }
                    (Some(id), None) => file.draft.id = Some(id.to_string()),
                    _ => {}
                }
                Source::File(file)
            }
            None => Source::Flags(ClientDraft {
                id: self.id.map(|id| id.to_string()),
                kind: self.kind.map(|kind| kind.to_string()),
                template: self.template,
                ..self.said.draft(&mut faults)
            }),
        };
        let office = self.at.open().await?;
        let new = source.register(&office, place, faults).await?;
        let (New { client, secret, .. }, handover) = new;
        let id = client.id.clone();
        let handed_over = handover.finish(&client, &secret, terminal).map_err(|why| {
            why.fix(format!(
                "The client is registered, and its secret is lost. Give it another: chancery client secret add {id} --out FILE"
            ))
        })?;
        let end = relative(client.expires_at, now());
        let words = format!("Client {id} is registered and expires {} ({end}).", client.expires_at);
        handed_over.tell(json!(client), &words, &client, form, terminal);
        Ok(())
    }
}

impl Source {
    fn draft(&self) -> &ClientDraft {
        match self {
            Self::File(file) => &file.draft,
            Self::Flags(draft) => draft,
        }
    }

    /// Registers it if there is nothing wrong with it; else tells all that can be told.
    async fn register(
        self,
        office: &Office,
        place: Result<Place, &'static str>,
        faults: Vec<String>,
    ) -> Result<(New, Handover), Failure> {
        // What is missing in a guess would mislead.
        let is_legible = !matches!(&self, Self::File(file) if !file.is_toml());
        let is_broken =
            place.is_err() || !faults.is_empty() || matches!(&self, Self::File(file) if file.is_broken());
        // An issuer elsewhere tells them when it is asked to register; so it is asked before that only if it is not
        // going to be.
        let is_asked = is_legible && (is_broken || office.knows_the_catalog());
        let more = if is_asked { office.faults(self.draft()).await } else { Vec::new() };
        let place = match place {
            Ok(place) if !is_broken && more.is_empty() => place,
            _ => return Err(self.refused(faults, more)),
        };
        let id = self.draft().id.as_deref().unwrap_or_default();
        let mut handover = place.begin(office.issuer(), id)?;
        match office.create_client(self.draft().clone(), &mut handover).await {
            Ok(new) => Ok((new, handover)),
            Err(Refusal::Draft(more)) => Err(self.refused(faults, more)),
            Err(Refusal::Other(failure)) => Err(failure),
        }
    }

    fn refused(&self, faults: Vec<String>, more: Vec<Misplaced>) -> Failure {
        let mut faults: Vec<Fault> = faults.into_iter().map(Fault::told).collect();
        match self {
            Self::File(file) => faults.extend(file.told(more)),
            Self::Flags(draft) => faults.extend(more.iter().map(|fault| by_flag(fault, &draft.grants))),
        }
        let who = self.draft().id.as_deref().unwrap_or("without an id");
        refused(
            &format!("client '{who}' is not registered"),
            faults,
            "`chancery client create --help` has examples.",
        )
    }
}
