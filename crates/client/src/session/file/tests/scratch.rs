//! A folder for one test, gone when the test is.

use crate::session::file::SessionFile;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A new, empty folder of mode 0700.
#[derive(Debug)]
pub(in crate::session::file) struct Scratch(PathBuf);

impl Scratch {
    pub(in crate::session::file) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("chancery-session-{}-{number}", std::process::id()));
        // A process of the same number may have died here before.
        let _ = fs::remove_dir_all(&path);
        DirBuilder::new().mode(0o700).create(&path).unwrap();
        Self(path)
    }

    pub(in crate::session::file) fn path(&self) -> &Path {
        &self.0
    }

    /// The session file of most tests: in the folder, and not there yet.
    pub(in crate::session::file) fn file(&self) -> SessionFile {
        SessionFile::at(&self.0.join("default.json"))
    }

    /// What lies in the folder, sorted.
    pub(in crate::session::file) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A test that fails leaves the folder behind rather than hide its failure behind another one.
        let _ = fs::set_permissions(&self.0, Permissions::from_mode(0o700));
        let _ = fs::remove_dir_all(&self.0);
    }
}
