//! Folders that hold nothing of an earlier run.

use crate::folder::{target, told};
use std::path::PathBuf;

/// A folder under `target/`, emptied.
pub(crate) fn empty_folder(below: &str) -> Result<PathBuf, String> {
    let folder = target(below);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|fault| told(&folder, &fault))?;
    }
    std::fs::create_dir_all(&folder).map_err(|fault| told(&folder, &fault))?;
    folder.canonicalize().map_err(|fault| told(&folder, &fault))
}
