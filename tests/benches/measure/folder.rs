//! Where a bench keeps what it makes.

use std::path::{Path, PathBuf};

/// A path under `target/`.
pub(crate) fn target(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").join(below)
}

/// What the machine said about a file.
pub(crate) fn told(path: &Path, fault: &std::io::Error) -> String {
    format!("{}: {fault}", path.display())
}
