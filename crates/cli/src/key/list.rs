//! `chancery key list`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::local::{ConfigFile, FirstStart};
use crate::terminal::Terminal;
use crate::time::relative;
use chancery_issuer::keyring::KeyState;
use chancery_token::UnixTime;
use serde_json::json;

/// List the signing keys: which signs, which follows, which is still believed
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  chancery key list")]
pub(crate) struct List {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl List {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let mut local = self.config.read()?.open(FirstStart::Refuse)?;
        let (keyring, now) = (local.keyring().await?, local.now());
        let records = keyring.records();
        if self.form.json {
            let keys: Vec<_> = records
                .iter()
                .map(|record| {
                    let (state, times) = match record.state {
                        KeyState::Published { at } => ("published", json!({ "at": at.to_rfc3339() })),
                        KeyState::Active { since } => ("active", json!({ "since": since.to_rfc3339() })),
                        KeyState::Retired { at, until } => {
                            ("retired", json!({ "at": at.to_rfc3339(), "until": until.to_rfc3339() }))
                        }
                    };
                    json!({
                        "kid": record.kid,
                        "format": record.format,
                        "created_at": record.created_at.to_rfc3339(),
                        "state": state,
                        "times": times,
                    })
                })
                .collect();
            terminal.json(&json!({ "keys": keys }));
        } else {
            let lines = records.iter().map(|record| {
                format!("{:<6}  {}  {}", record.format.as_str(), record.kid, told(record.state, now))
            });
            terminal.say(lines.collect::<Vec<_>>().join("\n"));
        }
        Ok(Exit::Ok)
    }
}

fn told(state: KeyState, now: UnixTime) -> String {
    match state {
        KeyState::Published { at } => format!("published {}, waits for the next rotation", relative(at, now)),
        KeyState::Active { since } if since > now => {
            format!("signs from {since} on ({})", relative(since, now))
        }
        KeyState::Active { since } => format!("signs, since {since} ({})", relative(since, now)),
        KeyState::Retired { at, until } if at > now => {
            format!("signs until {at} ({}), is published until {until}", relative(at, now))
        }
        KeyState::Retired { until, .. } => {
            format!("retired, its tokens are believed until {until} ({})", relative(until, now))
        }
    }
}
