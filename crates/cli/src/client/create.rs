//! `chancery client create`

use super::file::ClientFile;
use super::refused::{by_flag, refused};
use super::said::Said;
use super::terms::Terms;
use super::{delegates, key, key_file};
use crate::failure::{Failure, Fault};
use crate::form::Form;
use crate::handover::{Handover, Out, Place};
use crate::office::{At, Misplaced, New, Office, Refusal};
use crate::terminal::Terminal;
use crate::time::{now, relative};
use chancery_issuer::admin::{ClientDraft, ClientView};
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
  chancery client create agent --owner team-agents --kind agent \\
      --purpose 'files expenses' --tenant acme \\
      --scope 'invoices:create=files them' \\
      --bound project=acme-* --expires 90d --refresh \\
      --authentication private_key_jwt --key agent.pub
  chancery client create --file billing.toml --out billing.secret \\
      --issuer https://auth.example.com --admin-secret-file admin.secret

A client file holds what the flags say:
  id = \"billing\"
  owner = \"team-billing\"
  purpose = \"Mirrors invoices into the ledger.\"
  tenants = [\"acme\"]
  expires = \"90d\"
  template = \"ledger\"       # optional, as are kind, name and lifetime
  authentication = \"private_key_jwt\"  # optional, with keys = [\"billing.pub\"]
  delegate_to = [\"mailer\"]  # optional, as are dpop and a section [refresh]
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
    // Not within the other: clap forgets the members of a group that has one inside.
    #[command(flatten)]
    terms: Terms,
    /// service, agent, partner or admin; a service unless said otherwise
    #[arg(long, value_name = "KIND")]
    kind: Option<ClientKind>,
    /// Start from this template of the catalog: its scopes, their reasons, and its lifetime
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Read all of this from a client file; any fault in it, and nothing is changed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["Said", "Terms", "kind", "template", "keys"])]
    file: Option<PathBuf>,
    /// Its public key, for private_key_jwt: a JWK, or PEM as openssl writes it; repeat it
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
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
                keys: self.keys.iter().map(|path| key_file::read(path)).collect::<Result<_, _>>()?,
                ..self.terms.draft(self.said.draft(&mut faults))
            }),
        };
        let place = if source.brings_a_secret() {
            self.out.place(form).map(Some)
        } else {
            self.out.nothing().map(|()| None)
        };
        faults.extend(place.as_ref().err().map(|&fault| fault.to_owned()));
        let office = self.at.open().await?;
        let (New { client, secret, .. }, handover) = match source.register(&office, place, faults).await? {
            Registered::WithSecret(new, handover) => (new, handover),
            Registered::WithoutSecret(client) => {
                without_secret(&client, form, terminal);
                delegates::tell_unregistered(&office, &client, terminal).await;
                return Ok(());
            }
        };
        let id = client.id.clone();
        let handed_over = handover.finish(&client, &secret, terminal).map_err(|why| {
            why.fix(format!(
                "The client is registered, and its secret is lost. Give it another: chancery client secret add {id} --out FILE"
            ))
        })?;
        let end = relative(client.expires_at, now());
        let words = format!("Client {id} is registered and expires {} ({end}).", client.expires_at);
        handed_over.tell(json!(client), &words, &client, form, terminal);
        delegates::tell_unregistered(&office, &client, terminal).await;
        Ok(())
    }
}

/// A client that is registered.
enum Registered {
    WithSecret(New, Handover),
    WithoutSecret(ClientView),
}

fn without_secret(client: &ClientView, form: Form, terminal: &mut Terminal) {
    if form.json {
        terminal.json(&json!(client));
        return;
    }
    let (id, end) = (&client.id, relative(client.expires_at, now()));
    let keys: Vec<String> = client.keys.iter().map(|key| format!("\n  key {}", key::line(key))).collect();
    let proof = if keys.is_empty() {
        "It proves nothing, and has no secret. It can only go on with a session that was begun for it, and no grant begins one for a \
         public client yet."
    } else {
        "It signs who it is with:"
    };
    let expires = client.expires_at;
    terminal
        .say(format!("Client {id} is registered and expires {expires} ({end}).\n{proof}{}", keys.concat()));
}

impl Source {
    /// Whether there will be a secret to hand over.
    fn brings_a_secret(&self) -> bool {
        !matches!(self.draft().authentication.as_deref(), Some("private_key_jwt" | "none"))
    }

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
        place: Result<Option<Place>, &'static str>,
        faults: Vec<String>,
    ) -> Result<Registered, Failure> {
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
        let done = match place {
            None => {
                let done = office.create_client_without_secret(self.draft().clone()).await;
                done.map(Registered::WithoutSecret)
            }
            Some(place) => {
                let id = self.draft().id.as_deref().unwrap_or_default();
                let mut handover = place.begin(office.issuer(), id)?;
                let done = office.create_client(self.draft().clone(), &mut handover).await;
                done.map(|new| Registered::WithSecret(new, handover))
            }
        };
        match done {
            Ok(registered) => Ok(registered),
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
