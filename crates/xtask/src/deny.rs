//! `cargo xtask deny`: licences, banned crates and sources of everything in the dependency tree.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// Pinned, so that a new release of the judge cannot turn an unchanged tree red.
const VERSION: &str = "0.20.2";

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::usage(format!("deny takes nothing, not `{word}`")));
    }
    let judge = install()?;
    check(&judge, &["licenses", "bans", "sources"]).run()?;
    let Some(copy) = advisories() else {
        println!(
            "advisories: SKIPPED. No copy of the advisory database is on this machine (`~/.cargo/advisory-dbs`), \
             and this run does not fetch one. Where one can be fetched: cargo deny --config .cargo/deny.toml check advisories"
        );
        return Ok(());
    };
    println!("advisories: from the copy at {}, as old as it is", copy.display());
    check(&judge, &["--disable-fetch", "advisories"]).run()
}

fn check(judge: &Path, what: &[&str]) -> Step {
    Step::program(judge)
        .words(["--locked", "--all-features", "--config"])
        .words([layout::root().join(".cargo/deny.toml")])
        .words(["check", "--hide-inclusion-graph"])
        .words(what)
}

/// Builds cargo-deny under `target/tools`, once. Unoptimised: it runs for a second and would compile for five minutes.
fn install() -> Result<PathBuf, Failure> {
    let home = layout::target("tools");
    let program = home.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let wanted = format!("cargo-deny {VERSION}");
    if program.is_file() && Step::program(&program).words(["--version"]).answer() == Some(wanted) {
        return Ok(program);
    }
    Step::cargo(&[
        "install",
        "cargo-deny",
        "--version",
        VERSION,
        "--locked",
        "--debug",
        "--force",
        "--quiet",
    ])
    .words(["--root"])
    .words([&home])
    .env("CARGO_TARGET_DIR", layout::target("tools-build"))
    .env("CARGO_PROFILE_DEV_DEBUG", "false")
    .env("CARGO_INCREMENTAL", "0")
    .run()?;
    Ok(program)
}

/// The copy of the advisory database that cargo-deny would use, if there is one.
fn advisories() -> Option<PathBuf> {
    // cargo itself sits in CARGO_HOME/bin on machines where rustup put it; the home folder is the usual place.
    let copies = std::env::home_dir()?.join(".cargo/advisory-dbs");
    std::fs::read_dir(&copies).ok()?.flatten().any(|entry| entry.path().is_dir()).then_some(copies)
}
