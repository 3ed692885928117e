//! What the corpus holds, and how it is written. `tests/vectors/verdicts.md` explains it to its readers.

use super::reading::Reading;
use super::reasons;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The whole document.
pub(super) struct Corpus {
    pub(super) now: u64,
    pub(super) settings: Settings,
    pub(super) keys: BTreeMap<&'static str, KeyDocuments>,
    pub(super) groups: Vec<Group>,
}

/// Key documents by format, and what of them must be left out.
#[derive(Serialize)]
pub(super) struct KeyDocuments {
    pub(super) jwt: Value,
    pub(super) paseto: Value,
    #[serde(skip_serializing_if = "LeftOut::is_empty")]
    pub(super) left_out: LeftOut,
}

/// Entries of key documents, counted from 0, that no token may be verified with.
#[derive(Default, Serialize)]
pub(super) struct LeftOut {
    pub(super) jwt: BTreeMap<usize, &'static str>,
    pub(super) paseto: BTreeMap<usize, &'static str>,
}

impl LeftOut {
    fn is_empty(&self) -> bool {
        self.jwt.is_empty() && self.paseto.is_empty()
    }
}

/// What a verifier is told; what is not said here is said by the group, or by the corpus.
#[derive(Clone, Default, Serialize)]
pub(super) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) audience: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) environment: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leeway: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_lifetime: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) future_iat: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) keys: Option<&'static str>,
}

/// Cases that are about one thing, for one format.
pub(super) struct Group {
    pub(super) name: String,
    about: &'static str,
    settings: Settings,
    pub(super) cases: Vec<Case>,
}

impl Group {
    pub(super) fn new(name: &str, about: &'static str, settings: Settings, cases: Vec<Case>) -> Self {
        let named = |case: Case| Case { id: format!("{name}/{}", case.id), ..case };
        Self { name: name.to_owned(), about, settings, cases: cases.into_iter().map(named).collect() }
    }
}

/// One token and what it deserves.
#[derive(Clone, Serialize)]
pub(super) struct Case {
    pub(super) id: String,
    about: String,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Settings>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Reading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    house: bool,
}

/// A token that must be accepted, and read as it says.
pub(super) fn accepted(id: &str, about: &str, token: String, reading: Reading) -> Case {
    Case {
        id: id.to_owned(),
        about: about.to_owned(),
        token,
        now: None,
        settings: None,
        verdict: "accepted",
        claims: Some(reading),
        reason: None,
        claim: None,
        category: None,
        also: Vec::new(),
        house: false,
    }
}

/// A token that must be refused.
pub(super) fn refused(id: &str, about: &str, token: String, reason: &'static str) -> Case {
    let known = reasons::of(reason);
    Case {
        verdict: "refused",
        claims: None,
        reason: Some(reason),
        category: Some(known.category),
        also: known.also.to_vec(),
        ..accepted(id, about, token, Reading::usual())
    }
}

impl Case {
    /// Judged by these settings.
    pub(super) fn under(self, settings: Settings) -> Self {
        Self { settings: Some(settings), ..self }
    }

    /// Judged at another second than the rest.
    pub(super) fn at(self, now: u64) -> Self {
        Self { now: Some(now), ..self }
    }

    /// The claim at fault.
    pub(super) fn claim(self, claim: &'static str) -> Self {
        Self { claim: Some(claim), ..self }.also(reasons::of_claim(claim))
    }

    /// Other things that are true of the token, so that a verifier which looks there first says them instead.
    pub(super) fn also(mut self, categories: &[&'static str]) -> Self {
        for category in categories {
            if self.category != Some(*category) && !self.also.contains(category) {
                self.also.push(category);
            }
        }
        self
    }

    /// The standards leave this open: another verifier may decide otherwise and be no less safe.
    pub(super) fn house(self) -> Self {
        Self { house: true, ..self }
    }
}

const ABOUT: &str =
    "Access tokens, good and bad, and what a verifier must say of each. verdicts.md explains the format.";
const WARNING: &str = "THE PRIVATE KEYS ARE PUBLIC: each seed is one small number, 32 times. Never trust these keys outside of a test.";

/// The document: one line for each case, so that a difference shows which ones differ; ASCII alone, so that nothing
/// in it is invisible.
pub(super) fn text(corpus: &Corpus) -> String {
    let mut out = String::from("{\n");
    for (name, value) in [
        ("about", json(&ABOUT)),
        ("warning", json(&WARNING)),
        ("licence", json(&"CC0-1.0")),
        ("version", json(&1)),
        ("now", json(&corpus.now)),
        ("settings", json(&corpus.settings)),
        ("categories", json(&reasons::categories())),
        ("reasons", json(&reasons::table())),
        ("keys", json(&corpus.keys)),
    ] {
        writeln!(out, "\"{name}\": {value},").unwrap();
    }
    out.push_str("\"groups\": [\n");
    let groups: Vec<String> = corpus.groups.iter().map(group_text).collect();
    out.push_str(&groups.join(",\n"));
    out.push_str("\n]\n}\n");
    out
}

fn group_text(group: &Group) -> String {
    let cases: Vec<String> = group.cases.iter().map(json).collect();
    format!(
        "{{\"name\": {}, \"about\": {}, \"settings\": {}, \"cases\": [\n{}\n]}}",
        json(&group.name),
        json(&group.about),
        json(&group.settings),
        cases.join(",\n")
    )
}

fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).unwrap();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if (' '..='~').contains(&c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").unwrap();
            }
        }
    }
    out
}
