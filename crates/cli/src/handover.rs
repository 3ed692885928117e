//! How a new secret is handed to its owner: once, in a form that works at once.

mod content;

use crate::failure::Failure;
use crate::form::Form;
use crate::secret_file::SecretFile;
use crate::terminal::Terminal;
use chancery_issuer::admin::ClientView;
use content::content;
use std::path::{Path, PathBuf};

/// The flags that say where the secret goes. There is no default: somebody decides.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Out {
    /// Where the secret goes: a new file (0600), or - for standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What the file holds
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "secret")]
    out_format: OutFormat,
}

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutFormat {
    /// A curl config file: `curl -K FILE` gets a token
    Curl,
    /// One JSON object: issuer, endpoint, id, secret and what to ask for
    Json,
    /// The secret and nothing else
    Secret,
}

/// Where the secret goes, decided.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    to: To,
    format: OutFormat,
}

#[derive(Clone, Debug)]
enum To {
    File(PathBuf),
    Stdout,
}

/// A handover that has begun: what it writes to is there.
pub(crate) struct Handover {
    format: OutFormat,
    issuer: String,
    target: Target,
}

enum Target {
    File { path: PathBuf, file: SecretFile, filled: bool },
    Stdout,
}

impl Out {
    /// The place, or what is wrong with the flags.
    pub(crate) fn place(self, form: Form) -> Result<Place, &'static str> {
        let Some(out) = self.out else { return Err("--out FILE is missing: where does the secret go?") };
        let to = if out == Path::new("-") { To::Stdout } else { To::File(out) };
        if matches!(to, To::Stdout) && form.json {
            return Err("--out - and --json both want standard output; name a file for the secret");
        }
        Ok(Place { to, format: self.out_format })
    }

    /// That there is no secret to hand over, and so no place for one.
    pub(crate) fn nothing(&self) -> Result<(), &'static str> {
        match self.out {
            None => Ok(()),
            Some(_) => Err("--out is for a secret, and this client has none; leave it out"),
        }
    }
}

impl Place {
    /// Makes sure that it can be written, before there is a secret.
    /// The same handover that was begun before and cut off is taken up again.
    pub(crate) fn begin(self, issuer: &str, client: &str) -> Result<Handover, Failure> {
        let target = match self.to {
            To::Stdout => Target::Stdout,
            To::File(path) => {
                let file = SecretFile::reserve(&path, issuer, client)?;
                Target::File { file, path, filled: false }
            }
        };
        Ok(Handover { format: self.format, issuer: issuer.to_owned(), target })
    }
}

impl Handover {
    /// One whose secret never leaves this process, for a client that ends with the command.
    pub(crate) fn in_memory(issuer: &str) -> Self {
        // Standard output is written to at the end only, and this one is never finished.
        Self { format: OutFormat::Secret, issuer: issuer.to_owned(), target: Target::Stdout }
    }

    /// The secret that an earlier command wrote to the file without hearing whether it is good.
    pub(crate) fn found(&self) -> Option<&str> {
        match &self.target {
            Target::File { file, .. } => file.found(),
            Target::Stdout => None,
        }
    }

    /// Where the secret is drawn elsewhere, nobody can go on with one that was found; it may be good, so it stays.
    pub(crate) fn begins_anew(&self) -> Result<(), Failure> {
        match &self.target {
            Target::File { path, file, .. } if file.found().is_some() => {
                let file = path.display();
                let message =
                    format!("{file} holds a secret that an earlier command did not finish handing over");
                Err(Failure::unusable("file_exists", message)
                    .fix("It is good if `chancery client show` lists it: use it. If not, move it away."))
            }
            Target::File { .. } | Target::Stdout => Ok(()),
        }
    }

    /// Writes the secret to its file before it is good for anything. Standard output has to wait.
    pub(crate) fn write_ahead(&mut self, client: &ClientView, secret: &str) -> Result<(), Failure> {
        let Target::File { file, filled, .. } = &mut self.target else { return Ok(()) };
        file.fill(content(client, secret, &self.issuer, self.format).as_bytes())?;
        *filled = true;
        Ok(())
    }

    /// Nobody said whether the secret is good. Where it is in its file already it stays there, for if it is good it
    /// is nowhere else. Answers that file.
    pub(crate) fn leave_in_doubt(&mut self) -> Option<&Path> {
        match &mut self.target {
            Target::File { path, file, filled: true } => {
                file.leave();
                Some(path)
            }
            Target::File { filled: false, .. } | Target::Stdout => None,
        }
    }

    /// The secret is good: hands it over, if that is not done yet. Answers what is told about it.
    pub(crate) fn finish(
        mut self,
        client: &ClientView,
        secret: &str,
        terminal: &mut Terminal,
    ) -> Result<HandedOver, Failure> {
        let is_found = self.found().is_some();
        if is_found || !matches!(self.target, Target::File { filled: true, .. }) {
            // What is told goes with the client as it is, whatever was asked for this time.
            self.write_ahead(client, secret)?;
        }
        Ok(match self.target {
            Target::Stdout => {
                terminal.bytes(content(client, secret, &self.issuer, self.format).as_bytes());
                HandedOver::Stdout
            }
            Target::File { path, mut file, .. } => {
                file.keep();
                HandedOver::File { path, format: self.format, issuer: self.issuer }
            }
        })
    }
}

/// Where the secret is now.
pub(crate) enum HandedOver {
    File { path: PathBuf, format: OutFormat, issuer: String },
    Stdout,
}

impl HandedOver {
    /// Tells what was done: as an object with the secret's file in it, or in words.
    pub(crate) fn tell(
        &self,
        mut object: serde_json::Value,
        words: &str,
        client: &ClientView,
        form: Form,
        terminal: &mut Terminal,
    ) {
        match self {
            Self::Stdout => {
                terminal.note(format!("{words}\nIts secret is on standard output, and nowhere else."));
            }
            Self::File { path, .. } if form.json => {
                object["secret_file"] = path.display().to_string().into();
                terminal.json(&object);
            }
            Self::File { path, format, issuer } => {
                let file = path.display();
                terminal.say(format!("{words}\nIts secret is in {file} (0600), and nowhere else."));
                terminal.say(next(client, issuer, path, *format));
            }
        }
    }
}

fn next(client: &ClientView, issuer: &str, out: &Path, format: OutFormat) -> String {
    let out = out.display();
    let first = match format {
        OutFormat::Curl => format!("Get a token:  curl -K {out}"),
        OutFormat::Json => "Get a token:  any OAuth 2.0 client for client credentials can read it".to_owned(),
        OutFormat::Secret => {
            let tenant = match client.tenants.as_slice() {
                [_] | [] => String::new(),
                [first, ..] => format!(" --tenant {first}"),
            };
            format!(
                "Get a token:  chancery token request --issuer {issuer} --client-id {} --secret-file {out}{tenant}",
                client.id
            )
        }
    };
    match &client.refresh {
        None => first,
        Some(terms) => format!(
            "{first}\nEach of these begins a session, {} at once: then go on by its refresh token (grant_type=refresh_token).",
            terms.most_families
        ),
    }
}
