//! `[revocation]`: whether the log is followed, how old news may be, and who says so to the issuer.

use super::read::Reader;
use super::{Introduced, RevocationConfig};
use chancery_token::ClientId;
use chancery_verifier::follow::VerifierName;
use chancery_verifier::{Freshness, LONGEST_STALENESS, SHORTEST_STALENESS};
use std::time::Duration;

const SECTION: &str = "revocation";
/// What means nothing where the log is not followed.
const FOLLOWING: [&str; 5] = ["max_staleness", "policy", "name", "client_id", "secret_file"];
/// What names a gate to its issuer: all of it, or nothing.
const INTRODUCED: [&str; 3] = ["name", "client_id", "secret_file"];

#[derive(Clone, Copy)]
enum Policy {
    MaxStaleness,
    Strict,
}

const POLICIES: [(&str, Policy); 2] = [("max_staleness", Policy::MaxStaleness), ("strict", Policy::Strict)];

pub(super) fn revocation(from: &mut Reader) -> Option<RevocationConfig> {
    if let Some((because, line)) = from.text(SECTION, "ignore_because") {
        return ignored(from, because, line);
    }
    if from.0.line_of(SECTION, "max_staleness").is_none() {
        let line = from.0.begin_of(SECTION);
        let message = "nothing says what to do about revocation; write [revocation] max_staleness = 60, the oldest \
                       news in seconds that tokens are judged by, or [revocation] ignore_because = \"why revoked \
                       tokens may work until they expire\"";
        from.0.refuse(line, message.to_owned());
    }
    let most = from.span(SECTION, "max_staleness", SHORTEST_STALENESS..=LONGEST_STALENESS);
    let policy = from.choice(SECTION, "policy", &POLICIES).unwrap_or(Policy::MaxStaleness);
    let introduced = introduced(from);
    Some(RevocationConfig::Follow { freshness: freshness(policy, most?), introduced })
}

const fn freshness(policy: Policy, most: Duration) -> Freshness {
    match policy {
        Policy::MaxStaleness => Freshness::MaxStaleness(most),
        Policy::Strict => Freshness::Strict { max_staleness: most },
    }
}

fn ignored(from: &mut Reader, because: String, line: usize) -> Option<RevocationConfig> {
    for key in FOLLOWING {
        if let Some(line) = from.0.line_of(SECTION, key) {
            let message =
                format!("[revocation] {key} is for a gate that follows the log; drop it, or ignore_because");
            from.0.refuse(line, message);
        }
    }
    if because.trim().is_empty() {
        let message =
            "[revocation] ignore_because is empty; say why revoked tokens may work until they expire";
        from.0.refuse(line, message.to_owned());
        return None;
    }
    Some(RevocationConfig::Ignore { because })
}

fn introduced(from: &mut Reader) -> Option<Introduced> {
    let there = INTRODUCED.into_iter().find_map(|key| from.0.line_of(SECTION, key))?;
    for key in INTRODUCED {
        if from.0.line_of(SECTION, key).is_none() {
            let message = format!(
                "[revocation] {key} is missing; name, client_id and secret_file together let the issuer say how far \
                 this gate is"
            );
            from.0.refuse(there, message);
        }
    }
    let name = parsed(from, "name", |text| VerifierName::parse(text).map_err(|why| why.to_string()));
    let client_id = parsed(from, "client_id", |text| text.parse::<ClientId>().map_err(|why| why.to_string()));
    let secret_file = from
        .text(SECTION, "secret_file")
        .and_then(|(text, line)| from.path(SECTION, "secret_file", &text, line));
    Some(Introduced { name: name?, client_id: client_id?, secret_file: secret_file? })
}

fn parsed<T>(from: &mut Reader, key: &'static str, parse: fn(&str) -> Result<T, String>) -> Option<T> {
    let (text, line) = from.text(SECTION, key)?;
    parse(&text).map_err(|why| from.0.refuse(line, format!("[revocation] {key}: {why}"))).ok()
}
