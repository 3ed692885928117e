//! `unsynced.c`, compiled.

use crate::support::compiled;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where the library is; it is compiled once for all tests of a run.
pub(super) fn path() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| compiled("faults/power/unsynced.c"))
}
