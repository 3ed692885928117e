//! Files that only their owner can read.

use crate::failure::Failure;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A new file of mode 0600 that holds a secret. Removed again when it is dropped before [`SecretFile::keep`].
#[derive(Debug)]
pub(crate) struct SecretFile {
    path: PathBuf,
    kept: bool,
}

impl SecretFile {
    /// Writes it and waits until it is on the disk; a file that exists is never touched.
    pub(crate) fn write(path: &Path, content: &[u8]) -> Result<Self, Failure> {
        let mut file = match new_file(path) {
            Ok(file) => file,
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
                let message = format!("{} exists; a secret never overwrites a file", path.display());
                return Err(Failure::unusable("file_exists", message)
                    .fix("Name another file, or move that one away."));
            }
            Err(why) => return Err(fault(path, &why)),
        };
        let written = Self { path: path.to_owned(), kept: false };
        file.write_all(content).and_then(|()| file.sync_all()).map_err(|why| fault(path, &why))?;
        Ok(written)
    }

    /// Lets it stay.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if !self.kept {
            // The secret in it is good for nothing: no client has it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Puts a file of mode 0600 in the place of whatever stood there, in one step.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = PathBuf::from(draft);
    let written = new_file(&draft)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|why| {
        let _ = fs::remove_file(&draft);
        fault(path, &why)
    })
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn fault(path: &Path, why: &io::Error) -> Failure {
    Failure::unusable("file_unwritable", format!("{} cannot be written: {why}", path.display()))
        .fix("Name a file in a folder that exists and is yours.")
}
