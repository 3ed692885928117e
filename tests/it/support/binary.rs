//! Where the shipped binary is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// `CHANCERY_BIN`, else what cargo builds, once. Never a binary that was built together with the tests: that one
/// has features that are not shipped.
pub(crate) fn path() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| named().unwrap_or_else(build))
}

#[expect(clippy::disallowed_methods, reason = "the one place where the tests are told which binary to test")]
fn named() -> Option<PathBuf> {
    std::env::var_os("CHANCERY_BIN").map(PathBuf::from)
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--workspace", "--bin", "chancery"])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(built.success(), "the binary could not be built");
    root.join("target/release/chancery")
}
