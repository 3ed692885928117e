//! Whose a folder is.

use crate::secret_file::is_of_the_trusted;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// What is in a folder with this mode is everybody's to replace,
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// unless it is its owner's alone (`/tmp`).
const STICKY: u32 = 0o1000;

/// Whether nobody else can put anything into it: then nothing in it is another's.
pub(super) fn is_closed_to_others(folder: &Metadata) -> bool {
    is_of_the_trusted(folder) && folder.mode() & WRITABLE_BY_OTHERS == 0
}

/// Whether nobody else can take away what this user makes in it, though others may put things of theirs beside it.
pub(super) fn is_kept_from_others(folder: &Metadata) -> bool {
    is_closed_to_others(folder) || (is_of_the_trusted(folder) && folder.mode() & STICKY != 0)
}
