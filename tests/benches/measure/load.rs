//! Many clients on connections that stay open, each with one request on its way.

use crate::exchange::{OK, exchange};
use crate::time::now;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;

/// As many as the reference measurement had.
pub(crate) const CONNECTIONS: usize = 32;

/// What came of many requests.
pub(crate) struct Sent {
    /// How long all of it took.
    pub(crate) took: Duration,
    /// How long each answer took, the quickest first.
    pub(crate) waits: Vec<Duration>,
}

/// Sends `total` requests, these in turn, over so many connections, and reads every answer; an answer other than
/// 200 is an error.
pub(crate) fn send(
    address: SocketAddr,
    requests: &Arc<[Vec<u8>]>,
    total: usize,
    connections: usize,
) -> Result<Sent, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    runtime.block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let mut asking = tokio::task::JoinSet::new();
        let start = now();
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await.map_err(|fault| format!("{address}: {fault}"))?;
            stream.set_nodelay(true).map_err(|fault| format!("{address}: {fault}"))?;
            asking.spawn(keep_asking(stream, Arc::clone(requests), Arc::clone(&next), total));
        }
        let mut waits = Vec::with_capacity(total);
        while let Some(ended) = asking.join_next().await {
            waits.append(&mut ended.map_err(|fault| format!("a connection ended: {fault}"))??);
        }
        let took = start.elapsed();
        waits.sort_unstable();
        Ok(Sent { took, waits })
    })
}

async fn keep_asking(
    mut stream: TcpStream,
    requests: Arc<[Vec<u8>]>,
    next: Arc<AtomicUsize>,
    total: usize,
) -> Result<Vec<Duration>, String> {
    let (mut answer, mut waits) = (Vec::with_capacity(4096), Vec::new());
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= total {
            return Ok(waits);
        }
        answer.clear();
        let start = now();
        exchange(&mut stream, &requests[number % requests.len()], &mut answer, OK).await?;
        waits.push(start.elapsed());
    }
}
