//! `cargo xtask test`: everything that `cargo test` runs, with what it needs in place.

mod tally;

use crate::failure::Failure;
use crate::step::Step;
use crate::{binary, needs, python};

pub(crate) use tally::Tally;

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    passing(words).map(|_| ())
}

/// Runs the tests that the words choose, all of them when there are none, and counts.
pub(crate) fn passing(words: &[String]) -> Result<Tally, Failure> {
    let full = words.iter().any(|word| word == "--full");
    let chosen: Vec<&String> = words.iter().filter(|word| *word != "--full" && *word != "--").collect();
    let servers = [needs::REDIS, needs::NGINX, needs::NODE_OF_DEBIAN, needs::PYTHON];
    needs::ensure(&[&[needs::C, needs::CURL, needs::OPENSSL][..], &servers].concat())?;
    let (chancery, python) = (binary::build()?, python::ensure()?);
    // Not `--all-targets`: that would leave out the doc tests, which hold what must not compile.
    let mut step = Step::cargo(&["test", "--release", "--workspace", "--no-fail-fast", "--"])
        .words(&chosen)
        .env("CHANCERY_BIN", &chancery)
        .env(python::VARIABLE, &python);
    if full {
        step = step.env("CHANCERY_TEST_FULL", "1");
    }
    let mut tally = Tally::default();
    let ended = step.lines(|line| {
        println!("{line}");
        tally.see(line);
    });
    // The sum stands last, whatever came before it.
    println!("\n{tally}");
    ended?;
    if tally.passed == 0 {
        return Err(Failure::broken("no test ran; is the filter right?"));
    }
    Ok(tally)
}
