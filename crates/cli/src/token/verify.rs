//! `chancery token verify`

use super::revocations::{Heard, Revocations};
use super::{keys, presented};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::terminal::Terminal;
use crate::time::{exact, parse_instant, parse_span, relative};
use chancery_issuer::judge::judge;
use chancery_token::claims::TimeForm;
use chancery_token::{Environment, Format, KeyDocument, UnixTime};
use chancery_verifier::clock::{Clock as _, FixedClock, SystemClock};
use chancery_verifier::{Blame, Rejection, Verified, Verifier};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery token verify --keys jwks.json --issuer https://auth.example.com \\
      --audience https://api.documint.example \"$TOKEN\"
  cat token | chancery token verify \\
      --keys https://auth.example.com/.well-known/jwks.json \\
      --issuer https://auth.example.com \\
      --audience https://api.documint.example --json -

  chancery token verify --keys jwks.json --issuer https://auth.example.com \\
      --audience https://api.documint.example \\
      --revocations https://auth.example.com/revocation/snapshot \"$TOKEN\"

KEYS are a JWK Set, a PASERK document, a single JWK, or a k4.public line.
Without --revocations a revoked token is accepted until it expires; the output
says so. --revocations takes what `chancery revocation verify` takes; what is
older than --max-staleness cannot be used.

Exit codes: 0 accepted, 1 refused, 2 the command line, a file or a URL cannot
be used.";

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
    revocations: Revocations,
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
        let news = self.revocations.read(&self.issuer)?;
        let now = self.now.unwrap_or_else(|| SystemClock::new().now());
        let verifier = self.verifier(&document, now)?;
        let heard = news.map(|news| news.install(&verifier, now)).transpose()?;
        let token = presented::read(&self.token)?;
        let verdict = match verifier.verify(&token, now) {
            Err(rejection) if rejection.blame() == Blame::Verifier => return Err(cannot_say(&rejection)),
            Err(rejection) => Verdict::Refused(rejection),
            Ok(verified) => match self.other_judge(&token, &verified, &document) {
                Ok(()) => Verdict::Accepted(verified),
                Err(why) => Verdict::Disagreed(why),
            },
        };
        if self.form.json {
            terminal.json(&self.object(&verdict, &document, heard.as_ref(), now));
        } else {
            for (at, why) in &document.skipped {
                terminal.note(format!("note: entry {at} of the key document is left out: {why}"));
            }
            terminal.say(self.text(&verdict, heard.as_ref(), now));
        }
        match verdict {
            Verdict::Accepted(_) => Ok(Exit::Ok),
            Verdict::Disagreed(_) | Verdict::Refused(_) => Ok(Exit::Refused),
        }
    }

    fn verifier(&self, document: &KeyDocument, now: UnixTime) -> Result<Verifier, Failure> {
        let verifier = Verifier::new(&*self.issuer, &*self.audience, self.revocations.policy())
            .map_err(|why| Failure::unusable("usage", why))?
            .environment(self.env)
            .format(self.format)
            .max_lifetime(self.max_lifetime)
            .leeway(self.leeway)
            .clock(Arc::new(FixedClock::new(now)))
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

    fn object(
        &self,
        verdict: &Verdict,
        document: &KeyDocument,
        heard: Option<&Heard>,
        now: UnixTime,
    ) -> Value {
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
        object["revocation"] = if heard.is_some() { "checked" } else { "not_checked" }.into();
        if let Some(heard) = heard {
            object["revocations"] = heard.object();
        }
        object["skipped_keys"] = skipped.collect();
        object
    }

    fn text(&self, verdict: &Verdict, heard: Option<&Heard>, now: UnixTime) -> String {
        match verdict {
            Verdict::Accepted(verified) => {
                let claims = verified.claims();
                let revocation = heard.map_or_else(
                    || "revocation was not checked: this works from files alone".to_owned(),
                    |heard| heard.told(claims.rvs),
                );
                let judged = if self.judge { ", and a library of others agrees" } else { "" };
                format!(
                    "accepted{judged}\n  client   {}\n  tenant   {} ({})\n  scopes   {}\n  expires  {} ({})\n  \
                     lives    {}\n  key      {}\n{revocation}",
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

/// Nobody can say: the files that were named are at fault, and not the token.
fn cannot_say(rejection: &Rejection) -> Failure {
    Failure::unusable(rejection.reason(), rejection)
        .fix("Name newer documents, or say with --max-staleness how old they may be.")
}

fn claims(verified: &Verified, format: Format) -> Value {
    let times = match format {
        Format::Jwt => TimeForm::NumericDate,
        Format::Paseto => TimeForm::Rfc3339,
    };
    serde_json::from_slice(&verified.claims().to_json(times)).unwrap_or_default()
}
