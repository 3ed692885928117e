//! One request and its whole answer.

use crate::process::PATIENCE;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The status of what was granted.
pub(crate) const OK: &str = "200";

/// One answer to one request, which must be of this status: what stands before its body, and the body.
pub(crate) fn ask(address: SocketAddr, request: &[u8], status: &str) -> Result<(String, String), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.map_err(|fault| format!("{address}: {fault}"))?;
        let mut answer = Vec::new();
        let length = exchange(&mut stream, request, &mut answer, status).await?;
        let head = answer.len() - length;
        let text = String::from_utf8(answer).map_err(|fault| format!("an answer is no text: {fault}"))?;
        Ok((text[..head].to_owned(), text[head..].to_owned()))
    };
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, exchange).await })
        .unwrap_or_else(|_| Err(format!("{address}: no answer within {PATIENCE:?}")))
}

/// Sends one request, reads one whole answer, which must be of this status, and tells how long its body is.
pub(crate) async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &[u8],
    answer: &mut Vec<u8>,
    status: &str,
) -> Result<usize, String> {
    stream.write_all(request).await.map_err(|fault| format!("a request could not be sent: {fault}"))?;
    loop {
        let read = stream.read_buf(answer).await.map_err(|fault| format!("no answer: {fault}"))?;
        if read == 0 {
            return Err(format!("the server hung up: {}", String::from_utf8_lossy(answer)));
        }
        let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        if answer.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3)) != Some(status.as_bytes()) {
            return Err(format!("an answer that is no {status}: {}", String::from_utf8_lossy(answer)));
        }
        // An answer without content says no length (RFC 9110 section 8.6).
        let none = (status == "204").then_some(0);
        let length = content_length(&answer[..end]).or(none).ok_or("an answer without a length")?;
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
