//! What the disk can do for somebody who writes one thing after the other.

use crate::folder::told;
use crate::time::now;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is appended each time: a page, as most file systems and the store have it.
const PAGE: [u8; 4096] = [0x5a; 4096];

/// A file that grows by a page at a time, each on disk before the next.
pub(crate) struct Floor {
    file: File,
    path: PathBuf,
}

impl Floor {
    /// Makes the file in `folder`.
    pub(crate) fn make(folder: &Path) -> Result<Self, String> {
        let path = folder.join("pages");
        let file = File::options().create(true).append(true).open(&path);
        Ok(Self { file: file.map_err(|fault| told(&path, &fault))?, path })
    }

    /// Appends `pages` one by one; how long all of it took.
    pub(crate) fn append(&mut self, pages: u32) -> Result<Duration, String> {
        let start = now();
        for _ in 0..pages {
            // `fdatasync`, where there is one.
            let written = self.file.write_all(&PAGE).and_then(|()| self.file.sync_data());
            written.map_err(|fault| told(&self.path, &fault))?;
        }
        Ok(start.elapsed())
    }
}
