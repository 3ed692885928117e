//! Every refusal has a stable `reason`, and `docs/ERRORS.md` lists them: no fewer, no more.

use crate::house::{read, root, sources};
use std::collections::BTreeMap;

/// The reasons that the code can give, each with the files it stands in: the texts in every function `reason`.
fn given() -> BTreeMap<String, Vec<String>> {
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sources() {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        let inside = ["catalog", "client", "cli", "issuer", "revocation", "token", "verifier"];
        if !inside.iter().any(|name| shown.starts_with(&format!("crates/{name}/src/")))
            || shown.ends_with("tests.rs")
        {
            continue;
        }
        let text = read(&path);
        let functions = text.match_indices("fn reason(").chain(text.match_indices("fn logged_reason("));
        let told = functions
            .flat_map(|(start, _)| texts(&without_attributes(body(&text[start..]))).collect::<Vec<String>>());
        for reason in told.chain(failures(&text)) {
            given.entry(reason).or_default().push(shown.clone());
        }
    }
    for reason in of_nginx() {
        given.entry(reason).or_default().push("nginx.conf".to_owned());
    }
    given
}

/// The reasons that nginx gives in the place of a gate.
fn of_nginx() -> Vec<String> {
    let config = read(&root().join("crates/examples/composition/nginx.conf"));
    let reasons = config.split("\"reason\":\"").skip(1);
    reasons.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// The reasons of the command: what `Failure::unusable("…")` and `Failure::new(Exit::…, "…")` are given.
fn failures(text: &str) -> Vec<String> {
    let calls = text.split("Failure::").skip(1).filter_map(|call| {
        let arguments = call
            .strip_prefix("unusable(")
            .or_else(|| call.strip_prefix("new(")?.split_once(',').map(|cut| cut.1))?;
        let reason = arguments.trim_start().strip_prefix('"')?.split_once('"')?.0;
        Some(reason.to_owned()).filter(|reason| reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    });
    calls.collect()
}

/// The reasons that a file of the command takes from a match: words with an underscore, and what a verdict is called.
fn mapped(file: &str) -> Vec<String> {
    let text = read(&root().join("crates/cli/src").join(file));
    let code = text.split("#[cfg(test)]").next().unwrap();
    let is_reason = |word: &String| word.contains('_') || word == "valid";
    texts(code).filter(is_reason).collect()
}

/// What stands between the first brace and its partner.
fn body(function: &str) -> &str {
    let open = function.find('{').unwrap();
    let mut depth = 0_usize;
    for (at, byte) in function.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return &function[open..at],
            b'}' => depth -= 1,
            _ => {}
        }
    }
    function
}

/// What stands in `#[cfg(feature = "…")]` is no reason.
fn without_attributes(body: &str) -> String {
    body.lines().filter(|line| !line.trim_start().starts_with("#[")).collect::<Vec<_>>().join("\n")
}

fn texts(body: &str) -> impl Iterator<Item = String> + '_ {
    let is_reason = |text: &&str| {
        text.len() > 2 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    body.split('"').skip(1).step_by(2).filter(is_reason).map(str::to_owned)
}

/// The first column of every table.
fn listed() -> Vec<String> {
    let text = read(&root().join("docs/ERRORS.md"));
    let cell = |line: &str| line.strip_prefix("| `")?.split_once('`').map(|(reason, _)| reason.to_owned());
    text.lines().filter_map(cell).collect()
}

#[test]
fn every_reason_is_listed() {
    let listed = listed();
    let missing: Vec<_> = given().into_iter().filter(|(reason, _)| !listed.contains(reason)).collect();
    assert!(missing.is_empty(), "docs/ERRORS.md lacks {missing:#?}");
}

#[test]
fn nothing_is_listed_that_cannot_happen() {
    let given = given();
    // What the token endpoint says instead of the reason in its log stands beside the statuses.
    let edge = read(&root().join("crates/issuer/src/http/error.rs"));
    let told: Vec<String> =
        texts(&edge).chain(mapped("token/keys.rs")).chain(mapped("token/verify_signature.rs")).collect();
    let can_happen = |reason: &String| given.contains_key(reason) || told.contains(reason);
    let unknown: Vec<_> = listed().into_iter().filter(|reason| !can_happen(reason)).collect();
    assert!(unknown.is_empty(), "docs/ERRORS.md lists {unknown:?}, which no function `reason` returns");
}

#[test]
fn the_search_for_reasons_finds_some() {
    assert!(given().len() > 50);
    assert_eq!(
        texts(body("fn reason(&self) { match self { A => \"a_b\", B { .. } => \"c\u{20}d\" } } \"e_f\""))
            .count(),
        1
    );
}
