//! The official test vectors: what others say a token is.
//!
//! A vector that we do not satisfy stands in `tests/vectors/exceptions.json` with the reason. One that stands
//! there and passes fails the test as well, and so does an exception for a vector that does not exist.

mod jose;
mod paserk;
mod paseto;

use serde_json::Value;
use std::path::PathBuf;

/// A vector by its file and name, and whether we do with it what its authors expect.
struct Outcome {
    vector: String,
    satisfied: Result<(), String>,
}

struct Exception {
    vector: String,
    reason: String,
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors"))
}

fn document(file: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The `.json` files of a folder, by their path below `tests/vectors`.
fn files(below: &str) -> Vec<String> {
    let mut files: Vec<String> = std::fs::read_dir(folder().join(below))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| format!("{below}/{}", path.file_name().unwrap().to_str().unwrap()))
        .collect();
    files.sort();
    files
}

fn text<'v>(vector: &'v Value, member: &str) -> &'v str {
    vector[member].as_str().unwrap_or_else(|| panic!("no text '{member}' in {vector}"))
}

fn bytes(vector: &Value, member: &str) -> Vec<u8> {
    hex::decode(text(vector, member)).unwrap()
}

/// A vector whose authors, or our choice of one algorithm, want it refused.
fn refused<T, E>(result: &Result<T, E>) -> Result<(), String> {
    match result {
        Ok(_) => Err("accepted, but must be refused".into()),
        Err(_) => Ok(()),
    }
}

/// A vector that must be refused for a reason of its own.
fn refused_for<T>(result: Result<T, chancery_token::Malformed>, reason: &str) -> Result<(), String> {
    match result {
        Ok(_) => Err("accepted, but must be refused".into()),
        Err(malformed) if malformed.reason() == reason => Ok(()),
        Err(malformed) => Err(format!("refused as {}, not as {reason}", malformed.reason())),
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(ours: &T, theirs: &T) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("we have {ours:?}, they have {theirs:?}")) }
}

fn exceptions() -> Vec<Exception> {
    let document = document("exceptions.json");
    let exception = |entry: &Value| Exception {
        vector: text(entry, "vector").to_owned(),
        reason: text(entry, "reason").to_owned(),
    };
    document.as_array().unwrap().iter().map(exception).collect()
}

/// What is wrong with a run, one line each.
fn faults(outcomes: &[Outcome], exceptions: &[Exception]) -> Vec<String> {
    let mut faults = Vec::new();
    for outcome in outcomes {
        let excepted = exceptions.iter().any(|exception| exception.vector == outcome.vector);
        match (&outcome.satisfied, excepted) {
            (Ok(()), true) => faults.push(format!("{}: passes; take its exception away", outcome.vector)),
            (Err(why), false) => faults.push(format!("{}: {why}", outcome.vector)),
            (Ok(()), false) | (Err(_), true) => {}
        }
    }
    for exception in exceptions {
        if !outcomes.iter().any(|outcome| outcome.vector == exception.vector) {
            faults.push(format!("{}: an exception for no vector", exception.vector));
        }
        if exception.reason.trim().len() < 20 {
            faults.push(format!("{}: an exception without a reason", exception.vector));
        }
    }
    faults
}

#[test]
fn every_official_vector_is_satisfied_or_excepted_with_a_reason() {
    let suites = [paseto::run(), paserk::run(), jose::run()];
    // A folder that was not read would pass; the official files hold so many.
    assert_eq!(suites.each_ref().map(Vec::len), [63, 51, 43]);
    let outcomes: Vec<Outcome> = suites.into_iter().flatten().collect();
    let faults = faults(&outcomes, &exceptions());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_run_fails_on_surprises_of_either_kind() {
    let outcome = |vector: &str, satisfied: Result<(), &str>| Outcome {
        vector: vector.into(),
        satisfied: satisfied.map_err(str::to_owned),
    };
    let exception =
        |vector: &str| Exception { vector: vector.into(), reason: "a reason that is a sentence".into() };
    let outcomes = [outcome("good", Ok(())), outcome("bad", Err("differs"))];
    let none: [String; 0] = [];
    assert_eq!(faults(&outcomes, &[exception("bad")]), none);
    assert_eq!(faults(&outcomes, &[]), ["bad: differs"]);
    assert_eq!(
        faults(&outcomes, &[exception("bad"), exception("good")]),
        ["good: passes; take its exception away"]
    );
    assert_eq!(
        faults(&outcomes, &[exception("bad"), exception("gone")]),
        ["gone: an exception for no vector"]
    );
    let bare = Exception { vector: "bad".into(), reason: " ".into() };
    assert_eq!(faults(&outcomes, &[bare]), ["bad: an exception without a reason"]);
}
