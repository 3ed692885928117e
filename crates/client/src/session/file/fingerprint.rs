//! Whether a file is still the one that was read.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What a file looks like from outside.
///
/// Each writing makes another file, so the number of its inode differs. A number that is free again may be given to the
/// next but one, within the same tick of the file system's clock; whoever renews reads the file itself, under the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub(crate) struct Fingerprint {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    length: u64,
}

impl Fingerprint {
    pub(super) fn of(about: &Metadata) -> Self {
        Self {
            device: about.dev(),
            inode: about.ino(),
            modified: (about.mtime(), about.mtime_nsec()),
            length: about.len(),
        }
    }

    pub(super) fn of_path(path: &Path) -> Option<Self> {
        std::fs::symlink_metadata(path).ok().map(|about| Self::of(&about))
    }
}
