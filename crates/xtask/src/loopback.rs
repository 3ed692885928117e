//! Servers on this machine: where they can listen, and whether they answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::failure::Failure;

/// A port that was free a moment ago, for a server that must be told where it will listen.
pub(crate) fn free_address() -> Result<SocketAddr, Failure> {
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|e| Failure::io("looking for a free port", &e))?;
    listener.local_addr().map_err(|e| Failure::io("looking for a free port", &e))
}

/// Whether it answers 200.
pub(crate) fn answers_ok(address: SocketAddr, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200 "))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers one request with the status, and returns its first line.
    fn server(status: &'static str) -> (SocketAddr, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned()
        });
        (address, thread)
    }

    #[test]
    fn only_a_200_is_ready() {
        for (status, ready) in [("200 OK", true), ("503 Service Unavailable", false)] {
            let (address, thread) = server(status);
            assert_eq!(answers_ok(address, "/readyz"), ready, "{status}");
            assert_eq!(thread.join().unwrap(), "GET /readyz HTTP/1.1");
        }
    }

    #[test]
    fn nobody_listening_is_not_ready() {
        // The first port is tcpmux (RFC 1078), which no machine of today serves.
        assert!(!answers_ok(SocketAddr::from(([127, 0, 0, 1], 1)), "/readyz"));
    }
}
