//! HTTP over a Unix socket, byte by byte.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// The socket of an agent.
#[derive(Clone, Debug)]
pub(crate) struct LocalHttp(PathBuf);

/// What came back.
#[derive(Debug)]
pub(crate) struct LocalAnswer {
    pub(crate) status: u16,
    /// Its headers, in small letters.
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl LocalHttp {
    pub(crate) fn at(socket: &Path) -> Self {
        Self(socket.to_owned())
    }

    /// What `CHANCERY_TOKEN_URL` names.
    pub(crate) fn of_url(url: &str) -> Self {
        let path = url.strip_prefix("http+unix://").and_then(|rest| rest.strip_suffix("/token"));
        Self(path.unwrap_or_else(|| panic!("{url}")).replace("%2F", "/").into())
    }

    pub(crate) fn get(&self, path: &str) -> LocalAnswer {
        self.ask("GET", path, "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> LocalAnswer {
        self.ask("POST", path, &body.to_string())
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> LocalAnswer {
        self.try_ask(method, path, body).unwrap()
    }

    /// `None` where nobody answers.
    pub(crate) fn try_ask(&self, method: &str, path: &str, body: &str) -> Option<LocalAnswer> {
        let mut stream = UnixStream::connect(&self.0).ok()?;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: agent\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        // An answer may come before all of it was read.
        let _ = stream.write_all(body.as_bytes());
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = serde_json::from_str(body).unwrap_or_default();
        Some(LocalAnswer { status, head: head.to_ascii_lowercase(), body })
    }
}

impl LocalAnswer {
    /// The text of a member.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }
}
