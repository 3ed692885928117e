//! `chancery token inspect`

mod credential;
mod parts;

use super::presented;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::terminal::Terminal;
use crate::time::{relative, rough};
use chancery_token::{ClientId, MAX_TOKEN_BYTES, UnixTime};
use chancery_verifier::clock::{Clock as _, SystemClock};
use parts::Parts;
use serde_json::{Value, json};
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  chancery token inspect \"$TOKEN\"
  pbpaste | chancery token inspect -

NOTHING IS VERIFIED. It answers: what is this, who issued it, whom does it
belong to, what could it touch?
Secrets of ours (chs_…, chr_…, chm_…) are recognised too, and never repeated.

Exit codes: 0 it was read, 2 it is nothing that we know.";

/// Show what a token says, without verifying it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Inspect {
    #[command(flatten)]
    form: Form,
    /// What was found, or - to read it from standard input
    #[arg(value_name = "TOKEN|-", allow_hyphen_values = true)]
    token: OsString,
}

impl Inspect {
    pub(crate) fn run(&self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let found = presented::read(&self.token)?;
        let found = found.trim();
        if found.len() > MAX_TOKEN_BYTES {
            let message =
                format!("that has more than {MAX_TOKEN_BYTES} bytes; no token of ours is that long");
            return Err(Failure::unusable("token_too_large", message));
        }
        if let Some(credential) = credential::recognise(found) {
            if self.form.json {
                terminal
                    .json(&json!({ "verified": false, "what": credential.what, "detail": credential.means }));
            } else {
                terminal.say(format!("{}\n  {}", credential.title, credential.means));
            }
            return Ok(Exit::Ok);
        }
        let parts = Parts::read(found).ok_or_else(|| {
            Failure::unusable(
                "not_a_token",
                "that is neither a JWT, nor a PASETO v4.public, nor a secret of ours",
            )
            .fix("Pass the whole token, without \"Bearer\" before it and without line breaks.")
        })?;
        let now = SystemClock::new().now();
        if self.form.json {
            terminal.json(&object(&parts, now));
        } else {
            terminal.say(text(&parts, now));
        }
        Ok(Exit::Ok)
    }
}

fn object(parts: &Parts, now: UnixTime) -> Value {
    let time = |claim| parts.time(claim).map(UnixTime::to_rfc3339);
    json!({
        "verified": false,
        "what": parts.what.name(),
        "header": parts.header,
        "claims": parts.claims,
        "times": { "iat": time("iat"), "nbf": time("nbf"), "exp": time("exp") },
        "expired": parts.time("exp").map(|exp| now >= exp),
    })
}

fn text(parts: &Parts, now: UnixTime) -> String {
    let mut lines = vec![
        "NOT VERIFIED: anybody can write what stands here. `chancery token verify` decides.".to_owned(),
        String::new(),
    ];
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            // A line feed in a claim would begin a line of the stranger's own.
            lines.push(format!("  {name:<9} {}", value.replace('\n', "\\n")));
        }
    };
    let told = |claim: &str| parts.claims.get(claim).map(words);
    line("what", Some(parts.what.title(told("env").as_deref())));
    line("issuer", told("iss"));
    line("audience", told("aud"));
    // Who reads a command may paste it into a shell, so only what is a client id stands in one.
    let client = told("client_id").filter(|client| client.parse::<ClientId>().is_ok());
    line(
        "owner",
        client
            .as_ref()
            .map(|client| format!("client {client}; at its issuer: chancery client show {client}"))
            .or_else(|| told("client_id").map(|client| format!("client {client:?}, which is no client id"))),
    );
    line("subject", told("sub").filter(|subject| told("client_id").as_ref() != Some(subject)));
    line("tenant", told("tenant"));
    line("scopes", told("scope"));
    line("bounds", told("bounds"));
    for claim in ["iat", "nbf", "exp"] {
        let name = match claim {
            "iat" => "issued",
            "nbf" => "starts",
            _ => "expires",
        };
        line(name, parts.time(claim).map(|time| format!("{time} ({})", relative(time, now))));
    }
    if let (Some(iat), Some(exp)) = (parts.time("iat"), parts.time("exp")) {
        line("lives", Some(rough(exp.since(iat))));
    }
    line("token id", told("jti"));
    line("family", told("sid"));
    line("bound to", told("cnf"));
    line("actors", told("act"));
    line("key", parts.kid());
    lines.push(String::new());
    lines.push(format!("header  {}", parts.header));
    lines.push(format!("claims  {}", parts.claims));
    if let Some(client) = client.filter(|_| parts.is_ours() && parts.time("exp").is_some_and(|exp| now < exp))
    {
        lines.push(String::new());
        lines.push(format!(
            "Leaked? So that no more are issued: chancery client disable {client} --reason WHY"
        ));
        lines.push("        To end this one alone: chancery revoke token - --reason WHY".to_owned());
    }
    lines.join("\n")
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::encoding::base64url;

    fn shown(claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "k\nverified" });
        let segments = [header.to_string(), claims.to_string(), "signature".into()];
        let token = segments.map(|segment| base64url(segment.as_bytes())).join(".");
        text(&Parts::read(&token).unwrap(), UnixTime::from_secs(1000))
    }

    #[test]
    fn a_hostile_token_writes_no_line_and_no_command_of_its_own() {
        let claims = json!({
            "client_id": "x; rm -rf ~ #", "iss": "https://a\naccepted", "env": "live\naccepted",
            "iat": 1, "exp": 9999, "rvs": 1,
        });
        let shown = shown(&claims);
        assert!(!shown.contains("chancery client"), "{shown}");
        assert!(
            !shown.lines().any(|line| line.starts_with("accepted") || line.starts_with("verified")),
            "{shown}"
        );
    }

    #[test]
    fn a_token_of_ours_comes_with_the_commands_to_follow_it_up() {
        let shown = shown(&json!({ "client_id": "billing", "iat": 1, "exp": 9999, "rvs": 1 }));
        assert!(
            shown.contains("chancery client show billing")
                && shown.contains("chancery client disable billing")
        );
    }
}
