//! `cargo xtask ci`: everything a change must pass, in the order in which it fails soonest.

use std::time::Duration;

use crate::failure::Failure;
use crate::minutes::{Fate, Minutes};
use crate::step::Step;
use crate::stopwatch::Stopwatch;
use crate::{bench, binary, compose, deny, fuzz, interop, leftovers, needs, test};

/// Long enough to run every seed and to prove that feedback works; finding things takes nights, not CI.
const FUZZ_SECONDS: u64 = 20;

/// The story is told in seconds; a minute means that it hangs.
const DEMO: Duration = Duration::from_mins(1);

/// What a stage may leave to be said at the very end.
type Closing = Option<String>;

struct Stage {
    name: &'static str,
    run: fn() -> Result<Closing, Failure>,
}

/// In order. A stage only fails for reasons of its own: what an earlier one has built, it finds built.
const STAGES: [Stage; 13] = [
    Stage { name: "fetch", run: fetch },
    Stage { name: "fmt", run: format },
    Stage { name: "rules", run: rules },
    Stage { name: "alone", run: alone },
    Stage { name: "clippy", run: clippy },
    Stage { name: "docs", run: docs },
    Stage { name: "test", run: tests },
    Stage { name: "interop", run: interoperation },
    Stage { name: "compose", run: composition },
    Stage { name: "demo", run: demo },
    Stage { name: "fuzz", run: fuzzing },
    Stage { name: "bench", run: benches },
    Stage { name: "deny", run: denials },
];

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let chosen = choose(words)?;
    let mut minutes = Minutes::default();
    let mut closing = Vec::new();
    let mut failed = None;
    for stage in chosen {
        if failed.is_some() {
            minutes.record(stage.name, Duration::ZERO, Fate::NotRun);
            continue;
        }
        println!("\n=== {} ===", stage.name);
        let watch = Stopwatch::start();
        match (stage.run)().and_then(nothing_left) {
            Ok(said) => {
                minutes.record(stage.name, watch.elapsed(), Fate::Passed);
                closing.extend(said);
            }
            Err(failure) => {
                eprintln!("xtask: {failure}");
                leftovers::sweep();
                minutes.record(stage.name, watch.elapsed(), Fate::Failed);
                failed = Some(stage.name);
            }
        }
    }
    println!("\n{}", minutes.render());
    for line in closing {
        println!("{line}");
    }
    failed
        .map_or(Ok(()), |stage| Err(Failure::broken(format!("stage `{stage}` failed; its reason is above"))))
}

fn choose(words: &[String]) -> Result<Vec<&'static Stage>, Failure> {
    for word in words {
        if !STAGES.iter().any(|stage| stage.name == word) {
            let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
            return Err(Failure::usage(format!("no stage `{word}`; there are: {}", names.join(", "))));
        }
    }
    let wanted = |stage: &&Stage| words.is_empty() || words.iter().any(|word| word == stage.name);
    Ok(STAGES.iter().filter(wanted).collect())
}

fn nothing_left(said: Closing) -> Result<Closing, Failure> {
    let left = leftovers::sweep();
    if left.is_empty() {
        return Ok(said);
    }
    Err(Failure::broken(format!("left running, and ended now:\n  {}", left.join("\n  "))))
}

/// Fails when `Cargo.lock` does not fit the manifests; afterwards nothing waits for a registry.
fn fetch() -> Result<Closing, Failure> {
    needs::ensure(&[needs::C, needs::CXX])?;
    for manifest in ["Cargo.toml", "tests/fuzz/Cargo.toml"] {
        Step::cargo(&["fetch", "--locked", "--manifest-path", manifest]).run().map_err(|failure| {
            Failure::broken(format!(
                "{failure}\nif its lock file does not fit, run `cargo update --workspace --manifest-path {manifest}` and commit it"
            ))
        })?;
    }
    Ok(None)
}

fn format() -> Result<Closing, Failure> {
    Step::cargo(&["fmt", "--all", "--check"]).run()?;
    Step::cargo(&["fmt", "--manifest-path", "tests/fuzz/Cargo.toml", "--check"]).run()?;
    Ok(None)
}

/// The direction of dependencies and the rules of the house are tests of this very package: quick to build.
fn rules() -> Result<Closing, Failure> {
    Step::cargo(&["test", "--release", "--quiet", "--package", "chancery-xtask"]).run()?;
    Ok(None)
}

/// Each pure crate must build with nothing but what it names itself.
fn alone() -> Result<Closing, Failure> {
    for package in ["chancery-token", "chancery-revocation", "chancery-catalog", "chancery-verifier"] {
        Step::cargo(&["build", "--release", "--package", package, "--no-default-features"]).run()?;
    }
    for feature in ["axum", "follow", "testing"] {
        let words = ["--package", "chancery-verifier", "--no-default-features", "--features", feature];
        Step::cargo(&["check", "--release"]).words(words).run()?;
    }
    Ok(None)
}

fn clippy() -> Result<Closing, Failure> {
    Step::cargo(&["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    Ok(None)
}

fn docs() -> Result<Closing, Failure> {
    let words = ["doc", "--release", "--no-deps", "--workspace"];
    Step::cargo(&words).env("RUSTDOCFLAGS", "-D warnings").run()?;
    Ok(None)
}

fn tests() -> Result<Closing, Failure> {
    test::passing(&[]).map(|tally| Some(tally.to_string()))
}

fn interoperation() -> Result<Closing, Failure> {
    interop::run(&[])?;
    Ok(None)
}

fn composition() -> Result<Closing, Failure> {
    compose::once()?;
    Ok(None)
}

fn demo() -> Result<Closing, Failure> {
    Step::program(binary::build()?).words(["demo"]).within(DEMO).run()?;
    Ok(None)
}

fn fuzzing() -> Result<Closing, Failure> {
    fuzz::hunt(&fuzz::Order::all(FUZZ_SECONDS))?;
    Ok(None)
}

fn benches() -> Result<Closing, Failure> {
    bench::measure(&bench::Order::smoke())?;
    Ok(None)
}

fn denials() -> Result<Closing, Failure> {
    deny::run(&[])?;
    Ok(None)
}

#[cfg(test)]
mod tests_of_choice {
    use super::*;

    fn chosen(line: &str) -> Vec<&'static str> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        choose(&words).unwrap().iter().map(|stage| stage.name).collect()
    }

    #[test]
    fn without_words_every_stage_runs() {
        assert_eq!(chosen("").len(), STAGES.len());
    }

    #[test]
    fn named_stages_run_in_the_order_of_the_house() {
        assert_eq!(chosen("test fmt"), ["fmt", "test"]);
    }

    #[test]
    fn an_unknown_stage_is_a_usage_error_that_names_the_known_ones() {
        let failure = choose(&["tests".to_owned()]).map(|_| ()).unwrap_err().to_string();
        assert!(failure.contains("no stage `tests`") && failure.contains("interop"), "{failure}");
    }
}
