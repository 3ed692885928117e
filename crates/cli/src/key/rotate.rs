//! `chancery key rotate`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use crate::time::{now, relative};
use chancery_issuer::admin::{Exposure, RotationView};
use chancery_issuer::keyring::KeyUse;
use chancery_token::UnixTime;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  chancery key rotate --plan            what would happen, and when
  chancery key rotate --format jwt
  chancery key rotate --format jwt --leaked
  chancery key rotate \\
      --issuer https://auth.example.com --admin-secret-file admin.secret

The key that is published already takes over as soon as every verifier can have
it, a new one is published, and the old one stays published for as long as a
token that it signed may live. Nothing needs to be restarted.

With --leaked the key is revoked instead: the next one signs at once, and every
token that the old one ever signed is refused by services that follow the
revocation log.

Exit codes: 0 done, 1 a rotation is under way already.";

/// Rotate the signing keys, without an outage
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Rotate {
    /// jwt, paseto, or revocation for those of the log; jwt and paseto unless said otherwise
    #[arg(long, value_name = "FORMAT")]
    format: Option<KeyUse>,
    /// Print the times and change nothing
    #[arg(long)]
    plan: bool,
    /// Somebody else has the keys that sign now: revoke them, and all that they signed
    #[arg(long)]
    leaked: bool,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Rotate {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let mut office = self.at.open().await?;
        let exposure = if self.leaked { Exposure::Leaked } else { Exposure::Kept };
        let rotated = office.rotate_keys(self.format, self.plan, exposure).await;
        let rotations = rotated.map_err(Refusal::into_failure)?;
        if self.form.json {
            terminal.json(&json!({ "planned": self.plan, "rotations": rotations }));
        } else {
            let now = now();
            let lines = rotations.iter().map(|rotation| text(rotation, exposure, now));
            terminal.say(lines.collect::<Vec<_>>().join("\n"));
        }
        Ok(Exit::Ok)
    }
}

fn text(rotation: &RotationView, exposure: Exposure, now: UnixTime) -> String {
    let RotationView { format, retires, activates, activates_at, removed_at, publishes, sequence } = rotation;
    let signs = relative(*activates_at, now);
    let fresh =
        publishes.as_ref().map_or_else(String::new, |kid| format!("\n  {kid} is published and waits"));
    let old = match (exposure, sequence) {
        (Exposure::Kept, _) => {
            format!("{retires} is published until {removed_at} ({})", relative(*removed_at, now))
        }
        (Exposure::Leaked, Some(sequence)) => {
            format!("{retires} is revoked, and all that it signed, at sequence {sequence}")
        }
        (Exposure::Leaked, None) => format!("{retires} is revoked, and all that it signed"),
    };
    format!("{format}\n  {activates} signs from {activates_at} on ({signs})\n  {old}{fresh}")
}
