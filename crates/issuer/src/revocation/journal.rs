//! What an issuer writes down on its own disk: how far it has seen the log, by which it knows a store that lost
//! something; and beside it what it knows of the log, so that one that was stopped can help to recover it.

mod kept;
mod place;

use super::LogFault;
use chancery_revocation::{Log, Position, Retention};
use kept::KeptFile;
use place::Place;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The journal of one process.
///
/// A place that is **open** says that an issuer was about to append behind it: should it be cut off then, nobody can say
/// that nothing is missing. It is opened at most once a second, when something is appended, and not for each entry.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    /// What was last read or written.
    written: Mutex<Option<Place>>,
    /// Whether a batch is on its way to the store.
    appending: AtomicBool,
    /// Held while the disk is written.
    kept: Mutex<KeptFile>,
}

impl Journal {
    /// Reads the journal at `path`, if there is one.
    pub(crate) fn open(path: PathBuf) -> Result<Self, LogFault> {
        let place = place::read(&path).map_err(|error| fault(&path, &error))?;
        let kept = KeptFile::beside(&path);
        Ok(Self {
            path,
            written: Mutex::new(place),
            appending: AtomicBool::new(false),
            kept: Mutex::new(kept),
        })
    }

    /// How far the log was seen.
    pub(crate) fn position(&self) -> Option<Position> {
        self.place().map(|place| place.position)
    }

    /// Whether something may have been appended behind that, of which nothing is written down.
    pub(crate) fn is_open(&self) -> bool {
        self.place().is_some_and(|place| place.open)
    }

    fn place(&self) -> Option<Place> {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was known of the log; `None` when nothing of it can be read.
    pub(crate) fn knowledge(&self, retention: Retention) -> Option<Log> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).read(retention)
    }

    /// Writes down that something is about to be appended, unless that is written. Waits for the disk.
    pub(crate) fn begin_appending(&self) -> Result<(), LogFault> {
        let _kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.appending.store(true, Ordering::SeqCst);
        if self.is_open() {
            return Ok(());
        }
        let _locked = lock(&self.path).map_err(|error| fault(&self.path, &error))?;
        let on_disk = place::read(&self.path).map_err(|error| fault(&self.path, &error))?;
        on_disk.map_or(Ok(()), |place| self.put(Place { open: true, ..place }))
    }

    /// What was about to be appended is applied, or was not acknowledged to anybody.
    pub(crate) fn end_appending(&self) {
        self.appending.store(false, Ordering::SeqCst);
    }

    /// Writes down where the log stands and what is in it, unless that is written, or more. Waits for the disk.
    pub(crate) fn write(&self, log: impl Fn() -> Arc<Log>) -> Result<(), LogFault> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked before the log is: whatever was acknowledged by then is in it, and nothing begins while the lock is held.
        let open = self.appending.load(Ordering::SeqCst);
        let log = log();
        let _locked = lock(&self.path).map_err(|error| fault(&self.path, &error))?;
        let on_disk = place::read(&self.path).map_err(|error| fault(&self.path, &error))?;
        let position = *log.position();
        if !kept.is_at(&position) && on_disk.is_none_or(|place| !is_before(&position, &place.position)) {
            // What is known before what must be: a place without what led there would be a doubt.
            kept.write(&log).map_err(|error| fault(kept.path(), &error))?;
        }
        self.put_later(on_disk, Place { position, open })
    }

    /// Writes down where the log stands, and not what is in it: an issuer that runs beside will. Waits for the disk.
    pub(crate) fn write_place(&self, position: Position) -> Result<(), LogFault> {
        let _locked = lock(&self.path).map_err(|error| fault(&self.path, &error))?;
        let on_disk = place::read(&self.path).map_err(|error| fault(&self.path, &error))?;
        self.put_later(on_disk, Place { position, open: on_disk.is_some_and(|place| place.open) })
    }

    /// The place is never taken back.
    fn put_later(&self, on_disk: Option<Place>, place: Place) -> Result<(), LogFault> {
        match on_disk {
            Some(held) if is_before(&place.position, &held.position) => {
                *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
                Ok(())
            }
            Some(held) if held == place => {
                *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
                Ok(())
            }
            _ => self.put(place),
        }
    }

    fn put(&self, place: Place) -> Result<(), LogFault> {
        place::write(&self.path, place).map_err(|error| fault(&self.path, &error))?;
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
        Ok(())
    }
}

/// Whether one is an earlier place of the same log.
fn is_before(one: &Position, other: &Position) -> bool {
    one.log == other.log && one.sequence < other.sequence
}

/// Held while a journal is read and written: an issuer and a command on the same machine write the same one. It is its
/// folder that is locked: a file made for it could belong to whoever came first, and keep the others out.
fn lock(journal: &Path) -> io::Result<File> {
    let folder = folder_of(journal);
    std::fs::create_dir_all(folder)?;
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(folder)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn fault(path: &Path, error: &io::Error) -> LogFault {
    LogFault::Journal { path: path.into(), detail: error.to_string() }
}

/// Puts `bytes` in the place of the file at `path`, whole or not at all. It keeps its owner: what a command writes as
/// root is still the issuer's.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    if let Ok(held) = std::fs::metadata(path)
        && held.uid() != file.metadata()?.uid()
    {
        // Whoever is not root cannot give files away, and has none to give back.
        let _ = fchown(&file, Some(held.uid()), Some(held.gid()));
    }
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()
}
