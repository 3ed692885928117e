//! One connection to a socket, and questions on it.

use crate::exchange::{OK, exchange};
use crate::process::PATIENCE;
use crate::time::now;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

/// The question for a token.
pub(crate) const TOKEN: &[u8] = b"GET /token HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\r\n";

/// The status of what was only taken note of.
const NO_CONTENT: &str = "204";

/// A question with a body.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A connection that stays open.
pub(crate) struct Line {
    runtime: Runtime,
    stream: UnixStream,
    answer: Vec<u8>,
}

impl Line {
    pub(crate) fn to(socket: &Path) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
        let stream = runtime.block_on(UnixStream::connect(socket));
        let stream = stream.map_err(|fault| format!("{}: {fault}", socket.display()))?;
        Ok(Self { runtime, stream, answer: Vec::with_capacity(16 * 1024) })
    }

    /// Asks what is answered with 200: the head and the body of that.
    pub(crate) fn ask(&mut self, question: &[u8]) -> Result<(String, String), String> {
        self.exchange(question, OK)
    }

    /// Says what is answered with 204.
    pub(crate) fn tell(&mut self, statement: &[u8]) -> Result<(), String> {
        self.exchange(statement, NO_CONTENT).map(drop)
    }

    fn exchange(&mut self, question: &[u8], status: &str) -> Result<(String, String), String> {
        self.answer.clear();
        let (stream, answer) = (&mut self.stream, &mut self.answer);
        let asked =
            async { tokio::time::timeout(PATIENCE, exchange(stream, question, answer, status)).await };
        let length =
            self.runtime.block_on(asked).unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")))?;
        let text = str::from_utf8(&self.answer).map_err(|fault| format!("an answer is no text: {fault}"))?;
        let (head, body) = text.split_at(text.len() - length);
        Ok((head.to_owned(), body.to_owned()))
    }

    /// Asks so often, and tells how long each answer took, the quickest first.
    pub(crate) fn wait(&mut self, question: &[u8], times: usize) -> Result<Vec<Duration>, String> {
        let (stream, answer) = (&mut self.stream, &mut self.answer);
        let mut waits = self.runtime.block_on(async {
            let mut waits = Vec::with_capacity(times);
            for _ in 0..times {
                answer.clear();
                let start = now();
                exchange(stream, question, answer, OK).await?;
                waits.push(start.elapsed());
            }
            Ok::<_, String>(waits)
        })?;
        waits.sort_unstable();
        Ok(waits)
    }
}

/// How long it takes to connect, to ask once and to hear the answer, so often; the quickest first.
pub(crate) fn connect_each_time(
    socket: &Path,
    question: &[u8],
    times: usize,
) -> Result<Vec<Duration>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    let mut waits = runtime.block_on(async {
        let (mut waits, mut answer) = (Vec::with_capacity(times), Vec::with_capacity(16 * 1024));
        for _ in 0..times {
            answer.clear();
            let start = now();
            let stream = UnixStream::connect(socket).await;
            let mut stream = stream.map_err(|fault| format!("{}: {fault}", socket.display()))?;
            exchange(&mut stream, question, &mut answer, OK).await?;
            waits.push(start.elapsed());
        }
        Ok::<_, String>(waits)
    })?;
    waits.sort_unstable();
    Ok(waits)
}
