//! the published corpus of good and bad tokens, `tests/vectors/verdicts.json`.
//!
//! What each token deserves is written down here by hand, in the tables of `groups`; our verifier is asked afterwards
//! and like any other, by `run`, from the file.

mod corpus;
mod crooked;
mod groups;
mod mint;
mod page;
mod reading;
mod reasons;
mod run;

use std::path::PathBuf;

/// The published file.
fn published() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/verdicts.json"))
}

#[test]
fn r_12_5_the_corpus_is_what_its_generator_makes() {
    let made = corpus::text(&groups::corpus());
    if std::fs::read_to_string(published()).is_ok_and(|found| found == made) {
        return;
    }
    let beside = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("verdicts.json");
    std::fs::write(&beside, made).unwrap();
    panic!(
        "the corpus differs from what its generator makes; look at the difference, and if it is meant:\n  \
         cp {} {}",
        beside.display(),
        published().display()
    );
}

#[test]
fn r_12_5_our_verifier_gives_every_verdict_of_the_corpus() {
    let outcome = run::run(&run::document(&published()));
    assert!(outcome.asked >= 150, "only {} cases were asked", outcome.asked);
    assert!(outcome.faults.is_empty(), "{} faults\n{}", outcome.faults.len(), outcome.faults.join("\n"));
}
