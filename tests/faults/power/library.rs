//! `unsynced.c`, compiled.

use crate::support::Folder;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where the library is; it is compiled once for all tests of a run.
pub(super) fn path() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(compile)
}

fn compile() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/power/unsynced.c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let made = folder.join("unsynced.so");
    // Another run may be using it: it is replaced, and not written to.
    let draft = Folder::new();
    let fresh = draft.file("unsynced.so");
    let cc = Command::new("cc")
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&fresh, &source])
        .status();
    assert!(
        cc.expect("there is a C compiler; Debian's package is gcc").success(),
        "unsynced.c does not compile"
    );
    let beside = folder.join(format!("unsynced-{}.so", std::process::id()));
    std::fs::copy(&fresh, &beside).unwrap();
    std::fs::rename(&beside, &made).unwrap();
    made
}
