//! Many clients on connections that stay open, each with one request on its way.

use crate::process::PATIENCE;
use crate::time::now;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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

/// One answer to one request: what stands before its body, and the body.
pub(crate) fn ask(address: SocketAddr, request: &[u8]) -> Result<(String, String), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.map_err(|fault| format!("{address}: {fault}"))?;
        let mut answer = Vec::new();
        let length = exchange(&mut stream, request, &mut answer).await?;
        let head = answer.len() - length;
        let text = String::from_utf8(answer).map_err(|fault| format!("an answer is no text: {fault}"))?;
        Ok((text[..head].to_owned(), text[head..].to_owned()))
    };
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, exchange).await })
        .unwrap_or_else(|_| Err(format!("{address}: no answer within {PATIENCE:?}")))
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
        exchange(&mut stream, &requests[number % requests.len()], &mut answer).await?;
        waits.push(start.elapsed());
    }
}

/// Sends one request, reads one whole answer, and tells how long its body is.
async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) -> Result<usize, String> {
    stream.write_all(request).await.map_err(|fault| format!("a request could not be sent: {fault}"))?;
    loop {
        let read = stream.read_buf(answer).await.map_err(|fault| format!("no answer: {fault}"))?;
        if read == 0 {
            return Err(format!("the server hung up: {}", String::from_utf8_lossy(answer)));
        }
        let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("an answer that is no 200: {}", String::from_utf8_lossy(answer)));
        }
        let length = content_length(&answer[..end]).ok_or("an answer without a length")?;
        if answer.len() >= end + 4 + length {
            return Ok(length);
        }
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let lines = head.split(|byte| *byte == b'\n');
    let value = lines
        .filter_map(|line| line.split_at_checked(15))
        .find_map(|(name, value)| name.eq_ignore_ascii_case(b"content-length:").then_some(value))?;
    str::from_utf8(value).ok()?.trim().parse().ok()
}
