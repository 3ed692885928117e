//! Work that is carried to its end, also when whoever asked for it is gone.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;

/// Does `work` where it is waited for, and goes on with it alone where that ends too early.
pub(super) fn to_its_end<W>(work: W) -> impl Future<Output = W::Output>
where
    W: Future<Output: Send> + Send + 'static,
{
    Insisting(Some(Box::pin(work)))
}

/// A task of its own would do, and takes longer to begin and to end than most of what it would do.
struct Insisting<W>(Option<Pin<Box<W>>>)
where
    W: Future<Output: Send> + Send + 'static;

impl<W> Future for Insisting<W>
where
    W: Future<Output: Send> + Send + 'static,
{
    type Output = W::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<W> Drop for Insisting<W>
where
    W: Future<Output: Send> + Send + 'static,
{
    fn drop(&mut self) {
        // Outside of a runtime nothing of it can go on.
        if let (Some(rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn what_was_begun_goes_on_when_nobody_waits_any_more() {
        let ((go, may_go), (done, is_done)) = (oneshot::channel::<()>(), oneshot::channel());
        let work = to_its_end(async move {
            may_go.await.unwrap();
            done.send(7).unwrap();
        });
        assert!(tokio::time::timeout(Duration::ZERO, work).await.is_err());
        go.send(()).unwrap();
        assert_eq!(is_done.await, Ok(7));
    }

    #[tokio::test]
    async fn who_waits_gets_what_comes_of_it() {
        assert_eq!(to_its_end(async { 7 }).await, 7);
    }
}
