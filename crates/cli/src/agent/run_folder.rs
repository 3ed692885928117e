//! The folder of one run of a command: its socket and its token file, for as long as it runs.

use super::folder::is_kept_from_others;
use crate::environment;
use crate::failure::Failure;
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use rustix::process::geteuid;
use std::fs::{self, DirBuilder, File, Metadata, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// What the names of such folders begin with; the rest is drawn.
const PREFIX: &str = "chancery-agent-";
const DRAWN_BYTES: usize = 8;
const SOCKET: &str = "socket";
pub(super) const TOKEN: &str = "token";
/// What is behind the name of a token that is being written.
pub(super) const DRAFT: &str = "new";
/// The path of a socket has 103 bytes at most on some systems; ours adds 40 to that of the folder above.
const MAX_BASE_BYTES: usize = 63;
/// Permissions of anybody but the owner.
const OPEN_TO_OTHERS: u32 = 0o077;
/// A folder that somebody else reaped while it was made is made again, under another name.
const ATTEMPTS: usize = 8;

/// A folder of mode 0700 that goes when this is dropped. One that a killed process left is taken away by the next.
#[derive(Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
    /// The folder itself, locked for as long as it is in use: so who tidies up temporary files leaves it alone, too.
    _lock: File,
}

impl RunFolder {
    pub(super) fn make() -> Result<Self, Failure> {
        let base = base()?;
        reap(&base);
        for _ in 0..ATTEMPTS {
            let mut unique = [0; DRAWN_BYTES];
            SystemEntropy.fill(&mut unique);
            let path = base.join(format!("{PREFIX}{}", hex::encode(unique)));
            DirBuilder::new().mode(0o700).create(&path).map_err(|why| unusable(&base, &why))?;
            match taken(&path) {
                Ok(Some(lock)) => return Ok(Self { path, _lock: lock }),
                Ok(None) => {}
                Err(why) if why.kind() == io::ErrorKind::NotFound => {}
                Err(why) => {
                    // It is empty.
                    let _ = fs::remove_dir(&path);
                    return Err(unusable(&base, &why));
                }
            }
        }
        Err(unusable(&base, &io::ErrorKind::ResourceBusy.into()))
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path.join(SOCKET)
    }

    pub(super) fn token(&self) -> PathBuf {
        self.path.join(TOKEN)
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// The folder above: that of this user's run time, else that of temporary files.
fn base() -> Result<PathBuf, Failure> {
    let is_own = |folder: &PathBuf| fs::metadata(folder).is_ok_and(|about| is_ours_alone(&about));
    let of_user = environment::folder("XDG_RUNTIME_DIR").filter(is_own);
    let usual = std::path::absolute(std::env::temp_dir()).ok();
    let named = of_user.into_iter().chain(usual).chain([PathBuf::from("/tmp")]);
    // Nobody can take away what this user makes in a folder that is sticky.
    let is_fit = |folder: &PathBuf| {
        let is_safe = |about: Metadata| about.is_dir() && is_kept_from_others(&about);
        folder.as_os_str().as_bytes().len() <= MAX_BASE_BYTES && fs::metadata(folder).is_ok_and(is_safe)
    };
    named.into_iter().find(is_fit).ok_or_else(|| {
        unusable(&std::env::temp_dir(), &io::Error::other("others can take away what is made there"))
    })
}

/// Takes away what processes left that are no more.
fn reap(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let is_ours = |about: Metadata| about.is_dir() && is_ours_alone(&about);
        if is_named_so(&path) && fs::symlink_metadata(&path).is_ok_and(is_ours)
            // Whoever lives holds it. One that is only being made loses its folder, and makes another.
            && let Ok(Some(_lock)) = taken(&path)
        {
            remove(&path);
        }
    }
}

/// Removes what an agent made in such a folder, and it, if that is all. What a command put beside it stays, and whoever only
/// chose such a name keeps what is theirs.
fn remove(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_of_a_run(path)) {
        // What cannot be removed keeps its folder from being removed.
        let _ = fs::remove_file(path);
    }
    let _ = fs::remove_dir(folder);
}

fn is_ours_alone(about: &Metadata) -> bool {
    about.uid() == geteuid().as_raw() && about.mode() & OPEN_TO_OTHERS == 0
}

fn is_named_so(folder: &Path) -> bool {
    let drawn = folder.file_name().and_then(|name| name.to_str()?.strip_prefix(PREFIX));
    drawn.is_some_and(is_drawn)
}

/// The socket, the token, or one that was being written.
fn is_of_a_run(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let draft = name
        .strip_prefix(TOKEN)
        .and_then(|rest| rest.strip_prefix('.')?.strip_suffix(DRAFT)?.strip_suffix('.'));
    name == SOCKET || name == TOKEN || draft.is_some_and(is_drawn)
}

fn is_drawn(text: &str) -> bool {
    text.len() == 2 * DRAWN_BYTES && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Locks a folder; `None` if somebody has it, or took it away meanwhile.
fn taken(folder: &Path) -> io::Result<Option<File>> {
    let lock = File::open(folder)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(why)) => return Err(why),
    }
    let held = lock.metadata()?.ino();
    let is_there = fs::symlink_metadata(folder).is_ok_and(|there| there.ino() == held);
    Ok(Some(lock).filter(|_| is_there))
}

fn unusable(base: &Path, why: &io::Error) -> Failure {
    Failure::unusable("run_folder", format!("no folder can be made in {}: {why}", base.display()))
        .fix("TMPDIR names another place.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_run_makes_is_of_a_run() {
        for ours in ["socket", "token", "token.0123456789abcdef.new"] {
            assert!(is_of_a_run(Path::new(ours)), "{ours}");
        }
        for other in [
            "",
            "token.new",
            "token.0123456789abcdeF.new",
            "token.0123456789abcdef.old",
            "tokens",
            "socket.lock",
        ] {
            assert!(!is_of_a_run(Path::new(other)), "{other}");
        }
        assert!(is_named_so(Path::new("/tmp/chancery-agent-0123456789abcdef")));
        for other in [
            "chancery-agent-notes",
            "chancery-agent-",
            "chancery-agent-0123456789ABCDEF",
            "x0123456789abcdef",
        ] {
            assert!(!is_named_so(Path::new(other)), "{other}");
        }
    }
}
