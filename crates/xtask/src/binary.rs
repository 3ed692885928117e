//! The `chancery` binary as it is shipped.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// Builds it and returns where a copy of it stays.
///
/// The copy matters: a build of the tests turns on features that only tests may have, and would put a binary with
/// them in the place of this one.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    Step::cargo(&["build", "--release", "--workspace", "--bin", "chancery"]).run()?;
    let name = format!("chancery{}", std::env::consts::EXE_SUFFIX);
    let (built, kept) = (layout::target("release").join(&name), layout::target("xtask").join(&name));
    layout::make(&layout::target("xtask"))?;
    // A new file under a new name, then a rename: the old one may be running.
    let fresh = kept.with_extension("new");
    std::fs::copy(&built, &fresh).map_err(|e| Failure::io(&layout::shown(&built), &e))?;
    std::fs::rename(&fresh, &kept).map_err(|e| Failure::io(&layout::shown(&kept), &e))?;
    Ok(kept)
}
