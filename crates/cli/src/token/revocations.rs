//! What `token verify` knows of the revocation log.

use crate::failure::Failure;
use crate::fetch::is_url;
use crate::revocation::documents::{self, Text};
use crate::revocation::keys::KeySource;
use crate::time::parse_span;
use chancery_revocation::{BadDocument, Outcome};
use chancery_token::UnixTime;
use chancery_verifier::{Freshness, NotInstalled, Revocation, RevocationKeys, Verifier};
use serde_json::{Value, json};
use std::time::Duration;

/// Where an issuer, or whoever passes its documents on, has them.
const SNAPSHOT: &str = "/revocation/snapshot";
const DELTA: &str = "/revocation/delta";

/// The flags about revocation.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Revocations {
    /// Ask these documents of the revocation log too: a snapshot, and deltas behind it; repeat it
    #[arg(long = "revocations", value_name = "FILE|URL")]
    sources: Vec<String>,
    #[command(flatten)]
    keys: KeySource,
    /// How old the news of the revocation log may be
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_span)]
    max_staleness: Duration,
}

/// What was named, read.
pub(super) struct News {
    texts: Vec<Text>,
    keys: RevocationKeys,
}

/// What of it is known now.
pub(super) struct Heard {
    log: String,
    sequence: u64,
    age: Duration,
}

impl Revocations {
    /// Reads them; nothing where nothing is named.
    pub(super) fn read(&self, issuer: &str) -> Result<Option<News>, Failure> {
        if self.sources.is_empty() {
            if self.keys.is_named() {
                return Err(Failure::unusable("usage", "--revocation-keys belongs to --revocations"));
            }
            return Ok(None);
        }
        let texts = documents::read(&self.sources)?;
        Ok(Some(News { texts, keys: self.keys.read(issuer)? }))
    }

    /// What the verifier does about revocation.
    pub(super) fn policy(&self) -> Revocation {
        if self.sources.is_empty() {
            Revocation::Ignore { reason: "works from files alone, and says so in its output" }
        } else {
            Revocation::Follow(Freshness::MaxStaleness(self.max_staleness))
        }
    }
}

impl News {
    /// Tells `verifier` all of it, as if it had these on its disk at a start. Nothing is left out: what it revokes would
    /// be accepted.
    pub(super) fn install(self, verifier: &Verifier, now: UnixTime) -> Result<Heard, Failure> {
        for text in &self.texts {
            self.take(text, verifier, now)?;
            // It may be some seconds old where it is served; what came since is asked for.
            let newer = text.source.strip_suffix(SNAPSHOT).filter(|base| is_url(base));
            if let (Some(base), Some(at)) = (newer, verifier.revocations_position()) {
                let since = format!("{base}{DELTA}?log={}&after={}&wait=0", at.log, at.sequence);
                for text in documents::read(&[since])? {
                    self.take(&text, verifier, now)?;
                }
            }
        }
        let (Some(at), Some(age)) = (verifier.revocations_position(), verifier.revocations_age()) else {
            let message = "nothing is known of the revocation log";
            return Err(Failure::unusable("revocation_never_heard", message).fix("Name a snapshot."));
        };
        Ok(Heard { log: at.log.to_string(), sequence: at.sequence.get(), age })
    }

    fn take(&self, text: &Text, verifier: &Verifier, now: UnixTime) -> Result<(), Failure> {
        let place = text.place();
        match verifier.install_revocations(&text.document, &self.keys, now) {
            Ok(outcome @ Outcome::NeedSnapshot(_)) => {
                let message = format!("{place} does not follow on what was named before it");
                Err(Failure::unusable(outcome.reason(), message).fix(
                    "Name a snapshot first, and every delta behind it: an issuer has one at /revocation/snapshot.",
                ))
            }
            Ok(_) => Ok(()),
            Err(NotInstalled::Document(why)) => Err(unusable(&place, &why)),
            Err(NotInstalled::SharedKey(why)) => Err(Failure::unusable(why.reason(), why)),
            Err(why @ NotInstalled::Ignored) => Err(Failure::unusable("usage", why)),
        }
    }
}

fn unusable(place: &str, why: &BadDocument) -> Failure {
    let fix = match why {
        BadDocument::FromFuture { .. } => "With --now, name documents of that time.",
        BadDocument::UnknownKey { .. } => "Are these the keys of this issuer's revocation log?",
        _ => "`chancery revocation verify` says what is wrong with each document. Leave out what is none.",
    };
    // It may quote the document, and a line feed there would begin a line of the stranger's own.
    let detail = why.to_string().replace('\n', "\\n");
    Failure::unusable(why.reason(), format!("{place}: {detail}")).fix(fix)
}

impl Heard {
    pub(super) fn object(&self) -> Value {
        json!({
            "log": self.log,
            "sequence": self.sequence,
            "age_secs": self.age.as_secs(),
        })
    }

    /// The last line about a token that bears `rvs`.
    pub(super) fn told(&self, rvs: u64) -> String {
        let age = crate::time::rough(self.age);
        let known = format!("not revoked, by news of {age} ago, up to sequence {}", self.sequence);
        if rvs > self.sequence {
            format!("{known}\nthe token is younger than they are: its issuer knew of sequence {rvs}")
        } else {
            known
        }
    }
}
