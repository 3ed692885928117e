//! One process at a time writes a journal: an issuer and a command on the same machine write the same one.

use super::file;
use rustix::process::{Uid, geteuid};
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Once;
use std::thread;
use std::time::Duration;

/// How long another process is waited for: it writes some kilobytes. Revoking goes on without the journal after that.
const WAIT: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(5);

/// Held while a journal is read and written. `None`: a file of another user lies where the lock's is to be, which could
/// keep us out for good; then it is done without.
pub(super) fn lock(journal: &Path) -> io::Result<Option<File>> {
    std::fs::create_dir_all(file::folder_of(journal))?;
    let path = file::beside(journal, ".lock");
    let held = match file::create(&path, journal) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            file::options().read(true).write(true).open(&path).and_then(|file| ours(file, journal))
        }
        created => return created.and_then(|file| wait_for(file, &path)).map(Some),
    };
    match held {
        Ok(file) => wait_for(file, &path).map(Some),
        Err(error) => {
            static TOLD: Once = Once::new();
            TOLD.call_once(|| {
                tracing::warn!(
                    target: "chancery::revocation", lock = %path.display(), %error,
                    "the lock of the journal is not ours, and not used; delete it, and give the journal a folder of its own"
                );
            });
            Ok(None)
        }
    }
}

/// Only the issuer's user and root may hold others up; whoever has the folder can do worse.
fn ours(file: File, journal: &Path) -> io::Result<File> {
    let about = file.metadata()?;
    let owner = Uid::from_raw(about.uid());
    let of_folder = std::fs::metadata(file::folder_of(journal))?.uid();
    let is_trusted = owner == geteuid() || owner.is_root() || about.uid() == of_folder;
    let is_open_to_others = about.mode() & 0o077 != 0;
    if is_trusted && about.is_file() && !is_open_to_others {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is another user's, or open to others"))
    }
}

fn wait_for(file: File, path: &Path) -> io::Result<File> {
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if waited >= WAIT => {
                let told = format!("another process holds {} for too long", path.display());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, told));
            }
            Err(TryLockError::WouldBlock) => {
                thread::sleep(EVERY);
                waited += EVERY;
            }
        }
    }
}
