//! `tests/vectors/revocation.json`: documents and verdicts for followers in every language, ours among them.

#[path = "vectors/make.rs"]
mod make;

use chancery_revocation::{Follow, Freshness, Moment, Over, RevocationKeys, TokenMarks, Verdict};
use chancery_token::bounds::Bounds;
use chancery_token::{Claims, Environment, FamilyId, ScopeSet, TokenId, UnixTime};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

fn file() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/revocation.json");
    std::fs::read_to_string(path).unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn moment(value: &Value, began: u64) -> Moment {
    let now = value["now"].as_u64().unwrap();
    Moment { wall: UnixTime::from_secs(now), monotonic: Duration::from_secs(now - began) }
}

fn claims(token: &Value) -> Claims {
    let names = |name| list(token, name).iter().map(|value| value.as_str().unwrap());
    Claims {
        iss: "https://auth.example.com".into(),
        aud: "https://documint.example.com".into(),
        sub: text(token, "sub").parse().unwrap(),
        client_id: text(token, "client_id").parse().unwrap(),
        iat: UnixTime::from_secs(0),
        exp: UnixTime::from_secs(1),
        nbf: None,
        jti: TokenId::parse(text(token, "jti")).unwrap(),
        scope: ScopeSet::parse("a:b").unwrap(),
        tenant: text(token, "tenant").parse().unwrap(),
        bounds: Bounds::default(),
        sid: token["sid"].as_str().map(|sid| FamilyId::parse(sid).unwrap()),
        rvs: token["rvs"].as_u64().unwrap(),
        cnf: None,
        act: names("act").map(|sub| sub.parse().unwrap()).collect(),
        anc: names("anc").map(|jti| TokenId::parse(jti).unwrap()).collect(),
        env: Environment::Live,
    }
}

/// The word for a verdict, and the kind of the entry that ended the token.
fn words(verdict: &Verdict) -> (&'static str, Option<&'static str>) {
    match verdict {
        Verdict::Good => ("good", None),
        Verdict::GoodSoFar(_) => ("good_so_far", None),
        Verdict::Over(Over::Revoked { ended }) => ("revoked", Some(ended.by.as_str())),
        Verdict::Over(over) => (over.reason(), None),
        Verdict::Unknown(unknown) => (unknown.reason(), None),
    }
}

#[test]
fn the_file_is_what_the_generator_writes() {
    assert!(
        file() == make::file(),
        "write it anew: cargo run --release -p chancery-revocation --example revocation_vectors"
    );
}

#[test]
fn our_follower_comes_to_every_verdict_of_the_file() {
    let file: Value = serde_json::from_str(&file()).unwrap();
    let keys = RevocationKeys::read(file["keys"].to_string().as_bytes()).unwrap().keys;
    let issuer = text(&file, "issuer");
    let max_staleness = Duration::from_secs(file["max_staleness"].as_u64().unwrap());
    let (mut steps, mut verdicts) = (0, 0);
    for case in list(&file, "cases") {
        let name = text(case, "name");
        let began = list(case, "steps")[0]["now"].as_u64().unwrap();
        let mut follow = Follow::new();
        for step in list(case, "steps") {
            let now = moment(step, began);
            if let Some(document) = step["document"].as_str() {
                let (after, received) = follow.receive(document, &keys, issuer, now);
                follow = after;
                let outcome = received.map_or_else(|bad| bad.reason(), |outcome| outcome.reason());
                assert_eq!(outcome, text(step, "outcome"), "{name}");
                steps += 1;
            }
            if let Some(sequence) = step["sequence"].as_u64() {
                let position = follow.position().unwrap();
                assert_eq!(position.sequence.get(), sequence, "{name}");
                assert_eq!(position.head.to_string(), text(step, "head"), "{name}");
            }
            if let Some(age) = step["age"].as_u64() {
                assert_eq!(follow.age(now), Some(Duration::from_secs(age)), "{name}");
            }
            for token in list(step, "tokens") {
                let policy = match text(token, "policy") {
                    "max_staleness" => Freshness::MaxStaleness(max_staleness),
                    "strict" => Freshness::Strict { max_staleness },
                    other => panic!("{other}"),
                };
                let marks = TokenMarks::of(&claims(token), text(token, "kid"));
                let expected = (text(token, "verdict"), token["by"].as_str());
                assert_eq!(words(&follow.judge(&marks, policy, now)), expected, "{name}: {token}");
                verdicts += 1;
            }
        }
    }
    for refused in list(&file, "refused") {
        let now = UnixTime::from_secs(refused["now"].as_u64().unwrap());
        let bad = keys.open(text(refused, "document"), issuer, now).unwrap_err();
        assert_eq!(bad.reason(), text(refused, "reason"), "{}", text(refused, "name"));
    }
    for mark in list(&file, "marks") {
        let (kind, name) = (text(mark, "kind"), text(mark, "name"));
        let made = match kind {
            "client" => chancery_revocation::NameMark::client(&name.parse().unwrap()),
            "tenant" => chancery_revocation::NameMark::tenant(&name.parse().unwrap()),
            "subject" => chancery_revocation::NameMark::subject(&name.parse().unwrap()),
            _ => chancery_revocation::NameMark::key(name),
        };
        assert_eq!(chancery_token::encoding::base64url(made.as_bytes()), text(mark, "mark"), "{kind} {name}");
    }
    assert!(steps > 15 && verdicts > 40 && list(&file, "refused").len() > 30, "{steps} {verdicts}");
}
