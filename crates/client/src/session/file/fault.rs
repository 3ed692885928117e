//! Why the file of a session is not used.

use crate::error::ErrorKind;
use crate::session::record::{FileDamage, Unfit};
use rustix::io::Errno;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use tokio::task::JoinError;

/// Why the file of a session is not used. Each names the file and, in [`FileFault::fix`], what to do; none tells what
/// is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// It was damaged. It is left as it is.
    #[error("the session file {} is damaged: {damage}", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is damaged, and where.
        damage: FileDamage,
    },
    /// There is no room for it. What was there before is still there.
    #[error("{} cannot be written: the disk is full", .path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// It is somebody else's: no session of ours is in it.
    #[error("{} is no session file: it has no \"chancery_session\"", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another process has had the lock for all of the time that we could wait.
    #[error("another process has held {} for {}s", .path.display(), .waited_secs)]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// How long we waited, in whole seconds.
        waited_secs: u64,
    },
    /// The file system, or something else, lets nobody lock a file.
    #[error("{} cannot be locked: {why}", .path.display())]
    NotLockable {
        /// The lock file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// It is a link, a folder, a pipe or a device.
    #[error("{} is {what}, and no regular file", .path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// It cannot be written, and not for want of room.
    #[error("{} cannot be written: {why}", .path.display())]
    NotWritable {
        /// The file, or its folder.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Others than its owner may read or write the file, or write to its folder.
    #[error("{thing} {} is open to others (mode {mode:04o}), and holds secrets", .path.display())]
    OpenToOthers {
        /// The file or folder.
        path: PathBuf,
        /// Which of the two.
        thing: FileOrFolder,
        /// Its permissions.
        mode: u32,
    },
    /// It belongs to another user.
    #[error("{thing} {} belongs to the user {owner}, and this process is the user {us}", .path.display())]
    OtherOwner {
        /// The file or folder.
        path: PathBuf,
        /// Which of the two.
        thing: FileOrFolder,
        /// The id of its owner.
        owner: u32,
        /// Our own.
        us: u32,
    },
    /// Another version of Chancery wrote it.
    #[error("the session file {} is of version {found}; this program reads version 1", .path.display())]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
    /// Its user may store no more. What was there before is still there.
    #[error("{} cannot be written: the quota of this user is used up", .path.display())]
    QuotaReached {
        /// The file.
        path: PathBuf,
    },
    /// The file system takes no writes. What was there before is still there.
    #[error("{} cannot be written: its file system is read-only", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No session is that long; a record that is, because of its tokens, is not written.
    #[error("the session file {} has more than 65536 bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let it be read.
    #[error("{} cannot be read: {why}", .path.display())]
    Unreadable {
        /// The file, or its folder.
        path: PathBuf,
        /// What the system says.
        why: String,
        /// Whether that passes by itself, as a want of descriptors or of memory does.
        passes: bool,
    },
}

/// What a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOrFolder {
    /// A file.
    File,
    /// A folder.
    Folder,
}

impl fmt::Display for FileOrFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "the file",
            Self::Folder => "the folder",
        })
    }
}

