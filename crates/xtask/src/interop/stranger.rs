//! The Rust program of `tests/interop/rust`: it forges before the clients run, serves what they call, and judges afterwards.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::client::verdicts;
use super::verdict::Verdict;
use crate::background::Background;
use crate::failure::Failure;
use crate::layout;
use crate::loopback::answers_ok;
use crate::step::Step;

/// The service needs the issuer's keys and its log, which takes a tenth of a second.
const READY: Duration = Duration::from_secs(30);

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

/// Starts the service of the description, which listens at `address`. Dropping it ends it.
pub(super) fn serve(
    stranger: &Path,
    description: &Path,
    address: SocketAddr,
    log: &Path,
) -> Result<Background, Failure> {
    let serve = Step::program(stranger)
        .words(["serve"])
        .env("CHANCERY_INTEROP", description)
        // The issuer is on this machine, whatever proxy leads out of it.
        .env("no_proxy", "127.0.0.1");
    let mut service = Background::start(serve, log)?;
    service.wait_until(READY, || answers_ok(address, "/readyz"))?;
    Ok(service)
}

/// Judges what a client signed.
pub(super) fn judge(stranger: &Path, description: &Path, client: &str) -> Result<Vec<Verdict>, Failure> {
    let step = Step::program(stranger).words(["judge", client]).env("CHANCERY_INTEROP", description);
    verdicts(step, &format!("judge {client}"))
}
