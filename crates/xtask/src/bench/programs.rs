//! The programs of `tests/benches`: which there are, what they need, and how they are run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::order::Extent;
use super::results::Results;
use crate::failure::Failure;
use crate::layout;
use crate::needs::{self, Need};
use crate::step::Step;

/// A bench program.
pub(super) struct Program(String);

/// Where the built programs are, by name.
pub(super) type Built = BTreeMap<String, PathBuf>;

/// What the workspace itself brings to the comparison; the others tell their versions themselves.
const LIBRARIES: [&str; 8] =
    ["aws-lc-rs", "axum", "ed25519-dalek", "jsonwebtoken", "pasetors", "redis", "rusqlite", "tokio"];

/// All of them, as cargo knows them.
pub(super) fn all() -> Result<Vec<Program>, Failure> {
    let words = ["metadata", "--no-deps", "--format-version", "1"];
    let answer = Step::cargo(&words).answer().ok_or_else(|| Failure::broken("`cargo metadata` failed"))?;
    let metadata: Value =
        serde_json::from_str(&answer).map_err(|e| Failure::broken(format!("cargo metadata: {e}")))?;
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let targets = list(&metadata, "packages").into_iter().flat_map(|package| list(&package, "targets"));
    let mut names: Vec<String> = targets
        .filter(|target| list(target, "kind").contains(&Value::from("bench")))
        .filter_map(|target| target.get("name").and_then(Value::as_str).map(str::to_owned))
        .collect();
    names.sort();
    Ok(names.into_iter().map(Program).collect())
}

/// Builds them, all before the first is run: no build shall be in the minutes of a program, nor wait for one.
///
/// The whole workspace and the release profile, so that what the tests were built from is not built again.
pub(super) fn build(programs: &[Program]) -> Result<Built, Failure> {
    let mut built = Built::new();
    let words = programs.iter().flat_map(|program| ["--bench", program.name()]);
    let step = Step::cargo(&["bench", "--workspace", "--profile", "release", "--no-run"]).words(words);
    // Errors of the compiler go to the terminal; what comes here is one object a line.
    step.words(["--message-format", "json-render-diagnostics"])
        .lines(|line| built.extend(executable(line)))?;
    Ok(built)
}

/// The name and the place of a bench program, where a line of cargo's tells of one.
fn executable(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let target = message.get("target")?;
    let is_bench = target.get("kind")?.as_array()?.contains(&Value::from("bench"));
    let place = message.get("executable")?.as_str()?;
    is_bench.then_some((target.get("name")?.as_str()?.to_owned(), PathBuf::from(place)))
}

/// Writes down the versions of the libraries that stand in `Cargo.lock`.
pub(super) fn add_libraries(results: &mut Results) -> Result<(), Failure> {
    let lock = layout::root().join("Cargo.lock");
    let text = std::fs::read_to_string(&lock).map_err(|e| Failure::io(&layout::shown(&lock), &e))?;
    for (name, version) in LIBRARIES.iter().filter_map(|name| Some((name, locked(&text, name)?))) {
        results.used.insert((*name).to_owned(), version);
    }
    Ok(())
}

fn locked(lock: &str, name: &str) -> Option<String> {
    let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    after.split('"').next().map(str::to_owned)
}

impl Program {
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// What cargo cannot bring.
    pub(super) fn needs(&self) -> &'static [Need] {
        match self.name() {
            "codec" => &[needs::C, needs::NODE, needs::NPM, needs::PYTHON, needs::VENV],
            "gate" => &[needs::C, needs::NGINX],
            "http" => &[needs::C, needs::NODE, needs::NPM, needs::REDIS],
            "refresh" | "revocation" | "store" => &[needs::C, needs::REDIS],
            _ => &[needs::C],
        }
    }

    /// Runs it, and returns what it found.
    pub(super) fn run(&self, extent: &Extent, built: &Built, chancery: &Path) -> Result<String, Failure> {
        let name = self.name();
        let place =
            built.get(name).ok_or_else(|| Failure::broken(format!("cargo did not build `{name}`")))?;
        let mut step = Step::program(place).env("CHANCERY_BIN", chancery);
        if extent.is_quick() {
            step = step.words(["--quick"]);
        }
        step.words(extent.filter()).run()?;
        let part = layout::target("bench/parts").join(format!("{name}.json"));
        std::fs::read_to_string(&part)
            .map_err(|e| Failure::io(&format!("`{name}` left no results at {}", layout::shown(&part)), &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bench_programs_are_those_of_the_manifests() {
        let names: Vec<String> = all().unwrap().into_iter().map(|program| program.0).collect();
        for name in ["agent", "client", "codec", "gate", "http", "refresh", "revocation", "start", "store"] {
            assert!(names.iter().any(|known| known == name), "{names:?}");
        }
    }

    #[test]
    fn only_the_executable_of_a_bench_is_taken_from_what_cargo_says() {
        let line = |kind: &str, place: &str| {
            format!(
                r#"{{"reason": "compiler-artifact", "target": {{"kind": ["{kind}"], "name": "codec"}}, "executable": {place}}}"#
            )
        };
        let found = executable(&line("bench", "\"/target/codec-1\""));
        assert_eq!(found, Some(("codec".to_owned(), PathBuf::from("/target/codec-1"))));
        for other in
            [line("lib", "null"), line("bin", "\"/target/x\""), "{}".to_owned(), "Finished".to_owned()]
        {
            assert_eq!(executable(&other), None, "{other}");
        }
    }

    #[test]
    fn the_versions_of_libraries_are_those_that_are_locked() {
        let lock = "[[package]]\nname = \"pasetors\"\nversion = \"0.8.1\"\n\n[[package]]\nname = \"x\"\n";
        assert_eq!(locked(lock, "pasetors").as_deref(), Some("0.8.1"));
        assert_eq!(locked(lock, "paseto"), None);
        let mut results = Results::default();
        add_libraries(&mut results).unwrap();
        assert_eq!(results.used.len(), LIBRARIES.len(), "{:?}", results.used);
    }
}
