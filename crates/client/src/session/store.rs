//! Where a session is kept: in a file that processes share, or in this process alone.

use crate::session::file::{FileFault, Fingerprint, Locked, Rest, SessionFile};
use crate::session::record::{Record, Terms};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;

/// So long a process waits for another one that renews. That takes longer only where the issuer takes all of its time for
/// each of several requests.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Where a session is kept.
#[derive(Clone, Debug)]
pub(super) enum Store {
    File(SessionFile),
    Memory(Arc<Mutex<Found>>),
}

/// What is found there.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Nothing: somebody ended the session.
    Gone,
    /// A session.
    Kept(Record),
    /// One that has not begun.
    New(Terms),
}

/// Whether it matters that another process may have the lock, and stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// After a while it does not: the issuer gives whoever proves who it is, or its key, the same successor as often as it
    /// asks; and nothing is written.
    IfPossible,
    /// It does.
    InAnyCase,
}

/// The right to renew the session, and to write down what came of it.
pub(super) enum Right {
    File(Locked),
    Memory(OwnedMutexGuard<Found>),
    /// The lock cannot be had, for all that anybody can do here: what is renewed stays in this process. The issuer gives
    /// those who refresh the same token the same successor, so that nobody is harmed.
    Unlocked(SessionFile, FileFault),
}

impl Store {
    /// The file, if it is one.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file.path()),
            Self::Memory(_) => None,
        }
    }

    /// Waits until nobody else renews.
    pub(super) async fn lock(&self, alone: Alone) -> Result<Right, FileFault> {
        self.lock_within(alone, PATIENCE).await
    }

    async fn lock_within(&self, alone: Alone, patience: Duration) -> Result<Right, FileFault> {
        match self {
            Self::File(file) => match file.lock(patience).await {
                Ok(locked) => Ok(Right::File(locked)),
                Err(fault) if can_do_without(&fault, alone) => Ok(Right::Unlocked(file.clone(), fault)),
                Err(fault) => Err(fault),
            },
            Self::Memory(found) => Ok(Right::Memory(Arc::clone(found).lock_owned().await)),
        }
    }

    /// What the file looks like; nothing does in memory.
    pub(super) fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::File(file) => file.fingerprint(),
            Self::Memory(_) => None,
        }
    }
}

impl Right {
    /// Reads what is there now.
    pub(super) async fn read(&self) -> Result<(Found, Option<Fingerprint>), FileFault> {
        let kept = match self {
            Self::File(locked) => locked.read().await?,
            Self::Memory(found) => return Ok(((**found).clone(), None)),
            Self::Unlocked(file, _) => {
                let (file, path) = (file.clone(), file.path().to_owned());
                let read = spawn_blocking(move || file.read()).await;
                read.unwrap_or_else(|why| Err(FileFault::unfinished(&path, &why)))?
            }
        };
        Ok(kept.map_or((Found::Gone, None), |kept| (Found::Kept(kept.record), Some(kept.fingerprint))))
    }

    /// Writes what is to be there. An error leaves it as it was.
    pub(super) async fn write(&mut self, record: &Record) -> Result<Option<Fingerprint>, FileFault> {
        match self {
            Self::File(locked) => locked.write(record).await.map(Some),
            Self::Memory(found) => {
                **found = Found::Kept(record.clone());
                Ok(None)
            }
            Self::Unlocked(_, fault) => Err(fault.clone()),
        }
    }

    /// Whether something could be written.
    pub(super) async fn has_room(&self) -> Result<(), FileFault> {
        match self {
            Self::File(locked) => locked.has_room().await,
            Self::Memory(_) => Ok(()),
            Self::Unlocked(_, fault) => Err(fault.clone()),
        }
    }

    /// What the one left who had it before: that nobody is to be asked for a while.
    pub(super) async fn rest(&self) -> Option<Rest> {
        match self {
            Self::File(locked) => locked.rest().await,
            Self::Memory(_) | Self::Unlocked(..) => None,
        }
    }

    /// Gives it up, and leaves this to the next one.
    pub(super) async fn leave(self, rest: Option<Rest>) {
        if let Self::File(locked) = self {
            locked.leave(rest).await;
        }
    }

    /// Leaves nothing behind.
    pub(super) async fn remove(self) -> Result<(), FileFault> {
        match self {
            Self::File(locked) => locked.remove().await,
            Self::Memory(mut found) => {
                *found = Found::Gone;
                Ok(())
            }
            Self::Unlocked(_, fault) => Err(fault),
        }
    }
}

/// Whether somebody may go on without the lock that could not be had. Where the system refuses it, it refuses it to all.
fn can_do_without(fault: &FileFault, alone: Alone) -> bool {
    match fault {
        FileFault::Locked { .. } => alone == Alone::IfPossible,
        FileFault::DiskFull { .. }
        | FileFault::NotLockable { .. }
        | FileFault::NotWritable { .. }
        | FileFault::QuotaReached { .. }
        | FileFault::ReadOnly { .. } => true,
        FileFault::Corrupt { .. }
        | FileFault::Foreign { .. }
        | FileFault::NotAFile { .. }
        | FileFault::OpenToOthers { .. }
        | FileFault::OtherOwner { .. }
        | FileFault::OtherVersion { .. }
        | FileFault::TooLarge { .. }
        | FileFault::Unreadable { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::DirBuilderExt as _;

    #[tokio::test]
    async fn a_process_that_stands_still_with_the_lock_stops_nobody_who_may_renew_beside_it() {
        let folder = std::env::temp_dir().join(format!("chancery-store-{}", std::process::id()));
        std::fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
        let store = Store::File(SessionFile::at(&folder.join("agent.json")));
        let stands_still = store.lock(Alone::InAnyCase).await.unwrap();
        let soon = Duration::from_millis(1);
        let beside = store.lock_within(Alone::IfPossible, soon).await.unwrap();
        assert!(matches!(beside, Right::Unlocked(_, FileFault::Locked { .. })));
        let alone = store.lock_within(Alone::InAnyCase, soon).await;
        assert!(matches!(alone, Err(FileFault::Locked { .. })));
        drop(stands_still);
        assert!(matches!(store.lock(Alone::InAnyCase).await, Ok(Right::File(_))));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
