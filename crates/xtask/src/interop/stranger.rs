//! The Rust program of `tests/interop/rust`: it forges before the clients run, and judges afterwards.

use std::path::{Path, PathBuf};

use super::client::verdicts;
use super::verdict::Verdict;
use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// Builds it. The whole workspace is named so that it shares its dependencies with the tests, features and all:
/// what CI has built for those is not built again.
pub(super) fn build() -> Result<PathBuf, Failure> {
    Step::cargo(&["build", "--release", "--workspace", "--example", "stranger"]).run()?;
    Ok(layout::target("release/examples").join(format!("stranger{}", std::env::consts::EXE_SUFFIX)))
}

/// Forges for the clients.
pub(super) fn forge(stranger: &Path, description: &Path) -> Result<(), Failure> {
    Step::program(stranger).words(["forge"]).env("CHANCERY_INTEROP", description).run()
}

/// Judges what a client signed.
pub(super) fn judge(stranger: &Path, description: &Path, client: &str) -> Result<Vec<Verdict>, Failure> {
    let step = Step::program(stranger).words(["judge", client]).env("CHANCERY_INTEROP", description);
    verdicts(step, &format!("judge {client}"))
}
