//! The file of a session: read by whoever has the folder, written under a lock, whole or not at all.
//!
//! `<name>.json` is replaced by renaming, so that a reader finds the old one or the new one, and so does whoever comes
//! after a crash. `<name>.json.lock` beside it keeps the processes apart that renew the same session.

mod fault;
mod fingerprint;
mod folder;
mod lock;
mod read;
mod rest;
mod write;

pub use crate::session::record::FileDamage;
pub use fault::{FileFault, FileOrFolder};
pub(crate) use fingerprint::Fingerprint;
pub(crate) use lock::Locked;
pub(crate) use rest::Rest;

use crate::session::record::Record;
use folder::Folder;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where a session is kept. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct SessionFile(Arc<Place>);

#[derive(Debug)]
struct Place {
    path: PathBuf,
    folder: PathBuf,
    name: OsString,
}

/// What a file holds, and how to see whether it still does.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) record: Record,
    pub(crate) fingerprint: Fingerprint,
}

impl SessionFile {
    /// The file at `path`, whether it is there or not.
    pub(crate) fn at(path: &Path) -> Self {
        // Where this process goes to afterwards makes no difference.
        let absolute = std::path::absolute(path);
        let path = absolute.as_deref().unwrap_or(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        // What has no name, as `..`, is a folder, and told as one when it is opened.
        let name = path.file_name().unwrap_or(OsStr::new(".")).to_owned();
        Self(Arc::new(Place { path: path.to_owned(), folder, name }))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    /// What it holds; `None` where there is no such file, or no folder for it. Blocks as long as the disk does.
    pub(crate) fn read(&self) -> Result<Option<Kept>, FileFault> {
        match Folder::open(&self.0)? {
            Some(folder) => read::kept(&self.0, &folder),
            None => Ok(None),
        }
    }

    /// What the file looks like from outside, to be compared with what was read; `None` where none can be seen.
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        Fingerprint::of_path(&self.0.path)
    }

    /// Waits until no other process, and nobody else in this one, has the lock. The folder is made if it is missing.
    ///
    /// # Errors
    /// [`FileFault::Locked`] after `patience`, by the time that really passes: a clock that is driven does not hurry
    /// another process.
    pub(crate) async fn lock(&self, patience: Duration) -> Result<Locked, FileFault> {
        lock::take(Arc::clone(&self.0), patience).await
    }
}

impl Place {
    /// The name of something that lies beside the file.
    fn beside(&self, ending: &str) -> OsString {
        let mut name = self.name.clone();
        name.push(ending);
        name
    }

    /// The path of something in the folder, to be told.
    fn path_of(&self, name: &OsStr) -> PathBuf {
        self.folder.join(name)
    }
}

#[cfg(test)]
mod tests;
