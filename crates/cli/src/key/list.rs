//! `chancery key list`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use crate::time::{now, relative};
use chancery_issuer::admin::{KeyTimesView, KeyView};
use chancery_issuer::keyring::KeyUse;
use chancery_token::UnixTime;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  chancery key list
  chancery key list \\
      --issuer https://auth.example.com --admin-secret-file admin.secret";

/// List the signing keys, of tokens and of the log: which signs, which follows, which is still believed
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl List {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let mut office = self.at.open().await?;
        let keys = office.keys().await.map_err(Refusal::into_failure)?;
        if self.form.json {
            terminal.json(&json!({ "keys": keys }));
        } else {
            let now = now();
            let lines = keys.iter().map(|key| format!("{:<10}  {}  {}", key.format, key.kid, told(key, now)));
            terminal.say(lines.collect::<Vec<_>>().join("\n"));
        }
        Ok(Exit::Ok)
    }
}

fn told(key: &KeyView, now: UnixTime) -> String {
    match (key.state.as_str(), key.times) {
        ("published", KeyTimesView { at: Some(at), .. }) => {
            format!("published {}, waits for the next rotation", relative(at, now))
        }
        ("active", KeyTimesView { since: Some(since), .. }) if since > now => {
            format!("signs from {since} on ({})", relative(since, now))
        }
        ("active", KeyTimesView { since: Some(since), .. }) => {
            format!("signs, since {since} ({})", relative(since, now))
        }
        ("retired", KeyTimesView { at: Some(at), until: Some(until), .. }) if at > now => {
            format!("signs until {at} ({}), is published until {until}", relative(at, now))
        }
        ("retired", KeyTimesView { until: Some(until), .. }) => {
            let signed = if key.format == KeyUse::Revocation.as_str() { "documents" } else { "tokens" };
            format!("retired, its {signed} are believed until {until} ({})", relative(until, now))
        }
        (other, _) => other.to_owned(),
    }
}
