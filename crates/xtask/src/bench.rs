//! `cargo xtask bench`: the bench programs of `tests/benches`, and one list of what they measured.

mod results;

use std::path::PathBuf;

use serde_json::Value;

use crate::failure::Failure;
use crate::step::Step;
use crate::{binary, layout};
use results::Results;

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let order = Order::read(words)?;
    measure(&order)
}

/// What the words on the command line ask for.
#[derive(Default)]
pub(crate) struct Order {
    quick: bool,
    filter: Option<String>,
}

impl Order {
    /// All of it, as briefly as it can be done: does every program still run?
    pub(crate) fn smoke() -> Self {
        Self { quick: true, filter: None }
    }

    fn read(words: &[String]) -> Result<Self, Failure> {
        let mut order = Self::default();
        for word in words {
            match word.as_str() {
                "--quick" => order.quick = true,
                option if option.starts_with('-') => {
                    return Err(Failure::usage(format!("bench knows no option `{option}`")));
                }
                filter if order.filter.is_none() => order.filter = Some(filter.to_owned()),
                second => {
                    return Err(Failure::usage(format!("one filter at most; `{second}` is a second one")));
                }
            }
        }
        Ok(order)
    }

    /// An id starts with the name of the program that measures it.
    fn chooses(&self, program: &str) -> bool {
        self.filter.as_deref().is_none_or(|filter| filter.split('.').next() == Some(program))
    }
}

/// Runs the chosen programs and writes `target/bench/results.json`. A missed limit is a result, not a failure.
pub(crate) fn measure(order: &Order) -> Result<(), Failure> {
    let programs: Vec<String> = programs()?.into_iter().filter(|program| order.chooses(program)).collect();
    if programs.is_empty() {
        return Err(Failure::usage("no bench program of that name in tests/benches"));
    }
    // Built here, so that no bench measures a binary of yesterday, or one with what only tests may have.
    let chancery = binary::build()?;
    let parts = layout::target("bench/parts");
    layout::make_empty(&parts)?;
    let mut results = Results::default();
    for program in &programs {
        bench(program, order).env("CHANCERY_BIN", &chancery).run()?;
        let part = parts.join(format!("{program}.json"));
        let text = std::fs::read_to_string(&part).map_err(|e| {
            Failure::io(&format!("`{program}` left no results at {}", layout::shown(&part)), &e)
        })?;
        results.add(program, &text)?;
    }
    let list = write(&results)?;
    println!("\n{}", results.table());
    println!("{}", results.verdict());
    println!("written to {}", layout::shown(&list));
    Ok(())
}

/// The names of all bench programs, as cargo knows them.
fn programs() -> Result<Vec<String>, Failure> {
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
    Ok(names)
}

fn bench(program: &str, order: &Order) -> Step {
    // The whole workspace and the release profile, so that what the tests were built from is not built again.
    let mut step = Step::cargo(&["bench", "--workspace", "--profile", "release", "--bench", program, "--"]);
    if order.quick {
        step = step.words(["--quick"]);
    }
    step.words(&order.filter)
}

fn write(results: &Results) -> Result<PathBuf, Failure> {
    let list = layout::target("bench/results.json");
    std::fs::write(&list, results.json()?).map_err(|e| Failure::io(&layout::shown(&list), &e))?;
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bench_programs_are_those_of_the_manifests() {
        assert!(programs().unwrap().contains(&"codec".to_owned()), "{:?}", programs());
    }

    fn order(line: &str) -> Order {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Order::read(&words).unwrap()
    }

    #[test]
    fn a_filter_chooses_the_program_that_its_id_starts_with() {
        assert!(order("codec.jwt.sign").chooses("codec"));
        assert!(order("--quick codec").chooses("codec"));
        assert!(!order("codec.jwt.sign").chooses("start"));
        assert!(!order("code").chooses("codec"));
    }

    #[test]
    fn without_a_filter_every_program_is_chosen() {
        assert!(order("--quick").chooses("codec") && order("").chooses("start"));
    }

    #[test]
    fn a_second_filter_and_an_unknown_option_are_usage_errors() {
        for line in [["codec", "start"], ["codec", "--fast"]] {
            assert!(matches!(Order::read(&line.map(str::to_owned)), Err(Failure::Usage(_))), "{line:?}");
        }
    }
}
