//! Our verifier, asked as anybody's would be: by the published file, and nothing else.

use chancery_verifier::token::KeyDocument;
use chancery_verifier::{Format, FutureIat, KeySet, Rejection, Revocation, UnixTime, Verified, Verifier};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;

/// How many cases were asked, and what was wrong with the answers.
pub(super) struct Outcome {
    pub(super) asked: usize,
    pub(super) faults: Vec<String>,
}

pub(super) fn document(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Every case, with the settings that hold for it: those of the corpus, the group and the case, the later one wins.
pub(super) fn cases(document: &Value) -> Vec<(Value, &Value)> {
    let mut cases = Vec::new();
    for group in list(&document["groups"]) {
        for case in list(&group["cases"]) {
            let mut settings = Map::from_iter([("now".to_owned(), document["now"].clone())]);
            for told in [&document["settings"], &group["settings"], &case["settings"]] {
                settings.extend(told.as_object().cloned().unwrap_or_default());
            }
            if let Some(now) = case.get("now") {
                settings.insert("now".to_owned(), now.clone());
            }
            cases.push((Value::Object(settings), case));
        }
    }
    cases
}

/// Asks our verifier about every case, twice: the second answer may come from its cache.
pub(super) fn run(document: &Value) -> Outcome {
    let cases = cases(document);
    let mut faults = Vec::new();
    for (settings, case) in &cases {
        let verifier = verifier(settings, document);
        let now = UnixTime::from_secs(number(settings, "now"));
        for _ in 0..2 {
            let verdict = verifier.verify(text(case, "token"), now);
            if let Err(why) = agrees(&verdict, case) {
                faults.push(format!("{}: {why}", text(case, "id")));
                break;
            }
        }
    }
    Outcome { asked: cases.len(), faults }
}

fn verifier(settings: &Value, document: &Value) -> Verifier {
    let format: Format = text(settings, "format").parse().unwrap();
    let ignore = Revocation::Ignore { reason: "the corpus has no revocation log" };
    let future_iat = match text(settings, "future_iat") {
        "accept" => FutureIat::Accept,
        "refuse" => FutureIat::Refuse,
        other => panic!("no policy '{other}'"),
    };
    let verifier = Verifier::new(text(settings, "issuer"), text(settings, "audience"), ignore)
        .unwrap()
        .environment(text(settings, "environment").parse().unwrap())
        .format(format)
        .leeway(Duration::from_secs(number(settings, "leeway")))
        .max_lifetime(Duration::from_secs(number(settings, "max_lifetime")))
        .future_iat(future_iat);
    let keys = read_keys(&document["keys"][text(settings, "keys")], format).keys;
    verifier.install_keys(keys).unwrap();
    verifier
}

fn read_keys(documents: &Value, format: Format) -> KeyDocument {
    KeySet::read(format, documents[format.as_str()].to_string().as_bytes()).unwrap()
}

fn agrees(verdict: &Result<Verified, Rejection>, case: &Value) -> Result<(), String> {
    match (verdict, text(case, "verdict")) {
        (Ok(verified), "accepted") => {
            let (ours, theirs) = (reading(verified), &case["claims"]);
            if ours == *theirs { Ok(()) } else { Err(format!("we read {ours}, not {theirs}")) }
        }
        (Err(refusal), "refused") => {
            let ours = json!([refusal.reason(), refusal.claim()]);
            let theirs = json!([case["reason"], case["claim"]]);
            if ours == theirs { Ok(()) } else { Err(format!("we say {ours}, not {theirs}: {refusal}")) }
        }
        (Ok(_), _) => Err("we accept it".to_owned()),
        (Err(refusal), _) => Err(format!("we refuse it: {refusal}")),
    }
}

/// What our verifier read, in the words of the corpus.
fn reading(verified: &Verified) -> Value {
    let claims = verified.claims();
    let number = |number: u64| if number < 1 << 53 { json!(number) } else { json!(number.to_string()) };
    let texts = |list: Vec<String>| json!(list);
    let members = [
        ("client_id", Some(json!(claims.client_id))),
        ("sub", Some(json!(claims.sub))),
        ("tenant", Some(json!(claims.tenant))),
        ("scopes", Some(texts(verified.scopes().iter().map(str::to_owned).collect()))),
        ("iat", Some(json!(claims.iat))),
        ("exp", Some(json!(claims.exp))),
        ("nbf", claims.nbf.map(|nbf| json!(nbf))),
        ("jti", Some(json!(claims.jti))),
        ("bounds", (!claims.bounds.is_empty()).then(|| json!(claims.bounds))),
        ("sid", claims.sid.map(|sid| json!(sid))),
        ("rvs", Some(number(claims.rvs))),
        ("act", (!claims.act.is_empty()).then(|| json!(claims.act))),
        ("anc", (!claims.anc.is_empty()).then(|| json!(claims.anc))),
        ("env", Some(json!(claims.env))),
    ];
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("no text '{member}' in {value}"))
}

fn number(value: &Value, member: &str) -> u64 {
    value[member].as_u64().unwrap_or_else(|| panic!("no number '{member}' in {value}"))
}

/// A corpus of the first good and the first bad case of the published one.
fn sample() -> Value {
    let mut document = document(&super::published());
    let whole = document.clone();
    for (verdict, group) in [("accepted", 0), ("refused", 1)] {
        let (_, case) = cases(&whole).into_iter().find(|(_, case)| case["verdict"] == verdict).unwrap();
        document["groups"][group] = json!({ "cases": [case] });
    }
    document["groups"].as_array_mut().unwrap().truncate(2);
    document
}

#[test]
fn r_12_5_a_run_notices_every_way_to_be_wrong() {
    let good = sample();
    assert_eq!(run(&good).faults, Vec::<String>::new());
    for (place, value) in [
        ("/groups/0/cases/0/verdict", json!("refused")),
        ("/groups/0/cases/0/claims/tenant", json!("globex")),
        ("/groups/0/cases/0/claims/exp", json!(1)),
        ("/groups/0/cases/0/claims/scopes", json!(["invoices:read"])),
        ("/groups/0/cases/0/claims", json!({})),
        ("/groups/1/cases/0/verdict", json!("accepted")),
        ("/groups/1/cases/0/reason", json!("segment_count")),
        ("/groups/1/cases/0", json!({ "claim": "exp" })),
    ] {
        let mut wrong = good.clone();
        match (wrong.pointer_mut(place).unwrap(), value) {
            (Value::Object(case), Value::Object(more)) if !more.is_empty() => case.extend(more),
            (old, value) => *old = value,
        }
        assert_eq!(run(&wrong).faults.len(), 1, "{place}");
    }
}

#[test]
fn r_12_5_what_is_left_out_of_a_key_document_is_what_the_corpus_says() {
    let document = document(&super::published());
    let mut left_out = 0;
    for (name, documents) in document["keys"].as_object().unwrap() {
        for format in [Format::Jwt, Format::Paseto] {
            let skipped = read_keys(documents, format).skipped;
            let ours: Vec<String> = skipped.iter().map(|(at, _)| at.to_string()).collect();
            let mut theirs: Vec<String> = documents["left_out"][format.as_str()]
                .as_object()
                .into_iter()
                .flat_map(|why| why.keys().cloned())
                .collect();
            theirs.sort_by_key(|at| at.parse::<usize>().unwrap());
            assert_eq!(ours, theirs, "{name}, {format}: {skipped:?}");
            left_out += ours.len();
        }
    }
    assert!(left_out > 10, "only {left_out} keys are left out");
}
