//! What the command takes from the variables of its process, beside the settings that a configuration reads.

use std::path::PathBuf;

/// The folder that a variable names. A relative one is none (XDG Base Directory Specification).
#[expect(clippy::disallowed_methods, reason = "the one place of the command that reads what is no setting")]
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}
