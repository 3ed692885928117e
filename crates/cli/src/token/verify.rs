//! `chancery token verify`

use super::{keys, presented};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::terminal::Terminal;
use crate::time::{exact, parse_instant, parse_span, relative};
use chancery_issuer::judge::judge;
use chancery_token::claims::TimeForm;
use chancery_token::{Environment, Format, KeyDocument, UnixTime};
use chancery_verifier::clock::{Clock as _, SystemClock};
use chancery_verifier::{Rejection, Revocation, Verified, Verifier};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery token verify --keys jwks.json --issuer https://auth.example.com \\
      --audience https://api.documint.example \"$TOKEN\"
  cat token | chancery token verify \\
      --keys https://auth.example.com/.well-known/jwks.json \\
      --issuer https://auth.example.com \\
      --audience https://api.documint.example --json -

KEYS are a JWK Set, a PASERK document, a single JWK, or a k4.public line.
Nothing is asked of the issuer, so a revoked token is accepted until it
expires; the output says so.

Exit codes: 0 accepted, 1 refused, 2 the command line, the key file or URL
cannot be used.";

/// Judge a token from files alone
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Where the keys are
    #[arg(long, value_name = "FILE|URL")]
    keys: String,
    /// The `iss` that is accepted, byte for byte
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The `aud` that is accepted, byte for byte
    #[arg(long, value_name = "URI")]
    audience: String,
    /// The format that is accepted: jwt or paseto
    #[arg(long, value_name = "FORMAT", default_value = "jwt")]
    format: Format,
    /// The environment that is accepted: live or test
    #[arg(long, value_name = "ENV", default_value = "live")]
    env: Environment,
    /// The longest `exp - iat` that is accepted
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_span)]
    max_lifetime: Duration,
    /// How far clocks may differ
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = parse_span)]
    leeway: Duration,
    /// Judge as if it were this time: Unix seconds or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_instant)]
    now: Option<UnixTime>,
    /// Ask a library of others too: jsonwebtoken or pasetors must agree on form and signature
    #[arg(long)]
    judge: bool,
    #[command(flatten)]
    form: Form,
    /// The token, or - to read it from standard input
    #[arg(value_name = "TOKEN|-", allow_hyphen_values = true)]
    token: OsString,
}

/// What is told about a token.
enum Verdict {
    Accepted(Verified),
    /// A library of others does not agree.
    Disagreed(String),
    Refused(Rejection),
}

impl Verdict {
    /// The stable name of the outcome; see `docs/ERRORS.md`.
    const fn reason(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Disagreed(_) => "judge_disagrees",
            Self::Refused(rejection) => rejection.reason(),
        }
    }
}

impl Verify {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let document = keys::read(&self.keys, self.format)?;
        let verifier = self.verifier(&document)?;
        let token = presented::read(&self.token)?;
        let now = self.now.unwrap_or_else(|| SystemClock::new().now());
        let verdict = match verifier.verify(&token, now) {
            Err(rejection) => Verdict::Refused(rejection),
            Ok(verified) => match self.other_judge(&token, &verified, &document) {
                Ok(()) => Verdict::Accepted(verified),
                Err(why) => Verdict::Disagreed(why),
            },
        };
        if self.form.json {
            terminal.json(&self.object(&verdict, &document, now));
        } else {
            for (at, why) in &document.skipped {
                terminal.note(format!("note: entry {at} of the key document is left out: {why}"));
            }
            terminal.say(self.text(&verdict, now));
        }
        match verdict {
            Verdict::Accepted(_) => Ok(Exit::Ok),
            Verdict::Disagreed(_) | Verdict::Refused(_) => Ok(Exit::Refused),
        }
    }

    fn verifier(&self, document: &KeyDocument) -> Result<Verifier, Failure> {
        let revocation = Revocation::Ignore { reason: "works from files alone, and says so in its output" };
        let verifier = Verifier::new(&*self.issuer, &*self.audience, revocation)
            .map_err(|why| Failure::unusable("usage", why))?
            .environment(self.env)
            .format(self.format)
            .max_lifetime(self.max_lifetime)
            .leeway(self.leeway)
            .cache_bytes(0);
        verifier
            .install_keys(document.keys.clone())
            .map_err(|why| Failure::unusable("keys_wrong_format", why))?;
        Ok(verifier)
    }

    fn other_judge(&self, token: &str, verified: &Verified, document: &KeyDocument) -> Result<(), String> {
        if !self.judge {
            return Ok(());
        }
        let key = document.keys.key(verified.kid()).ok_or("the key is gone")?;
        judge(self.format, key, token).map_err(|why| why.to_string())
    }

    fn object(&self, verdict: &Verdict, document: &KeyDocument, now: UnixTime) -> Value {
        let mut object = match verdict {
            Verdict::Accepted(verified) => json!({
                "verdict": "accepted",
                "detail": format!("good until {}", verified.claims().exp),
                "claims": claims(verified, self.format),
                "kid": verified.kid(),
            }),
            Verdict::Disagreed(why) => {
                json!({ "verdict": "refused", "detail": why })
            }
            Verdict::Refused(rejection) => {
                let mut object = json!({ "verdict": "refused", "detail": rejection.to_string() });
                if let Some(claim) = rejection.claim() {
                    object["claim"] = claim.into();
                }
                object
            }
        };
        let skipped =
            document.skipped.iter().map(|(at, why)| json!({ "entry": at, "detail": why.to_string() }));
        object["reason"] = verdict.reason().into();
        object["now"] = now.as_secs().into();
        object["judge"] = if self.judge { "asked" } else { "not_asked" }.into();
        object["revocation"] = "not_checked".into();
        object["skipped_keys"] = skipped.collect();
        object
    }

    fn text(&self, verdict: &Verdict, now: UnixTime) -> String {
        match verdict {
            Verdict::Accepted(verified) => {
                let claims = verified.claims();
                let judged = if self.judge { ", and a library of others agrees" } else { "" };
                format!(
                    "accepted{judged}\n  client   {}\n  tenant   {} ({})\n  scopes   {}\n  expires  {} ({})\n  \
                     lives    {}\n  key      {}\nrevocation was not checked: this works from files alone",
                    claims.client_id,
                    claims.tenant,
                    claims.env,
                    claims.scope,
                    claims.exp,
                    relative(claims.exp, now),
                    exact(claims.exp.since(claims.iat)),
                    verified.kid(),
                )
            }
            Verdict::Disagreed(why) => format!(
                "refused: {}\n  we accept the token, but a library of others does not: {why}",
                verdict.reason()
            ),
            Verdict::Refused(rejection) => {
                // It may quote the token, and a line feed there would begin a line of the stranger's own.
                let detail = rejection.to_string().replace('\n', "\\n");
                format!("refused: {}\n  {detail}", verdict.reason())
            }
        }
    }
}

fn claims(verified: &Verified, format: Format) -> Value {
    let times = match format {
        Format::Jwt => TimeForm::NumericDate,
        Format::Paseto => TimeForm::Rfc3339,
    };
    serde_json::from_slice(&verified.claims().to_json(times)).unwrap_or_default()
}
