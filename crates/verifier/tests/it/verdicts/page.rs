//! The corpus and `docs/ERRORS.md` know the same reasons.

use super::{groups, published, reasons, run};
use std::collections::{BTreeMap, BTreeSet};

/// The first column of the table under a heading.
fn reasons_under(heading: &str) -> BTreeSet<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ERRORS.md")).unwrap();
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let cell = |line: &str| line.strip_prefix("| `")?.split_once('`').map(|(reason, _)| reason.to_owned());
    section.lines().filter_map(cell).collect()
}

fn all() -> BTreeSet<String> {
    let all = &reasons_under("A token is not accepted") | &reasons_under("A text is no access token");
    assert!(all.len() > 40, "only {} reasons found", all.len());
    all
}

#[test]
fn r_12_5_every_reason_that_a_token_can_be_refused_for_has_a_case() {
    let mut cases: BTreeMap<String, usize> = BTreeMap::new();
    for case in groups::corpus().groups.iter().flat_map(|group| &group.cases) {
        if let Some(reason) = case.reason {
            *cases.entry(reason.to_owned()).or_default() += 1;
        }
    }
    let shown: BTreeSet<String> = cases.keys().cloned().collect();
    let all = all();
    assert_eq!(&all - &shown, BTreeSet::new(), "reasons without a case");
    assert_eq!(&shown - &all, BTreeSet::new(), "reasons that docs/ERRORS.md does not list");
    let table: BTreeSet<String> = reasons::table().into_keys().map(str::to_owned).collect();
    assert_eq!(table, all);
}

#[test]
fn r_12_5_every_category_that_is_named_is_explained() {
    let categories = reasons::categories();
    for (reason, category) in reasons::table() {
        let known = reasons::of(reason);
        assert!(categories.contains_key(category), "{reason}");
        assert!(known.also.iter().all(|also| categories.contains_key(also) && *also != category), "{reason}");
    }
    for claim in ["exp", "aud", "cnf", "tenant"] {
        assert!(reasons::of_claim(claim).iter().all(|also| categories.contains_key(also)));
    }
}

#[test]
fn r_12_5_every_case_has_a_name_of_its_own_and_a_sentence() {
    let document = run::document(&published());
    let mut names = BTreeSet::new();
    let mut tokens: BTreeMap<String, String> = BTreeMap::new();
    for (settings, case) in run::cases(&document) {
        let text = |member: &str| case[member].as_str().unwrap().to_owned();
        let id = text("id");
        assert!(names.insert(id.clone()), "{id} stands twice");
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'/');
        assert!(id.bytes().all(plain) && !text("about").is_empty(), "{id}");
        // The same question twice would be one case that looks like two.
        let question = format!("{settings} {}", text("token"));
        if let Some(other) = tokens.insert(question, id.clone()) {
            panic!("{other} and {id} ask the same");
        }
    }
    assert!(names.len() >= 150, "only {} cases", names.len());
}
