use chancery_verifier::guard::Guarded;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests that were begun may take once the service was asked to end. Every answer takes milliseconds;
/// who is slower than this does not read it.
pub const DRAIN: Duration = Duration::from_secs(5);

/// Serves the guarded service, until the task is dropped.
///
/// # Errors
/// As [`axum::serve()`]: none that can be recovered from.
pub async fn serve(listener: TcpListener, service: Guarded) -> io::Result<()> {
    axum::serve(listener, service).await
}

/// Serves until `shutdown` is done, and then answers what was begun, for [`DRAIN`] at most.
///
/// # Errors
/// As [`serve`].
pub async fn serve_until(
    listener: TcpListener,
    service: Guarded,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (begin, begun) = oneshot::channel::<()>();
    let asked_to_end = async move {
        shutdown.await;
        // Nobody waits for it only if serving has failed.
        let _ = begin.send(());
    };
    let too_late = async {
        // Dropped means that serving has failed, and then nobody asks any more.
        let _ = begun.await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ended = async { axum::serve(listener, service).with_graceful_shutdown(asked_to_end).await } => ended,
        () = too_late => Ok(()),
    }
}
