//! `cargo xtask fuzz`: libFuzzer over the targets of `tests/fuzz`, on the stable toolchain.

mod outcome;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Failure;
use crate::step::Step;
use crate::stopwatch::Stopwatch;
use crate::table::{self, Lean};
use crate::{layout, needs};
use outcome::Outcome;

/// What `cargo-fuzz` asks of a nightly compiler, less the address sanitizer: these flags are stable, and there is no
/// `unsafe` code of ours for the sanitizer to watch. They must not reach build scripts, hence the explicit `--target`.
const COVERAGE: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
    // As in `.cargo/config.toml`, whose flags these replace.
    "--cfg=curve25519_dalek_backend=\"avx512\"",
];

/// Twice the 8 KiB that a verifier reads at most, so that the limit itself is fuzzed.
const LONGEST_INPUT: usize = 16 * 1024;

/// Time beside the fuzzing itself: reading the corpus, finishing the last input.
const SLACK: Duration = Duration::from_mins(2);

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let order = Order::read(words)?;
    hunt(&order)
}

/// What the words on the command line ask for.
pub(crate) struct Order {
    seconds: u64,
    targets: Vec<String>,
}

impl Order {
    /// Every target, for so long each.
    pub(crate) fn all(seconds: u64) -> Self {
        Self { seconds, targets: Vec::new() }
    }

    fn read(words: &[String]) -> Result<Self, Failure> {
        let mut order = Self::all(60);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--seconds" => {
                    let number = words.next().and_then(|word| word.parse().ok()).filter(|n| *n > 0);
                    order.seconds = number
                        .ok_or_else(|| Failure::usage("--seconds takes a number of seconds above 0"))?;
                }
                option if option.starts_with('-') => {
                    return Err(Failure::usage(format!("fuzz knows no option `{option}`")));
                }
                target => order.targets.push(target.to_owned()),
            }
        }
        Ok(order)
    }
}

/// Builds and runs the chosen targets one after the other; fails on the first input that breaks one.
pub(crate) fn hunt(order: &Order) -> Result<(), Failure> {
    let home = layout::root().join("tests/fuzz");
    let known: Vec<String> =
        layout::files(&home.join("fuzz_targets"), "rs")?.iter().map(|path| layout::stem(path)).collect();
    if let Some(stranger) = order.targets.iter().find(|target| !known.contains(target)) {
        return Err(Failure::usage(format!("no fuzz target `{stranger}`; there are: {}", known.join(", "))));
    }
    let chosen: Vec<&String> =
        known.iter().filter(|target| order.targets.is_empty() || order.targets.contains(target)).collect();
    if chosen.is_empty() {
        return Err(Failure::broken("tests/fuzz/fuzz_targets holds no target"));
    }
    needs::ensure(&[needs::C, needs::CXX])?;
    let programs = build(&home)?;
    println!("fuzzer: libFuzzer (libfuzzer-sys) with coverage feedback, {} s per target", order.seconds);
    let mut rows = Vec::new();
    for target in chosen {
        let outcome = fuzz(target, &programs.join(target), &home, order.seconds)?;
        rows.push(outcome.row(target));
    }
    let columns = [
        ("target", Lean::Left),
        ("fuzzer", Lean::Left),
        ("seconds", Lean::Right),
        ("executions", Lean::Right),
        ("coverage", Lean::Right),
        ("new inputs", Lean::Right),
    ];
    println!("\n{}", table::render(&columns, &rows));
    Ok(())
}

/// Builds all targets and returns the folder they are in.
fn build(home: &Path) -> Result<PathBuf, Failure> {
    let host = host()?;
    let into = layout::target("fuzz");
    Step::cargo(&["build", "--release", "--locked", "--bins", "--target", &host])
        .words(["--manifest-path"])
        .words([home.join("Cargo.toml")])
        .env("CARGO_TARGET_DIR", &into)
        // 0x1f separates the flags here, so that one may hold a space.
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"))
        .run()?;
    Ok(into.join(host).join("release"))
}

fn host() -> Result<String, Failure> {
    let answer = Step::program("rustc").words(["-vV"]).answer().unwrap_or_default();
    let line = answer.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| Failure::broken("`rustc -vV` does not tell its host"))
}

fn fuzz(target: &str, program: &Path, home: &Path, seconds: u64) -> Result<Outcome, Failure> {
    let work = layout::target("fuzz");
    let (corpus, finds) = (work.join("corpus").join(target), work.join("artifacts").join(target));
    let logs = work.join("logs");
    for folder in [&corpus, &finds, &logs] {
        layout::make(folder)?;
    }
    let log = logs.join(format!("{target}.log"));
    let mut step = Step::program(program).words([
        format!("-max_total_time={seconds}"),
        format!("-max_len={LONGEST_INPUT}"),
        "-timeout=10".to_owned(),
        "-rss_limit_mb=2048".to_owned(),
        "-print_final_stats=1".to_owned(),
        format!("-artifact_prefix={}/", finds.display()),
    ]);
    // libFuzzer writes what it finds into the first folder and only reads the others.
    step = step.words([&corpus]);
    let seeds = home.join("seeds").join(target);
    if seeds.is_dir() {
        step = step.words([&seeds]);
    }
    let watch = Stopwatch::start();
    let ended = step.within(Duration::from_secs(seconds) + SLACK).log_to(&log)?.run();
    let took = watch.elapsed();
    let said = std::fs::read(&log).map_err(|e| Failure::io(&layout::shown(&log), &e))?;
    let said = String::from_utf8_lossy(&said);
    if let Err(failure) = ended {
        return Err(Failure::broken(format!(
            "{failure}\n{}\nthe input is in {}; run the program on that file to see it again. The whole log: {}",
            outcome::reason(&said),
            layout::shown(&finds),
            layout::shown(&log)
        )));
    }
    Outcome::read(&said, took)
        .map_err(|why| Failure::broken(format!("{target}: {why}; see {}", layout::shown(&log))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Order, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Order::read(&words)
    }

    #[test]
    fn seconds_and_targets_come_in_any_order() {
        let order = read("jwt --seconds 5 jwks").unwrap();
        assert_eq!((order.seconds, order.targets), (5, vec!["jwt".to_owned(), "jwks".to_owned()]));
    }

    #[test]
    fn seconds_without_a_number_above_zero_are_a_usage_error() {
        for line in ["--seconds", "--seconds 0", "--seconds -1", "--seconds ten"] {
            assert!(matches!(read(line), Err(Failure::Usage(_))), "{line}");
        }
    }

    #[test]
    fn an_unknown_target_is_a_usage_error_that_names_the_known_ones() {
        let order = read("no_such_target").unwrap();
        let failure = hunt(&order).unwrap_err();
        assert!(matches!(&failure, Failure::Usage(text) if text.contains("there are: ")), "{failure}");
    }

    #[test]
    fn every_target_has_its_program_in_the_manifest() {
        let home = layout::root().join("tests/fuzz");
        let manifest = std::fs::read_to_string(home.join("Cargo.toml")).unwrap();
        for path in layout::files(&home.join("fuzz_targets"), "rs").unwrap() {
            let line = format!("path = \"fuzz_targets/{}.rs\"", layout::stem(&path));
            assert!(manifest.contains(&line), "tests/fuzz/Cargo.toml needs a [[bin]] with {line}");
        }
    }
}
