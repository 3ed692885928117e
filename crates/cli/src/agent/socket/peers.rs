//! Connections of this process's own user.

use chancery_issuer::serve::Door;
use rustix::process::geteuid;
use std::io;
use tokio::net::{UnixListener, UnixStream};

/// Takes connections of this user alone. The modes of socket and folder keep others out already; a folder of another
/// mode, or a moment before the mode was set, does not let them in.
#[derive(Debug)]
pub(super) struct OwnPeers(UnixListener);

impl OwnPeers {
    pub(super) fn of(listener: UnixListener) -> Self {
        Self(listener)
    }
}

impl Door for OwnPeers {
    type Connection = UnixStream;

    async fn next(&self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.0.accept().await?;
            match stream.peer_cred() {
                Ok(peer) if peer.uid() == geteuid().as_raw() => return Ok(stream),
                Ok(peer) => {
                    let uid = peer.uid();
                    tracing::warn!(target: "chancery::agent", uid, "another user is sent away");
                }
                Err(error) => {
                    tracing::warn!(target: "chancery::agent", %error, "nobody knows who that is");
                }
            }
        }
    }
}
