//! Files that only their owner can read.

use crate::failure::Failure;
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A new file of mode 0600 for a secret. Removed again when it is dropped before [`SecretFile::keep`].
#[derive(Debug)]
pub(crate) struct SecretFile {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl SecretFile {
    /// Makes it, empty: whoever cannot write it learns so before anything is done. A file that exists is never
    /// touched.
    pub(crate) fn reserve(path: &Path) -> Result<Self, Failure> {
        match new_file(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file, kept: false }),
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
                let message = format!("{} exists; a secret never overwrites a file", path.display());
                Err(Failure::unusable("file_exists", message)
                    .fix("Name another file, or move that one away."))
            }
            Err(why) => Err(fault(path, &why)),
        }
    }

    /// Writes into it, and waits until that is on the disk.
    pub(crate) fn fill(&mut self, content: &[u8]) -> Result<(), Failure> {
        self.file
            .write_all(content)
            .and_then(|()| self.file.sync_all())
            .map_err(|why| fault(&self.path, &why))
    }

    /// Lets it stay.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if !self.kept {
            // It is empty, or the secret in it is good for nothing: no client has it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a file of mode 0600 with all of its content in one step: whoever finds it finds it whole. Its folder is made
/// if it is missing. Answers `None` if there is a file already.
pub(crate) fn publish(path: &Path, content: &[u8]) -> Result<Option<Published>, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|why| fault(path, &why))?;
    }
    let draft = write_draft(path, content)?;
    // A link is made or not; unlike a rename it replaces nothing.
    let linked = fs::hard_link(&draft, path);
    let _ = fs::remove_file(&draft);
    match linked {
        Ok(()) => {
            // The name, too, must outlive a power cut: what it names is stored next.
            let folder = File::open(folder.unwrap_or(Path::new(".")));
            folder.and_then(|folder| folder.sync_all()).map_err(|why| fault(path, &why))?;
            Ok(Some(Published(path.to_owned())))
        }
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(why) => Err(fault(path, &why)),
    }
}

/// A file that [`publish`] made.
#[derive(Debug)]
pub(crate) struct Published(PathBuf);

impl Published {
    /// Takes it away again.
    pub(crate) fn withdraw(self) {
        // What cannot be removed holds a secret that no client has.
        let _ = fs::remove_file(self.0);
    }
}

/// Puts a file of mode 0600 in the place of whatever stood there, in one step.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let draft = write_draft(path, content)?;
    fs::rename(&draft, path).map_err(|why| {
        let _ = fs::remove_file(&draft);
        fault(path, &why)
    })
}

/// Writes what is to be at `path` beside it.
fn write_draft(path: &Path, content: &[u8]) -> Result<PathBuf, Failure> {
    let mut draft = path.as_os_str().to_owned();
    // Never the name of one that a process left behind when it was killed.
    let mut unique = [0; 8];
    SystemEntropy.fill(&mut unique);
    draft.push(format!(".{}.new", hex::encode(unique)));
    let draft = PathBuf::from(draft);
    let written =
        new_file(&draft).and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()));
    match written {
        Ok(()) => Ok(draft),
        Err(why) => {
            let _ = fs::remove_file(&draft);
            Err(fault(path, &why))
        }
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn fault(path: &Path, why: &io::Error) -> Failure {
    Failure::unusable("file_unwritable", format!("{} cannot be written: {why}", path.display()))
        .fix("Name a file in a folder that exists and is yours.")
}
