//! The project's own commands. `cargo xtask --help` lists them; one file per verb.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

mod background;
mod bench;
mod binary;
mod ci;
mod compose;
mod deny;
mod failure;
mod fuzz;
mod interop;
mod issuer;
mod layout;
mod leftovers;
mod loopback;
mod minutes;
mod needs;
mod python;
mod step;
mod stopwatch;
mod table;
mod test;
mod usage;

use std::process::ExitCode;

use failure::Failure;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            failure.exit_code()
        }
    }
}

fn dispatch(words: &[String]) -> Result<(), Failure> {
    let Some((verb, rest)) = words.split_first() else {
        return Err(Failure::usage("which verb? `cargo xtask --help` lists them"));
    };
    if matches!(verb.as_str(), "--help" | "-h" | "help") {
        print!("{}", usage::for_verb(rest.first().map(String::as_str))?);
        return Ok(());
    }
    // What follows `--` belongs to the test harness, which has a help of its own.
    let ours = rest.iter().take_while(|word| *word != "--");
    if ours.clone().any(|word| matches!(word.as_str(), "--help" | "-h")) {
        print!("{}", usage::for_verb(Some(verb))?);
        return Ok(());
    }
    match verb.as_str() {
        "test" => test::run(rest),
        "ci" => ci::run(rest),
        "bench" => bench::run(rest),
        "interop" => interop::run(rest),
        "compose" => compose::run(rest),
        "fuzz" => fuzz::run(rest),
        "deny" => deny::run(rest),
        other => Err(Failure::usage(format!("no verb `{other}`; `cargo xtask --help` lists them"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn an_unknown_verb_is_a_usage_error() {
        assert!(matches!(dispatch(&words("tset")), Err(Failure::Usage(_))));
        assert!(matches!(dispatch(&[]), Err(Failure::Usage(_))));
        assert!(matches!(dispatch(&words("help tset")), Err(Failure::Usage(_))));
    }

    #[test]
    fn an_unknown_option_is_a_usage_error_before_anything_is_built() {
        for line in [
            "ci --quick",
            "ci nonsense",
            "bench --slow",
            "fuzz --seconds",
            "fuzz --seconds soon",
            "deny now",
            "interop --x",
            "compose --x",
        ] {
            assert!(matches!(dispatch(&words(line)), Err(Failure::Usage(_))), "{line}");
        }
    }

    #[test]
    fn every_verb_has_a_help_page_that_is_asked_for_both_ways() {
        for verb in usage::VERBS {
            assert!(dispatch(&words(&format!("{verb} --help"))).is_ok(), "{verb}");
            assert!(dispatch(&words(&format!("help {verb}"))).is_ok(), "{verb}");
        }
    }
}