impl FileFault {
    /// The stable name.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Corrupt { .. } => "session_file_corrupt",
            Self::DiskFull { .. } => "session_file_disk_full",
            Self::Foreign { .. } => "session_file_foreign",
            Self::Locked { .. } => "session_file_locked",
            Self::NotLockable { .. } => "session_file_not_lockable",
            Self::NotAFile { .. } => "session_file_not_a_file",
            Self::NotWritable { .. } => "session_file_unwritable",
            Self::OpenToOthers { .. } => "session_file_open_to_others",
            Self::OtherOwner { .. } => "session_file_other_owner",
            Self::OtherVersion { .. } => "session_file_other_version",
            Self::QuotaReached { .. } => "session_file_quota",
            Self::ReadOnly { .. } => "session_file_read_only",
            Self::TooLarge { .. } => "session_file_too_large",
            Self::Unreadable { .. } => "session_file_unreadable",
        }
    }

    /// Whether trying again can help without anybody changing anything.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Locked { .. } | Self::Unreadable { passes: true, .. } => ErrorKind::Transient,
            Self::Corrupt { .. }
            | Self::DiskFull { .. }
            | Self::Foreign { .. }
            | Self::NotAFile { .. }
            | Self::NotLockable { .. }
            | Self::NotWritable { .. }
            | Self::OpenToOthers { .. }
            | Self::OtherOwner { .. }
            | Self::OtherVersion { .. }
            | Self::QuotaReached { .. }
            | Self::ReadOnly { .. }
            | Self::TooLarge { .. }
            | Self::Unreadable { passes: false, .. } => ErrorKind::Permanent,
        }
    }

    /// What it is about: the file, its lock or its folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::Corrupt { path, .. }
            | Self::DiskFull { path }
            | Self::Foreign { path }
            | Self::Locked { path, .. }
            | Self::NotAFile { path, .. }
            | Self::NotLockable { path, .. }
            | Self::NotWritable { path, .. }
            | Self::OpenToOthers { path, .. }
            | Self::OtherOwner { path, .. }
            | Self::OtherVersion { path, .. }
            | Self::QuotaReached { path }
            | Self::ReadOnly { path }
            | Self::TooLarge { path }
            | Self::Unreadable { path, .. } => path,
        }
    }

    /// What a person does about it, as a sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Corrupt { path, .. } | Self::TooLarge { path } => {
                format!("Put {} back from a copy, or move it away and begin another session.", path.display())
            }
            Self::DiskFull { .. } | Self::QuotaReached { .. } => {
                "Make room on that disk; the session goes on by itself.".to_owned()
            }
            Self::Foreign { .. } | Self::NotAFile { .. } => {
                "Name another file for the session, or move that one away.".to_owned()
            }
            Self::Locked { .. } => {
                "Try again; if it stays so, look which process has the file open, and end that.".to_owned()
            }
            Self::NotLockable { .. } => "Keep the session on a local disk.".to_owned(),
            Self::Unreadable { passes: true, .. } => {
                "Try again; if it stays so, this machine has too few descriptors or too little memory."
                    .to_owned()
            }
            Self::NotWritable { path, .. } | Self::Unreadable { path, passes: false, .. } => {
                format!(
                    "Let this user read and write {}, or keep the session in another folder.",
                    path.display()
                )
            }
            Self::OpenToOthers { path, thing: FileOrFolder::File, .. } => {
                format!("chmod 600 {}; if others may have read it, begin another session.", path.display())
            }
            Self::OpenToOthers { path, thing: FileOrFolder::Folder, .. } => {
                format!("chmod go-w {}, or keep the session in a folder of its own.", path.display())
            }
            Self::OtherOwner { .. } => {
                "Run as that user, or keep the session in a folder of your own.".to_owned()
            }
            Self::OtherVersion { .. } => {
                "Use the version of Chancery that wrote it, or begin another session.".to_owned()
            }
            Self::ReadOnly { .. } => {
                "Keep the session on a disk that can be written; until then it ends with its process."
                    .to_owned()
            }
        }
    }

    pub(super) fn unreadable(path: &Path, why: &io::Error) -> Self {
        let passes = matches!(
            why.raw_os_error().map(Errno::from_raw_os_error),
            Some(Errno::AGAIN | Errno::INTR | Errno::MFILE | Errno::NFILE | Errno::NOMEM)
        );
        Self::Unreadable { path: path.to_owned(), why: why.to_string(), passes }
    }

    /// What was begun has no end: the runtime is gone, or what ran on it ended in a panic, which was told by itself.
    pub(crate) fn unfinished(path: &Path, why: &JoinError) -> Self {
        Self::Unreadable { path: path.to_owned(), why: why.to_string(), passes: true }
    }

    pub(crate) fn unfit(path: &Path, unfit: Unfit) -> Self {
        let path = path.to_owned();
        match unfit {
            Unfit::Corrupt(damage) => Self::Corrupt { path, damage },
            Unfit::Foreign => Self::Foreign { path },
            Unfit::OtherVersion(found) => Self::OtherVersion { path, found },
        }
    }

    /// Tells apart why something cannot be written.
    pub(super) fn unwritable(path: &Path, why: &io::Error) -> Self {
        let path = path.to_owned();
        match why.kind() {
            io::ErrorKind::StorageFull => Self::DiskFull { path },
            io::ErrorKind::QuotaExceeded => Self::QuotaReached { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::NotWritable { path, why: why.to_string() },
        }
    }
}
