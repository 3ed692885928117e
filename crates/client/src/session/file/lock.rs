//! One process at a time renews a session.
//!
//! The lock file is taken by `flock`, which ends with the process that has it. It is removed with the session, by the
//! process that has it: whoever waited for it sees that another one, or none, lies there now, and begins anew.

use super::fault::FileFault;
use super::fingerprint::Fingerprint;
use super::folder::{Folder, close_to_others, ours};
use super::rest::{self, Rest};
use super::{Kept, Place, read, write};
use crate::session::record::Record;
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tokio::task::spawn_blocking;

const ENDING: &str = ".lock";
/// The first look comes soon: who only reads the file and takes a token over is done in less.
const SHORTEST: Duration = Duration::from_millis(1);
/// Whoever renews waits for an issuer meanwhile, which takes longer than this.
const LONGEST: Duration = Duration::from_millis(10);

/// The lock of a session's file. Released when it is dropped, and what was begun under it is done.
#[derive(Debug)]
pub(crate) struct Locked(Arc<Held>);

#[derive(Debug)]
struct Held {
    place: Arc<Place>,
    folder: Folder,
    lock: File,
}

impl Drop for Held {
    fn drop(&mut self) {
        let name = self.place.beside(ENDING);
        if !self.folder.has(&self.place.name) && lies_there(&self.folder, &name, &self.lock) {
            // There is no session, or no longer: the lock that was made to look for one goes too.
            let _ = self.folder.remove(&name);
        }
        // A child that is being started has the same open file until it becomes another program.
        let _ = self.lock.unlock();
    }
}

/// Says to the thread that waits for a lock that nobody waits for it any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Takes the lock. Waiting for it is trying again and again: a thread that waits in the kernel could not be called back,
/// and would keep its process from ending.
pub(super) async fn take(place: Arc<Place>, patience: Duration) -> Result<Locked, FileFault> {
    let given_up = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(Arc::clone(&given_up));
    let at = Arc::clone(&place);
    off_the_runtime(&place, move || {
        let (mut waited, mut pause) = (Duration::ZERO, SHORTEST);
        loop {
            if let Some(held) = Free::open(&at)?.claim()? {
                return Ok(Locked(Arc::new(held)));
            }
            if waited >= patience || given_up.load(Ordering::Relaxed) {
                let path = at.path_of(&at.beside(ENDING));
                return Err(FileFault::Locked { path, waited_secs: waited.as_secs() });
            }
            thread::sleep(pause);
            waited += pause;
            pause = (pause * 2).min(LONGEST);
        }
    })
    .await
}

/// A lock file that nobody has yet.
struct Free {
    place: Arc<Place>,
    folder: Folder,
    lock: File,
    path: PathBuf,
}

impl Free {
    /// Opens the lock file, made if it is not there.
    fn open(place: &Arc<Place>) -> Result<Self, FileFault> {
        let name = place.beside(ENDING);
        let path = place.path_of(&name);
        let folder = Folder::make(place)?;
        let lock = folder.open_lock(&name).map_err(|why| {
            match why.raw_os_error().map(Errno::from_raw_os_error) {
                Some(Errno::LOOP | Errno::MLINK) => read::not_a_file(&path, "a symbolic link"),
                Some(Errno::ISDIR) => read::not_a_file(&path, "a folder"),
                Some(Errno::NXIO | Errno::OPNOTSUPP) => read::not_a_file(&path, "a socket or a device"),
                _ => FileFault::unwritable(&path, &why),
            }
        })?;
        Ok(Self { place: Arc::clone(place), folder, lock, path })
    }

    /// Takes it; `None` while another has it.
    fn claim(self) -> Result<Option<Held>, FileFault> {
        let Self { place, folder, lock, path } = self;
        let unlockable =
            |why: &io::Error| FileFault::NotLockable { path: path.clone(), why: why.to_string() };
        let about = lock.metadata().map_err(|why| unlockable(&why))?;
        read::regular(&path, about.file_type())?;
        ours(&path, &about, 0)?;
        // It holds no secret; but whoever can read it can lock it.
        close_to_others(&lock, &about);
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(why)) => return Err(unlockable(&why)),
        }
        // Whoever had it before may have removed it in between. Then there are two, and only that one counts which lies
        // there.
        let counts = lies_there(&folder, &place.beside(ENDING), &lock);
        Ok(counts.then(|| Held { place, folder, lock }))
    }
}

/// Whether this very file has that name still.
fn lies_there(folder: &Folder, name: &OsStr, lock: &File) -> bool {
    let there = folder.look_at(name).and_then(|there| there.metadata());
    let same = |one: &Metadata, other: &Metadata| (one.dev(), one.ino()) == (other.dev(), other.ino());
    matches!((there, lock.metadata()), (Ok(there), Ok(lock)) if same(&there, &lock))
}

impl Locked {
    /// What the file holds; `None` if there is none.
    pub(crate) async fn read(&self) -> Result<Option<Kept>, FileFault> {
        let held = Arc::clone(&self.0);
        off_the_runtime(&self.0.place, move || read::kept(&held.place, &held.folder)).await
    }

    /// Puts `record` in the place of what the file held; it is on the disk when this returns.
    ///
    /// # Errors
    /// The file holds what it held before. A caller that does not wait for the end stops nothing.
    pub(crate) async fn write(&self, record: &Record) -> Result<Fingerprint, FileFault> {
        let (held, content) = (Arc::clone(&self.0), record.write());
        off_the_runtime(&self.0.place, move || write::replace(&held.place, &held.folder, &content)).await
    }

    /// Whether another record could be written.
    pub(crate) async fn has_room(&self) -> Result<(), FileFault> {
        let held = Arc::clone(&self.0);
        off_the_runtime(&self.0.place, move || write::has_room(&held.place, &held.folder)).await
    }

    /// What the one left who had the lock before.
    pub(crate) async fn rest(&self) -> Option<Rest> {
        let held = Arc::clone(&self.0);
        off_the_runtime(&self.0.place, move || Ok(rest::read(&held.lock))).await.ok().flatten()
    }

    /// Leaves this to the next one. Where that cannot be written, the next one finds out by itself.
    pub(crate) async fn leave(self, rest: Option<Rest>) {
        let held = Arc::clone(&self.0);
        let written = off_the_runtime(&self.0.place, move || {
            rest::write(&held.lock, rest.as_ref())
                .map_err(|why| FileFault::unwritable(&held.place.path, &why))
        });
        if let Err(fault) = written.await {
            tracing::debug!(reason = fault.reason(), "the next process is not told to wait: {fault}");
        }
    }

    /// Takes the file away, and the lock file with it.
    pub(crate) async fn remove(self) -> Result<(), FileFault> {
        let held = Arc::clone(&self.0);
        off_the_runtime(&self.0.place, move || write::remove(&held.place, &held.folder)).await
    }
}

/// Does what may take the disk a while where no other task waits for it.
async fn off_the_runtime<T: Send + 'static>(
    place: &Place,
    work: impl FnOnce() -> Result<T, FileFault> + Send + 'static,
) -> Result<T, FileFault> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(why) => Err(FileFault::unfinished(&place.path, &why)),
    }
}

#[cfg(test)]
mod tests;
