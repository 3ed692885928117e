//! What an issuer writes down on its own disk: how far it has seen the log, by which it knows a store that lost
//! something; and beside it what it knows of the log, so that one that was stopped can help to recover it.

mod kept;
mod place;

use super::LogFault;
use chancery_revocation::{Log, Position, Retention};
use kept::KeptFile;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The journal of one process.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    /// The last place that was written.
    written: Mutex<Option<Position>>,
    /// Held while the disk is written.
    kept: Mutex<KeptFile>,
}

impl Journal {
    /// Reads the journal at `path`, if there is one.
    pub(crate) fn open(path: PathBuf) -> Result<Self, LogFault> {
        let position = place::read(&path).map_err(|error| fault(&path, &error))?;
        let kept = KeptFile::beside(&path);
        Ok(Self { path, written: Mutex::new(position), kept: Mutex::new(kept) })
    }

    /// How far the log was seen.
    pub(crate) fn position(&self) -> Option<Position> {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was known of the log; `None` when nothing of it can be read.
    pub(crate) fn knowledge(&self, retention: Retention) -> Option<Log> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).read(retention)
    }

    /// Writes down where `log` stands and what is in it, unless that is written, or more. Waits for the disk.
    pub(crate) fn write(&self, log: &Log) -> Result<(), LogFault> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let on_disk = place::read(&self.path).map_err(|error| fault(&self.path, &error))?;
        let position = log.position();
        let is_older = |known: Position| known.log == position.log && known.sequence >= position.sequence;
        if on_disk.is_some_and(is_older) && kept.is_at(position) {
            return Ok(());
        }
        // What is known before what must be: a place without what led there would be a doubt.
        kept.write(log).map_err(|error| fault(kept.path(), &error))?;
        if !on_disk.is_some_and(is_older) {
            place::write(&self.path, position).map_err(|error| fault(&self.path, &error))?;
        }
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(*position);
        Ok(())
    }
}

fn fault(path: &Path, error: &io::Error) -> LogFault {
    LogFault::Journal { path: path.into(), detail: error.to_string() }
}

/// Puts `bytes` in the place of the file at `path`, whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    std::fs::File::open(folder)?.sync_all()
}
