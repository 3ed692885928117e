//! The mark beside a secret's file: whoever wrote it has not yet heard whether the secret is good.
//!
//! A command that is killed leaves file and mark behind. The same command finds them, and goes on with the very
//! secret that may be good already; any other finds a file, which a secret never overwrites.

use super::{exists, fault, open_own};
use crate::failure::Failure;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Longest mark: a URL and an id.
const MAX_BYTES: u64 = 16 * 1024;

/// A mark that this process holds. Another one finds it locked, and after this one's end it finds it free.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    file: File,
}

/// Whether a text is one that a mark may say: nothing yet, or an issuer and a client.
pub(super) fn is_mark(said: &str) -> bool {
    let lines: Vec<&str> = said.lines().collect();
    said.is_empty() || matches!(lines.as_slice(), [issuer, _] if issuer.starts_with("http"))
}

/// Where the mark of `path` is.
pub(super) fn path_of(path: &Path) -> PathBuf {
    let mut mark = path.as_os_str().to_owned();
    mark.push(".unfinished");
    PathBuf::from(mark)
}

impl Mark {
    /// Takes the mark of `path`, made if it is not there; `None` while another process holds it.
    pub(super) fn take(path: &Path) -> Result<Option<Self>, Failure> {
        let mark = path_of(path);
        loop {
            // A link would be followed to a file that is nobody's mark.
            if fs::symlink_metadata(&mark).is_ok_and(|there| !there.is_file()) {
                return Err(exists(&mark));
            }
            let file = open_own(&mark).map_err(|why| fault(path, &why))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(why)) => return Err(fault(path, &why)),
            }
            // Whoever held it before may have taken it away between the two.
            if is_at(&file, &mark).map_err(|why| fault(path, &why))? {
                return Ok(Some(Self { path: mark, file }));
            }
        }
    }

    /// What it says; empty if it is new.
    pub(super) fn says(&mut self) -> io::Result<String> {
        let mut text = String::new();
        self.file.rewind()?;
        (&mut self.file).take(MAX_BYTES).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Makes it say `text`.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()
    }

    /// Takes it away.
    pub(super) fn remove(&self) {
        // What stays says only that somebody was not told; the same command takes it away.
        let _ = fs::remove_file(&self.path);
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (held.dev(), held.ino())),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(why),
    }
}
