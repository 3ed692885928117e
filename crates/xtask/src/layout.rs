//! Where things are in the checkout.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The root of the checkout that this program was built from.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// A path under `target/`.
pub(crate) fn target(below: &str) -> PathBuf {
    root().join("target").join(below)
}

/// The path as shown to people: relative to the root where it is below it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The files directly in `folder` that end in `.{extension}`, sorted by name; none when there is no such folder.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = entries(folder)?;
    found.retain(|path| path.is_file() && path.extension() == Some(OsStr::new(extension)));
    Ok(found)
}

/// The folders directly in `folder`, sorted by name; none when there is no such folder.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = entries(folder)?;
    found.retain(|path| path.is_dir());
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let fault = |e: &std::io::Error| Failure::io(&shown(folder), e);
    let entries = std::fs::read_dir(folder).map_err(|e| fault(&e))?;
    let mut found = Vec::new();
    for entry in entries {
        found.push(entry.map_err(|e| fault(&e))?.path());
    }
    found.sort();
    Ok(found)
}

/// The file's name without its extension.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Makes the folder and those above it.
pub(crate) fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|e| Failure::io(&format!("making {}", shown(folder)), &e))
}

/// Empties the folder, or makes it.
pub(crate) fn make_empty(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .map_err(|e| Failure::io(&format!("emptying {}", shown(folder)), &e))?;
    }
    make(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_folder_with_the_workspace_manifest() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"), "{manifest}");
    }

    #[test]
    fn a_folder_that_is_not_there_holds_no_files() {
        assert!(files(&root().join("no/such/folder"), "rs").unwrap().is_empty());
    }

    #[test]
    fn files_and_folders_are_told_apart() {
        let here = root().join("crates/xtask");
        assert_eq!(files(&here, "toml").unwrap(), [here.join("Cargo.toml")]);
        assert_eq!(folders(&here).unwrap(), [here.join("src"), here.join("tests")]);
    }
}
