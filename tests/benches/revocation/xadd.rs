//! Bare `XADD`s: what Redis can do for somebody who appends without looking.

use crate::append::IN_FLIGHT;
use crate::time::now;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// As many as our writer puts together.
const MOST: usize = 4096;
/// An entry of ours has as many bytes, and no more than one field is needed for it.
const COMMAND: &[u8] =
    b"*5\r\n$4\r\nXADD\r\n$10\r\nbench:xadd\r\n$1\r\n*\r\n$1\r\ne\r\n$13\r\n0123456789abc\r\n";

/// One writer on one connection. What is asked for while it writes is written together after.
pub(crate) struct Xadd {
    queue: mpsc::Sender<oneshot::Sender<()>>,
}

impl Xadd {
    pub(crate) async fn connect(port: u16) -> Result<Self, String> {
        let connected = TcpStream::connect(("127.0.0.1", port)).await;
        let stream = connected.map_err(|fault| format!("XADD: {fault}"))?;
        stream.set_nodelay(true).map_err(|fault| format!("XADD: {fault}"))?;
        let (queue, waiting) = mpsc::channel(1024);
        tokio::spawn(write(stream, waiting));
        Ok(Self { queue })
    }

    /// So many entries, [`IN_FLIGHT`] at a time; how long all of it took.
    pub(crate) async fn append(&self, count: u32) -> Result<Duration, String> {
        let next = Arc::new(AtomicU32::new(0));
        let start = now();
        let mut callers = JoinSet::new();
        for _ in 0..IN_FLIGHT {
            let (queue, next) = (self.queue.clone(), Arc::clone(&next));
            callers.spawn(async move {
                while next.fetch_add(1, Ordering::Relaxed) < count {
                    let (answer, answered) = oneshot::channel();
                    queue.send(answer).await.map_err(|_| "the writer of XADD has ended")?;
                    answered.await.map_err(|_| "an XADD was refused")?;
                }
                Ok::<(), &str>(())
            });
        }
        while let Some(ended) = callers.join_next().await {
            ended.map_err(|fault| fault.to_string())??;
        }
        Ok(start.elapsed())
    }
}

/// Ends, and with it all that wait, when anything is not as it should be.
async fn write(mut stream: TcpStream, mut waiting: mpsc::Receiver<oneshot::Sender<()>>) {
    let (mut together, mut answers) = (Vec::new(), vec![0; 64 * 1024]);
    while let Some(first) = waiting.recv().await {
        // As ours does: whoever was answered just now may have more to ask for.
        tokio::task::yield_now().await;
        together.push(first);
        while together.len() < MOST
            && let Ok(next) = waiting.try_recv()
        {
            together.push(next);
        }
        if stream.write_all(&COMMAND.repeat(together.len())).await.is_err() {
            return;
        }
        // An answer is a length and an id, a line each.
        let mut lines = 0;
        while lines < 2 * together.len() {
            let Ok(read @ 1..) = stream.read(&mut answers).await else { return };
            let answer = answers.get(..read).unwrap_or_default();
            if answer.contains(&b'-') && answer.windows(4).any(|word| word == b"-ERR") {
                return;
            }
            lines += answer.split(|byte| *byte == b'\n').count() - 1;
        }
        for answer in together.drain(..) {
            // Nobody goes away here.
            let _ = answer.send(());
        }
    }
}
