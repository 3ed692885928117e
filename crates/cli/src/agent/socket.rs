//! The socket on which an agent gives tokens: HTTP/1.1 over a Unix socket. `docs/PROTOCOL.md` describes it.

mod desk;
mod fault;
mod peers;
mod place;

pub(super) use desk::{Desk, no_token};
pub(super) use place::Place;

use crate::exit::Exit;
use crate::failure::Failure;
use chancery_issuer::serve::{Drained, Limits, serve_router};
use peers::OwnPeers;
use std::fs::{self, Permissions};
use std::future::Future;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixListener;

/// Connections at once. A program that forgets to close its own leaves descriptors for the files and the issuer.
const CONNECTIONS: usize = 256;
/// How long what was begun is finished. A renewal that goes on for longer is one of many.
const DRAIN_WITHIN: Duration = Duration::from_secs(5);

/// A socket that is its owner's alone. Its name goes when this is dropped.
#[derive(Debug)]
pub(super) struct Socket {
    listener: UnixListener,
    name: Name,
}

impl Socket {
    /// Listens at `path`, where nothing is. Must be called within a runtime.
    pub(super) fn bind(path: &Path) -> Result<Self, Failure> {
        let fault = |why: &io::Error| {
            let message = format!("{} cannot be listened on: {why}", path.display());
            Failure::new(Exit::Listen, "cannot_listen", message)
        };
        let listener = UnixListener::bind(path)
            .map_err(|why| fault(&why).fix("Name another place with --socket PATH."))?;
        let name = Name::of(path).map_err(|why| fault(&why))?;
        // Until then others may connect, where the folder lets them in; they are sent away.
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(|why| fault(&why))?;
        Ok(Self { listener, name })
    }

    /// Answers until `shutdown` is done, then finishes what was begun.
    pub(super) async fn serve(self, desk: Desk, shutdown: impl Future<Output = ()>) {
        let Self { listener, name } = self;
        let limits = Limits { connections: CONNECTIONS, ..Limits::from(DRAIN_WITHIN) };
        let drained = serve_router(OwnPeers::of(listener), desk.router(), shutdown, limits).await;
        drop(name);
        if let Drained::Cut { connections } = drained {
            tracing::warn!(target: "chancery::agent", connections, "connections were cut");
        }
    }
}

/// The name of a socket in its folder.
#[derive(Debug)]
struct Name {
    path: PathBuf,
    /// Device and number of what has the name.
    file: (u64, u64),
}

impl Name {
    fn of(path: &Path) -> io::Result<Self> {
        let about = fs::symlink_metadata(path)?;
        Ok(Self { path: path.to_owned(), file: (about.dev(), about.ino()) })
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        // Another agent's may stand there, if somebody removed ours; and one that stays leads nowhere, and is replaced.
        let is_ours = |about: fs::Metadata| (about.dev(), about.ino()) == self.file;
        if fs::symlink_metadata(&self.path).is_ok_and(is_ours) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
