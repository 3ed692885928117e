//! C files that are loaded before the libraries of a program.

use super::Folder;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a file of this package, and answers where the library is.
pub(crate) fn compiled(source: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let name = source.file_stem().unwrap().to_str().unwrap();
    let made = folder.join(format!("{name}.so"));
    // Another run may be using it: it is replaced, and not written to.
    let draft = Folder::new();
    let fresh = draft.file("fresh.so");
    let cc = Command::new("cc")
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&fresh, &source])
        .status();
    assert!(
        cc.expect("there is a C compiler; Debian's package is gcc").success(),
        "{} does not compile",
        source.display()
    );
    let beside = folder.join(format!("{name}-{}.so", std::process::id()));
    std::fs::copy(&fresh, &beside).unwrap();
    std::fs::rename(&beside, &made).unwrap();
    made
}
