//! HTTP/1 byte for byte: what no client library would send.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Far longer than any answer takes.
const DEADLINE: Duration = Duration::from_secs(30);

/// One connection.
pub(super) struct Wire {
    stream: BufReader<TcpStream>,
}

/// One response.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// By name, in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Wire {
    pub(super) fn to(url: &str) -> Self {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Sends a request, and reads the response to it.
    pub(super) fn ask(mut self, bytes: impl AsRef<[u8]>) -> Reply {
        self.send(bytes);
        self.reply()
    }

    /// The next response that is a final one.
    pub(super) fn reply(&mut self) -> Reply {
        loop {
            let reply = self.any_reply();
            if reply.status >= 200 {
                return reply;
            }
        }
    }

    /// The next response to a HEAD, which has no body.
    pub(super) fn head(&mut self) -> Reply {
        self.reply_with(|_| 0)
    }

    /// All that comes until the other side closes the connection.
    pub(super) fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The next response, interim ones included.
    fn any_reply(&mut self) -> Reply {
        self.reply_with(|length| length)
    }

    fn reply_with(&mut self, body: impl FnOnce(usize) -> usize) -> Reply {
        let line = self.line();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status: {line:?}"));
        let headers: Vec<(String, String)> = std::iter::from_fn(|| {
            let line = self.line();
            line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        })
        .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, length)| length.parse().unwrap());
        let mut body = vec![0; body(length)];
        self.stream.read_exact(&mut body).unwrap();
        Reply { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Whether the other side closes the connection without another byte.
    pub(super) fn is_closed(&mut self) -> bool {
        self.stream.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Reply {
    /// All values of a header.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| &**value).collect()
    }

    /// The `reason` in its body, or nothing.
    pub(super) fn reason(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["reason"].as_str().unwrap_or_default().to_owned()
    }
}
