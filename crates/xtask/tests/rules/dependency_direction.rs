//! Which crate may know which. Asked of `cargo tree`, one package at a time: `cargo metadata` unifies features over
//! the workspace and would show what nobody ships.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use crate::house::{folders, root};

/// Every crate, and the crates of ours that it may name. What it may not name, it may not reach either.
const ARROWS: [(&str, &[&str]); 9] = [
    ("catalog", &["token"]),
    ("cli", &["catalog", "client", "examples", "issuer", "revocation", "token", "verifier"]),
    ("client", &["revocation", "token", "verifier"]),
    ("examples", &["client", "revocation", "token", "verifier"]),
    ("issuer", &["catalog", "revocation", "token", "verifier"]),
    ("revocation", &["token"]),
    ("token", &[]),
    ("verifier", &["revocation", "token"]),
    ("xtask", &[]),
];

/// Without features these decide, and do nothing else.
const PURE: [&str; 4] = ["token", "revocation", "catalog", "verifier"];

/// Runtimes, servers and stores.
const IMPURE: [&str; 8] = ["axum", "hyper", "mio", "redis", "reqwest", "rusqlite", "socket2", "tokio"];

#[test]
fn every_crate_has_its_place_among_the_arrows() {
    let places: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(folders("crates"), places, "a new crate needs a line in ARROWS and in docs/ARCHITECTURE.md");
}

#[test]
fn arrows_point_down_only() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into();
    for (name, below) in ARROWS {
        for lower in below {
            assert!(!allowed[lower].contains(&name), "ARROWS holds a circle: {name} and {lower}");
        }
        let reached = ours(&tree(name, &["--edges", "normal", "--all-features"]), name);
        let stray: Vec<&String> = reached.iter().filter(|other| !below.contains(&other.as_str())).collect();
        assert!(stray.is_empty(), "{name} must not reach {stray:?}");
    }
}

#[test]
fn build_scripts_and_tests_of_the_shipped_crates_know_no_issuer_from_below() {
    for name in ["token", "revocation", "catalog", "verifier", "client", "examples"] {
        let reached = ours(&tree(name, &["--edges", "normal,build,dev", "--all-features"]), name);
        assert!(!reached.contains("issuer") && !reached.contains("cli"), "{name} reaches up: {reached:?}");
    }
}

#[test]
fn pure_crates_reach_no_runtime_no_server_and_no_store() {
    for name in PURE {
        let packages = tree(name, &["--edges", "normal", "--no-default-features"]);
        let reached: Vec<&str> = IMPURE.into_iter().filter(|impure| packages.contains(*impure)).collect();
        assert!(reached.is_empty(), "{name} without features reaches {reached:?}");
    }
}

#[test]
fn the_impure_are_seen_where_they_are() {
    let packages = tree("issuer", &["--edges", "normal"]);
    for name in ["axum", "hyper", "tokio"] {
        assert!(
            packages.contains(name),
            "the issuer no longer reaches {name}: is the tree still read rightly?"
        );
    }
}

#[test]
fn the_shipped_binary_has_no_testing_feature() {
    let features = features_of("verifier", &cargo_tree("cli", &["--edges", "normal,features"]));
    assert!(features.contains("follow"), "the tree must show features, but shows {features:?}");
    assert!(!features.contains("testing"), "chancery would ship the signing issuer that tests use");
}

#[test]
fn features_are_read_from_the_tree() {
    let lines =
        "chancery-cli v0.1.0 (/p)\nchancery-verifier feature \"testing\"\nserde feature \"std\" (*)\n";
    assert_eq!(features_of("verifier", lines), BTreeSet::from(["testing".to_owned()]));
}

/// The names of the packages in the tree of one crate.
fn tree(name: &str, words: &[&str]) -> BTreeSet<String> {
    let lines = cargo_tree(name, words);
    lines.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Our crates among the packages, without the prefix and without the one that was asked about.
fn ours(packages: &BTreeSet<String>, asked: &str) -> BTreeSet<String> {
    let names = packages.iter().filter_map(|package| package.strip_prefix("chancery-"));
    names.filter(|name| *name != asked).map(str::to_owned).collect()
}

/// The features of one crate of ours that a tree with feature edges shows.
fn features_of(name: &str, lines: &str) -> BTreeSet<String> {
    let start = format!("chancery-{name} feature \"");
    let features = lines.lines().filter_map(|line| line.strip_prefix(&start)?.split('"').next());
    features.map(str::to_owned).collect()
}

fn cargo_tree(name: &str, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--prefix", "none", "--package", &format!("chancery-{name}")])
        .args(words)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
