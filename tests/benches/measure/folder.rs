//! Where a bench keeps what it makes.

use std::path::{Path, PathBuf};

/// A folder under `target/`, emptied.
pub(crate) fn empty_folder(below: &str) -> Result<PathBuf, String> {
    let folder = target(below);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|fault| told(&folder, &fault))?;
    }
    std::fs::create_dir_all(&folder).map_err(|fault| told(&folder, &fault))?;
    folder.canonicalize().map_err(|fault| told(&folder, &fault))
}

/// A path under `target/`.
pub(crate) fn target(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").join(below)
}

/// What the machine said about a file.
pub(crate) fn told(path: &Path, fault: &std::io::Error) -> String {
    format!("{}: {fault}", path.display())
}
