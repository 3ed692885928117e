//! `chancery key rotate`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::local::{ConfigFile, FirstStart, keyring_failure};
use crate::terminal::Terminal;
use crate::time::relative;
use chancery_issuer::keyring::{RotateError, Rotation};
use chancery_token::{Format, UnixTime};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  chancery key rotate --plan            what would happen, and when
  chancery key rotate --format jwt

The key that is published already takes over as soon as every verifier can have it, a new one is published, and the
old one stays published for as long as a token of its may live. Nothing needs to be restarted.

Exit codes: 0 done, 1 a rotation is under way already.";

/// Rotate the signing keys, without an outage
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Rotate {
    /// jwt or paseto; both unless said otherwise
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Print the times and change nothing
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl Rotate {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let mut local = self.config.read()?.open(FirstStart::Refuse)?;
        let (keyring, now) = (local.keyring().await?, local.now());
        let formats = self.format.map_or_else(|| vec![Format::Jwt, Format::Paseto], |format| vec![format]);
        // Planned first, so that of two formats not one alone is rotated when the other cannot be.
        let mut rotations = Vec::new();
        for format in &formats {
            rotations.push(keyring.plan_rotation(*format, now).map_err(|why| refused(&why))?);
        }
        if !self.plan {
            rotations.clear();
            for format in formats {
                let done = keyring.rotate(&*local.store, format, now, &*local.entropy).await;
                rotations.push(done.map_err(|why| refused(&why))?);
            }
        }
        if self.form.json {
            let rotations: Vec<Value> = rotations.iter().map(object).collect();
            terminal.json(&json!({ "planned": self.plan, "rotations": rotations }));
        } else {
            let lines = rotations.iter().map(|rotation| text(rotation, now));
            terminal.say(lines.collect::<Vec<_>>().join("\n"));
        }
        Ok(Exit::Ok)
    }
}

fn refused(why: &RotateError) -> Failure {
    match why {
        RotateError::Pending(_) | RotateError::Contended => Failure::new(Exit::Refused, why.reason(), why),
        RotateError::Keyring(fault) => keyring_failure(fault),
    }
}

fn object(rotation: &Rotation) -> Value {
    json!({
        "format": rotation.format,
        "retires": rotation.retires,
        "activates": rotation.activates,
        "activates_at": rotation.activates_at.to_rfc3339(),
        "removed_at": rotation.removed_at.to_rfc3339(),
        "publishes": rotation.publishes,
    })
}

fn text(rotation: &Rotation, now: UnixTime) -> String {
    let Rotation { format, retires, activates, activates_at, removed_at, publishes } = rotation;
    let fresh =
        publishes.as_ref().map_or_else(String::new, |kid| format!("\n  {kid} is published and waits"));
    format!(
        "{format}\n  {activates} signs from {activates_at} on ({})\n  {retires} is published until {removed_at} ({}){fresh}",
        relative(*activates_at, now),
        relative(*removed_at, now)
    )
}
