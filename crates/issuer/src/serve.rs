//! A router behind a socket, until it is told to stop.

mod moving;

use crate::issuer::Issuer;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use moving::Moving;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Connections at once, unless said otherwise.
const MAX_CONNECTIONS: usize = 8192;

/// How long a connection may take to send the head of a request, and so how long it may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long nothing of an answer may be taken: as long as most servers wait.
const STALL_TIMEOUT: Duration = Duration::from_mins(1);

/// Largest head of a request, with all headers: what most servers allow.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// After an accept that failed for want of descriptors or memory: until some may be free again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long the end of the log is waited for when the process ends.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// What a server grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once: 8192 unless said otherwise. Idle ones count too; more wait in the queue of the operating system.
    pub connections: usize,
    /// The largest head of a request, with all headers: 16 KiB unless said otherwise, as most servers have it.
    pub head_bytes: usize,
    /// How long a client may take nothing of what it is sent: a minute unless said otherwise. Then its connection is cut, for
    /// others wait for the place.
    pub stall_timeout: Duration,
    /// How long what was begun is finished after the server was told to stop.
    pub drain_within: Duration,
}

/// The usual limits, with this time to finish.
impl From<Duration> for Limits {
    fn from(drain_within: Duration) -> Self {
        Self {
            connections: MAX_CONNECTIONS,
            head_bytes: MAX_HEAD_BYTES,
            stall_timeout: STALL_TIMEOUT,
            drain_within,
        }
    }
}

/// Where connections come in.
pub trait Door: Send + Sync {
    /// A connection.
    type Connection: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Waits for the next one.
    ///
    /// # Errors
    /// There is none now, for want of descriptors or memory; or it was gone before it was taken.
    fn next(&self) -> impl Future<Output = io::Result<Self::Connection>> + Send;
}

impl Door for TcpListener {
    type Connection = TcpStream;

    async fn next(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.accept().await?;
        // Answers fit one segment; waiting for more to send only delays them. A socket that refuses is none.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every request that was begun was answered.
    Completely,
    /// Time was up; this many connections were cut.
    Cut {
        /// How many.
        connections: usize,
    },
}

/// Serves `issuer` on `listener` until `shutdown` is done, then finishes what was begun, for as long as the
/// configuration allows. Follows the changes of the store all the while.
pub async fn serve(
    listener: TcpListener,
    issuer: Arc<Issuer>,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    let (router, within) = (issuer.router(), issuer.drain_timeout());
    let following = async {
        issuer.follow().await;
    };
    // Whoever waits for news of the log is answered, so that nobody keeps the process from ending.
    let shutdown = async {
        shutdown.await;
        issuer.publisher().stop_waiting();
    };
    let drained = tokio::select! {
        drained = serve_router(listener, router, shutdown, within) => drained,
        () = following => Drained::Completely,
    };
    // What was revoked in the last second is written down as well, also what a command appended beside this process. A
    // store that does not answer now has said so before.
    let _ = tokio::time::timeout(LAST_LOOK, issuer.revocation_log().look(issuer.moment())).await;
    if let Err(fault) = issuer.revocation_log().write_down().await {
        let reason = fault.reason();
        tracing::error!(target: "chancery::revocation", reason, %fault, "the journal is not written");
    }
    drained
}

/// Serves any router in the same way, at any door.
pub async fn serve_router(
    door: impl Door,
    router: Router,
    shutdown: impl Future<Output = ()>,
    limits: impl Into<Limits>,
) -> Drained {
    let Limits { connections: most, head_bytes, stall_timeout, drain_within } = limits.into();
    let places = Arc::new(Semaphore::new(most));
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    let mut is_told = false;
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&door, &places, &mut is_told) => accepted,
        };
        if let Some((stream, place)) = accepted {
            let stream = Moving::new(stream, stall_timeout);
            let connection = connection(stream, router.clone(), head_bytes, stopping.clone());
            connections.spawn(async move {
                connection.await;
                drop(place);
            });
        }
    }
    // From here on new connections are refused by the operating system instead of waiting for nobody.
    drop(door);
    // Nobody listens when no connection is open.
    let _ = stop.send(true);
    let all_done = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(drain_within, all_done).await.is_ok() {
        return Drained::Completely;
    }
    let cut = connections.len();
    connections.shutdown().await;
    Drained::Cut { connections: cut }
}

type Place = tokio::sync::OwnedSemaphorePermit;

/// What stands against a connection is told once, until one is taken again.
async fn accept<D: Door>(
    door: &D,
    places: &Arc<Semaphore>,
    is_told: &mut bool,
) -> Option<(D::Connection, Place)> {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match door.next().await {
        Ok(stream) => {
            *is_told = false;
            Some((stream, place))
        }
        Err(error) => {
            let of_one_connection =
                matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
            if !of_one_connection {
                if !*is_told {
                    tracing::error!(target: "chancery::serve", %error, "a connection could not be accepted");
                }
                *is_told = true;
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    head_bytes: usize,
    mut stopping: watch::Receiver<bool>,
) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(head_bytes);
    let service = TowerToHyperService::new(router);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // What a client does to its connection is its own affair.
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn whoever_reads_no_answer_gives_its_place_to_the_next_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "x".repeat(256 * 1024) }));
        let stall_timeout = Duration::from_millis(20);
        let limits = Limits { connections: 1, stall_timeout, ..Limits::from(Duration::ZERO) };
        let serving = tokio::spawn(serve_router(listener, router, std::future::pending(), limits));
        let mut greedy = TcpStream::connect(address).await.unwrap();
        // More than both ends of a connection have room for.
        greedy.write_all("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(500).as_bytes()).await.unwrap();
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        let answered = tokio::time::timeout(Duration::from_secs(20), next.read_to_end(&mut answer)).await;
        answered.expect("the place is held").unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
        drop(greedy);
        serving.abort();
    }
}
