//! The issuer that foreign clients talk to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::background::Background;
use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// It is ready in a tenth of a second; a machine that is busy with something else gets more.
const READY: Duration = Duration::from_secs(30);

/// A running issuer. Dropping it ends it.
pub(super) struct Issuer {
    /// What it calls itself.
    pub(super) url: String,
    /// All that it keeps.
    pub(super) folder: PathBuf,
    chancery: PathBuf,
    address: SocketAddr,
    _server: Background,
}

impl Issuer {
    /// Starts an issuer in a folder that was emptied, told nothing but its address and its catalog.
    pub(super) fn start(chancery: &Path, folder: &Path) -> Result<Self, Failure> {
        layout::make_empty(folder)?;
        let address = free_address()?;
        let serve = told(chancery, folder, address).words(["serve"]);
        let mut server = Background::start(serve, &folder.join("serve.log"))?;
        server.wait_until(READY, || answers_ok(address, "/readyz"))?;
        let (folder, chancery) = (folder.to_path_buf(), chancery.to_path_buf());
        Ok(Self { url: url(address), folder, chancery, address, _server: server })
    }

    /// Registers the client of `tests/interop/clients/<name>.toml`, and returns the file with its secret.
    pub(super) fn register(&self, name: &str, format: &str) -> Result<PathBuf, Failure> {
        let file = layout::root().join("tests/interop/clients").join(format!("{name}.toml"));
        let secret = self.folder.join(format!("{name}.{format}"));
        told(&self.chancery, &self.folder, self.address)
            .words(["client", "create", "--file"])
            .words([&file])
            .words(["--out-format", format, "--out"])
            .words([&secret])
            // What it tells a person about each of them is of no interest here.
            .lines(|_| {})?;
        Ok(secret)
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn told(chancery: &Path, folder: &Path, address: SocketAddr) -> Step {
    Step::program(chancery)
        .in_folder(folder)
        .env("CHANCERY_CONFIG__ISSUER__URL", url(address))
        .env("CHANCERY_CONFIG__ISSUER__CATALOG", layout::root().join("tests/interop/catalog.toml"))
        .env("CHANCERY_CONFIG__LISTEN__ADDRESS", address.to_string())
}

/// A port that was free a moment ago: the issuer must know its own URL before it listens.
fn free_address() -> Result<SocketAddr, Failure> {
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|e| Failure::io("looking for a free port", &e))?;
    listener.local_addr().map_err(|e| Failure::io("looking for a free port", &e))
}

fn answers_ok(address: SocketAddr, path: &str) -> bool {
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
