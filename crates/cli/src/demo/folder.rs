//! A folder that is gone afterwards.

use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Removed with all that is in it when it is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn create() -> Result<Self, String> {
        let mut unique = [0; 8];
        SystemEntropy.fill(&mut unique);
        let path = std::env::temp_dir().join(format!("chancery-demo-{:016x}", u64::from_le_bytes(unique)));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|why| format!("{} cannot be made: {why}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is removed with the other temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
