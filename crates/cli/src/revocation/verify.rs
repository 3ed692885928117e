//! `chancery revocation verify`

mod told;

use super::documents::{self, Text};
use super::keys::KeySource;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::terminal::Terminal;
use crate::time::{now, parse_instant};
use chancery_revocation::{BadDocument, Document, Follow, Moment, Outcome};
use chancery_token::UnixTime;
use chancery_verifier::RevocationKeys;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery revocation verify --issuer https://auth.example.com \\
      https://auth.example.com/revocation/snapshot
  chancery revocation verify --issuer https://auth.example.com \\
      --revocation-keys revocation-keys.json snapshot.jwt delta.jwt

Documents are read in the order in which they are named, as a verifier does: a
snapshot, then the deltas behind it. A file may hold one in each line, as the
….revocation.log that a verifier keeps on its disk does.
Clients, tenants, subjects and keys stand in them as hashes, not as names.

Exit codes: 0 all are genuine and fit together, 1 one is refused, 2 a file or
URL, or the keys, cannot be used.";

/// Judge documents of the revocation log, and say what is in them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// The `iss` that is accepted, byte for byte
    #[arg(long, value_name = "URL")]
    issuer: String,
    #[command(flatten)]
    keys: KeySource,
    /// Judge as if it were this time: Unix seconds or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_instant)]
    now: Option<UnixTime>,
    /// List every entry
    #[arg(long)]
    entries: bool,
    #[command(flatten)]
    form: Form,
    /// Snapshots and deltas
    #[arg(value_name = "FILE|URL", required = true)]
    documents: Vec<String>,
}

/// A text, and what was made of it.
struct Judged {
    text: Text,
    verdict: Result<Read, BadDocument>,
}

/// A genuine document, and what became of what was known.
struct Read {
    document: Document,
    outcome: Outcome,
}

impl Read {
    /// Whether it could be joined to what was known before.
    const fn fits(&self) -> bool {
        !matches!(self.outcome, Outcome::NeedSnapshot(_))
    }
}

impl Verify {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let texts = documents::read(&self.documents)?;
        let keys = self.keys.read(&self.issuer)?;
        let now = self.now.unwrap_or_else(now);
        let (judged, known) = self.judge(texts, &keys, now);
        let accepted = judged.iter().all(|one| one.verdict.as_ref().is_ok_and(Read::fits));
        let telling = told::Telling { judged: &judged, known: &known, now, entries: self.entries };
        if self.form.json {
            terminal.json(&telling.object(accepted));
        } else {
            terminal.say(telling.text(accepted));
        }
        Ok(if accepted { Exit::Ok } else { Exit::Refused })
    }

    fn judge(&self, texts: Vec<Text>, keys: &RevocationKeys, now: UnixTime) -> (Vec<Judged>, Follow) {
        let moment = Moment { wall: now, monotonic: Duration::ZERO };
        let mut known = Follow::new();
        let mut judged = Vec::with_capacity(texts.len());
        for text in texts {
            let verdict = keys.open(&text.document, &self.issuer, now).map(|document| {
                let (followed, outcome) = std::mem::take(&mut known).accept(document.clone(), moment);
                known = followed;
                Read { document, outcome }
            });
            judged.push(Judged { text, verdict });
        }
        (judged, known)
    }
}
