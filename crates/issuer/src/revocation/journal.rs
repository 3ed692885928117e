//! What an issuer writes down on its own disk: how far it has seen the log, by which it knows a store that lost
//! something; and beside it what it knows of the log, so that one that was stopped can help to recover it.

mod file;
mod kept;
mod lock;
mod place;

use super::LogFault;
use chancery_revocation::{Log, Position, Retention};
use kept::KeptFile;
use lock::lock;
use place::Place;
use std::io;
use std::os::unix::fs::MetadataExt as _;
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
    /// Who writes it; `None`: nobody, it is looked at.
    issuer: Option<String>,
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
            issuer: None,
            written: Mutex::new(place),
            appending: AtomicBool::new(false),
            kept: Mutex::new(kept),
        })
    }

    /// Likewise, for a process of `issuer`, which writes it.
    pub(crate) fn keep(path: PathBuf, issuer: &str) -> Result<Self, LogFault> {
        Ok(Self { issuer: Some(issuer.to_owned()), ..Self::open(path)? })
    }

    /// An issuer starts, and writes it from now on. A place that is still open is of a run that was cut off: that stays
    /// written down, for what it appended and acknowledged behind it may be lost later without a trace.
    pub(crate) fn start(&self) -> Result<(), LogFault> {
        let io = |error: io::Error| fault(&self.path, &error);
        let _kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let _locked = lock(&self.path).map_err(io)?;
        for path in [self.path.clone(), file::beside(&self.path, ".kept")] {
            file::remove_drafts(&path).map_err(io)?;
        }
        let folder = file::folder_of(&self.path);
        let mode = std::fs::metadata(folder).map_err(io)?.mode();
        if mode & 0o022 != 0 {
            tracing::warn!(
                target: "chancery::revocation", folder = %folder.display(), mode = format!("{:o}", mode & 0o7777),
                "others may put files where the journal is, and hide a loss; give it a folder of its own, of mode 0700"
            );
        }
        let Some(place) = place::read(&self.path).map_err(io)?.filter(|place| place.open) else {
            return Ok(());
        };
        let sequence = place.position.sequence;
        tracing::warn!(
            target: "chancery::revocation", journal = %self.path.display(), %sequence,
            "an issuer was cut off while it revoked; should the store lose something in the next hours, nobody can say \
             that nothing is missing"
        );
        let cut_off = place.cut_off.max(Some(sequence));
        self.put(Place { open: false, cut_off, ..place })
    }

    /// How far the log was seen.
    pub(crate) fn position(&self) -> Option<Position> {
        self.place().map(|place| place.position)
    }

    /// Whether something may have been appended behind that, of which nothing is written down.
    pub(crate) fn is_open(&self) -> bool {
        self.place().is_some_and(|place| place.open)
    }

    /// Whether that can be so, now or since an earlier run that was cut off.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.place().is_some_and(|place| place.open || place.cut_off.is_some())
    }

    /// Whose it is, as words that follow its name; `None` when it does not say.
    pub(crate) fn is_of(&self) -> Option<String> {
        let place = self.place()?;
        Some(format!(", of the issuer {} and its log {},", place.issuer?, place.position.log))
    }

    fn place(&self) -> Option<Place> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        if !kept.is_at(&position)
            && on_disk.as_ref().is_none_or(|place| !is_before(&position, &place.position))
        {
            // What is known before what must be: a place without what led there would be a doubt.
            kept.write(&log).map_err(|error| fault(kept.path(), &error))?;
        }
        // What is below the floor is refused, whatever became of it.
        let cut_off = on_disk.as_ref().filter(|place| place.position.log == position.log);
        let cut_off = cut_off.and_then(|place| place.cut_off).filter(|at| *at >= log.floor());
        self.put_later(on_disk, Place { position, open, cut_off, issuer: None })
    }

    /// Writes down where the log stands, and not what is in it: an issuer that runs beside will. Waits for the disk.
    pub(crate) fn write_place(&self, position: Position) -> Result<(), LogFault> {
        let _locked = lock(&self.path).map_err(|error| fault(&self.path, &error))?;
        let on_disk = place::read(&self.path).map_err(|error| fault(&self.path, &error))?;
        let open = on_disk.as_ref().is_some_and(|place| place.open);
        let cut_off = on_disk.as_ref().filter(|place| place.position.log == position.log);
        let cut_off = cut_off.and_then(|place| place.cut_off);
        self.put_later(on_disk, Place { position, open, cut_off, issuer: None })
    }

    /// The place is never taken back.
    fn put_later(&self, on_disk: Option<Place>, mut place: Place) -> Result<(), LogFault> {
        place.issuer.clone_from(&self.issuer);
        match on_disk {
            Some(held) if held == place || is_before(&place.position, &held.position) => {
                *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
                Ok(())
            }
            _ => self.put(place),
        }
    }

    fn put(&self, place: Place) -> Result<(), LogFault> {
        place::write(&self.path, &place).map_err(|error| fault(&self.path, &error))?;
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
        Ok(())
    }
}

/// Whether one is an earlier place of the same log.
fn is_before(one: &Position, other: &Position) -> bool {
    one.log == other.log && one.sequence < other.sequence
}

fn fault(path: &Path, error: &io::Error) -> LogFault {
    LogFault::Journal { path: path.into(), detail: error.to_string() }
}
