//! Where an agent listens: one agent at each place.

use crate::agent::folder::{is_closed_to_others, is_kept_from_others};
use crate::exit::Exit;
use crate::failure::Failure;
use rustix::fs::{Mode, OFlags};
use rustix::process::geteuid;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::{Path, PathBuf};

/// Longest text of a lock that is read: a process id.
const MAX_PID: u64 = 16;

/// The path of a socket that is this process's to listen on, for as long as this lives.
#[derive(Debug)]
pub(in super::super) struct Place {
    path: PathBuf,
    is_shared: bool,
    /// Beside the socket. It stays when the agent goes: a lock that is removed can be held twice.
    _lock: File,
}

impl Place {
    /// Takes it: what a dead agent left there is removed, and a living one is an error.
    pub(in super::super) fn take(path: PathBuf) -> Result<Self, Failure> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        let about = made.and_then(|()| fs::metadata(folder)).map_err(|why| unusable(&path, &why))?;
        let is_shared = !is_closed_to_others(&about);
        if is_shared && !is_kept_from_others(&about) {
            return Err(open_to_others(folder));
        }
        // What can never be listened at leaves nothing behind.
        SocketAddr::from_pathname(&path).map_err(|_| too_long(&path))?;
        is_none_or_a_socket(&path)?;
        let mut lock = open_lock(&path).map_err(|why| unusable(&path, &why))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(&path, &pid_in(&mut lock))),
            Err(TryLockError::Error(why)) => return Err(unusable(&path, &why)),
        }
        // Somebody may have removed it before it was locked: then another agent can hold another one.
        let is_there =
            fs::symlink_metadata(lock_of(&path)).and_then(|there| Ok(there.ino() == lock.metadata()?.ino()));
        if !is_there.is_ok_and(|is_there| is_there) {
            return Err(unusable(&path, &io::ErrorKind::ResourceBusy.into()));
        }
        clear(&path)?;
        let written = lock.set_len(0).and_then(|()| lock.rewind());
        // On a full disk nobody can read whose it is; it is held all the same.
        let _ = written.and_then(|()| writeln!(lock, "{}", std::process::id()));
        Ok(Self { path, is_shared, _lock: lock })
    }

    /// Whether others can put something of theirs there while no agent is: what is here is safe from them.
    pub(in super::super) const fn is_shared(&self) -> bool {
        self.is_shared
    }

    pub(in super::super) fn path(&self) -> &Path {
        &self.path
    }
}

fn lock_of(socket: &Path) -> PathBuf {
    let mut path = socket.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

/// Opens the lock beside a socket, made if it is missing. What is written into it must be nobody else's.
fn open_lock(socket: &Path) -> io::Result<File> {
    let path = lock_of(socket);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let lock = File::from(rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR)?);
    let about = lock.metadata()?;
    if about.is_file() && about.nlink() == 1 && about.uid() == geteuid().as_raw() {
        Ok(lock)
    } else {
        Err(io::Error::other(format!("{} is no lock of an agent", path.display())))
    }
}

fn is_none_or_a_socket(path: &Path) -> Result<(), Failure> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.file_type().is_socket() => Ok(()),
        Ok(_) => {
            let message = format!("{} is there, and is no socket", path.display());
            Err(Failure::new(Exit::Listen, "cannot_listen", message)
                .fix("Name another place with --socket PATH, or move that away."))
        }
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(why) => Err(unusable(path, &why)),
    }
}

/// Makes room: a socket on which nobody answers goes, anything else stays.
fn clear(path: &Path) -> Result<(), Failure> {
    is_none_or_a_socket(path)?;
    match UnixStream::connect(path) {
        Ok(_) => Err(taken(path, "")),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        // Only that says that nobody listens any more.
        Err(why) if why.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(|why| unusable(path, &why))
        }
        Err(why) => Err(unusable(path, &why)),
    }
}

fn pid_in(lock: &mut File) -> String {
    let mut text = String::new();
    // One that says nothing yet is just beginning.
    let _ = lock.take(MAX_PID).read_to_string(&mut text);
    text.trim_end().to_owned()
}

fn taken(path: &Path, pid: &str) -> Failure {
    let who = if pid.is_empty() { String::new() } else { format!(" (process {pid})") };
    let message = format!("another agent serves at {}{who}", path.display());
    Failure::new(Exit::Listen, "agent_serves_already", message)
        .fix("Use that one: it serves everybody of this user. --socket PATH takes another place.")
}

fn open_to_others(folder: &Path) -> Failure {
    let message =
        format!("others may write to the folder {}, and put a socket of theirs there", folder.display());
    Failure::new(Exit::Listen, "socket_folder_open", message)
        .fix("Name a place with --socket PATH in a folder that is yours alone, such as below $XDG_RUNTIME_DIR or $HOME.")
}

fn too_long(path: &Path) -> Failure {
    let message = format!("{} cannot be listened on: the path is too long for a socket", path.display());
    Failure::new(Exit::Listen, "cannot_listen", message)
        .fix("It has 103 bytes at most: name one with --socket PATH.")
}

fn unusable(path: &Path, why: &io::Error) -> Failure {
    Failure::new(Exit::Listen, "cannot_listen", format!("{} cannot be listened on: {why}", path.display()))
        .fix("Name another place with --socket PATH.")
}
