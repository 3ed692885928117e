//! Rules of the house that no compiler lint holds. `docs/CONTRIBUTING.md` gives the reasons.

use std::path::{Path, PathBuf};

/// More than this does not fit into one sitting; a file that long holds two behaviours.
const LONGEST: usize = 500;

/// What the top level holds. Files that start with a dot are free.
const TOP: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "crates",
    "docs",
    "keys",
    "tests",
];

/// What a build or a first start leaves there; git ignores it.
const LEFT: [&str; 3] = ["catalog.toml", "chancery.toml", "target"];

/// Written in two pieces, so that this file does not break its own rules.
const FORBIDDEN: [(&str, &str, &str); 9] = [
    ("#[al", "low(", "say #[expect(lint, reason = \"..\")]: it goes when it is no longer needed"),
    ("#![al", "low(", "say #![expect(lint, reason = \"..\")]: it goes when it is no longer needed"),
    ("#[ig", "nore", "a test that does not run proves nothing"),
    ("```ig", "nore", "an example that is not compiled is wrong soon"),
    ("to", "do!(", "finish it, or leave it out"),
    ("unimple", "mented!(", "finish it, or leave it out"),
    ("TO", "DO", "finish it, or say in prose what is not there"),
    ("FIX", "ME", "fix it"),
    ("X", "XX", "fix it"),
];

/// Forbidden in tests only.
const SLEEPING: [(&str, &str); 3] = [("thread::", "sleep"), ("time::", "sleep("), ("time::", "sleep;")];

#[test]
fn the_top_level_holds_what_it_is_meant_to_hold() {
    let mut strangers = Vec::new();
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with('.') && !TOP.contains(&name.as_str()) && !LEFT.contains(&name.as_str()) {
            strangers.push(name);
        }
    }
    assert!(
        strangers.is_empty(),
        "at the top level stand {strangers:?}; they belong under crates, tests or docs"
    );
}

#[test]
fn no_source_file_is_longer_than_a_sitting() {
    let mut long = Vec::new();
    for path in sources() {
        let lines = read(&path).lines().count();
        if lines > LONGEST {
            long.push(format!("{} has {lines} lines", shown(&path)));
        }
    }
    assert!(long.is_empty(), "split these by behaviour, at most {LONGEST} lines each:\n{}", long.join("\n"));
}

#[test]
fn nothing_forbidden_is_written() {
    let mut found = Vec::new();
    for path in sources() {
        for (number, line) in (1..).zip(read(&path).lines()) {
            for (head, tail, reason) in FORBIDDEN {
                if has_word(line, &format!("{head}{tail}")) {
                    found.push(format!("{}:{number}: {head}{tail} - {reason}", shown(&path)));
                }
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_test_sleeps_for_a_fixed_time() {
    let mut found = Vec::new();
    for path in sources() {
        let text = read(&path);
        for (number, line) in test_lines(&path, &text) {
            if SLEEPING.iter().any(|(head, tail)| line.contains(&format!("{head}{tail}"))) {
                found.push(format!("{}:{number}: wait for the condition against a deadline", shown(&path)));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let manifests = folders("crates").into_iter().map(|name| root().join("crates").join(name));
    for folder in manifests.chain([root().join("tests")]) {
        let manifest = read(&folder.join("Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}/Cargo.toml", shown(&folder));
    }
}

#[test]
fn the_tests_of_a_source_file_begin_at_its_test_module() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n}\n";
    let numbers = |path| test_lines(Path::new(path), text).map(|(number, _)| number).collect::<Vec<usize>>();
    assert_eq!(numbers("crates/token/src/scope.rs"), [2, 3, 4]);
    assert_eq!(numbers("crates/token/tests/scope.rs"), [1, 2, 3, 4]);
    assert_eq!(numbers("tests/it/main.rs"), [1, 2, 3, 4]);
}

#[test]
fn a_forbidden_word_inside_another_word_is_another_word() {
    let word = format!("{}{}", FORBIDDEN[6].0, FORBIDDEN[6].1);
    assert!(has_word(&format!("// {word}: later"), &word));
    assert!(!has_word(&format!("MAS{word}N"), &word));
}

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// The names of the folders in a folder of the checkout, sorted.
pub(crate) fn folders(of: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(of)).unwrap().map(Result::unwrap);
    let mut names: Vec<String> =
        entries.filter(|e| e.path().is_dir()).map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every Rust file under `crates` and `tests`, build outputs left out.
pub(crate) fn sources() -> Vec<PathBuf> {
    let mut folders = vec![root().join("crates"), root().join("tests")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 20, "only {} source files found", found.len());
    found
}

/// The lines that are test code, with their numbers: all lines of a file in a test folder, those from `#[cfg(test)]`
/// on in any other.
fn test_lines<'a>(path: &Path, text: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let within = path.strip_prefix(root()).unwrap_or(path);
    let mut parts = within.iter();
    let whole = parts.any(|part| part == "tests" || part == "benches" || part == "tests.rs");
    let start = if whole { Some(0) } else { text.lines().position(|line| line.trim() == "#[cfg(test)]") };
    (1..).zip(text.lines()).skip(start.unwrap_or(usize::MAX))
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, found)| {
        let touches = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let starts_in_word =
            word.starts_with(|c: char| c.is_ascii_alphabetic()) && touches(line[..at].chars().next_back());
        let ends_in_word = word.ends_with(|c: char| c.is_ascii_alphabetic())
            && touches(line[at + found.len()..].chars().next());
        !starts_in_word && !ends_in_word
    })
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
