//! A router behind a socket, until it is told to stop.

use crate::issuer::Issuer;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Connections at once. Idle ones count too; more wait in the queue of the operating system.
const MAX_CONNECTIONS: usize = 8192;

/// How long a connection may take to send the head of a request, and so how long it may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Largest head of a request, with all headers: what most servers allow.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// After an accept that failed for want of descriptors or memory: until some may be free again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long the end of the log is waited for when the process ends.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// What a server grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest head of a request, with all headers: 16 KiB unless said otherwise, as most servers have it.
    pub head_bytes: usize,
    /// How long what was begun is finished after the server was told to stop.
    pub drain_within: Duration,
}

/// The usual limits, with this time to finish.
impl From<Duration> for Limits {
    fn from(drain_within: Duration) -> Self {
        Self { head_bytes: MAX_HEAD_BYTES, drain_within }
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

/// Serves any router in the same way.
pub async fn serve_router(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    limits: impl Into<Limits>,
) -> Drained {
    let Limits { head_bytes, drain_within } = limits.into();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &places) => accepted,
        };
        if let Some((stream, place)) = accepted {
            let connection = connection(stream, router.clone(), head_bytes, stopping.clone());
            connections.spawn(async move {
                connection.await;
                drop(place);
            });
        }
    }
    // From here on new connections are refused by the operating system instead of waiting for nobody.
    drop(listener);
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

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, Place)> {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            let of_one_connection = matches!(
                error.kind(),
                std::io::ErrorKind::ConnectionAborted | std::io::ErrorKind::ConnectionReset
            );
            if !of_one_connection {
                tracing::error!(target: "chancery::serve", %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

async fn connection(
    stream: TcpStream,
    router: Router,
    head_bytes: usize,
    mut stopping: watch::Receiver<bool>,
) {
    // Answers fit one segment; waiting for more to send only delays them. A socket that refuses is none.
    let _ = stream.set_nodelay(true);
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
