//! A connection whose other end takes what it is sent.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Ends a connection to which nothing could be written for a while: whoever asks and reads no answer would have it for ever.
/// An answer that is taken slowly is not cut, for as long as some of it is taken.
#[derive(Debug)]
pub(super) struct Moving<S> {
    stream: S,
    within: Duration,
    /// Since the first attempt that wrote nothing.
    stands: Option<Pin<Box<Sleep>>>,
}

impl<S> Moving<S> {
    pub(super) const fn new(stream: S, within: Duration) -> Self {
        Self { stream, within, stands: None }
    }

    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stands = None;
            return written;
        }
        let stands = self.stands.get_or_insert_with(|| Box::pin(sleep(self.within)));
        ready!(stands.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Moving<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Moving<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, from);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, from);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::timeout;

    const WITHIN: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_cut_and_who_takes_little_is_not() {
        let (near, mut far) = duplex(8);
        let mut near = Moving::new(near, WITHIN);
        let reading = async {
            for _ in 0..10 {
                sleep(WITHIN * 59 / 60).await;
                far.read_u8().await.unwrap();
            }
        };
        let writing = async { near.write_all(&[7; 19]).await };
        let both = async { tokio::join!(writing, reading) };
        let (written, ()) = timeout(100 * WITHIN, both).await.expect("a connection that is held for ever");
        let kind = written.unwrap_err().kind();
        assert_eq!(kind, io::ErrorKind::TimedOut, "18 were taken or have room");
    }
}
