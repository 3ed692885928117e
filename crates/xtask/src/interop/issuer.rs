//! The issuer that foreign clients talk to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::background::Background;
use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// It is ready in a tenth of a second; a machine that is busy with something else gets more.
const READY: Duration = Duration::from_secs(30);

/// What the client of the foreign libraries may do: both products of `tests/interop/catalog.toml`.
const TENANT: &str = "acme";
const JWT: Product = Product { audience: "https://documents.example", scope: "documents:read" };
const PASETO: Product = Product { audience: "https://letters.example", scope: "letters:read" };

struct Product {
    audience: &'static str,
    scope: &'static str,
}

/// A running issuer. Dropping it ends it.
pub(super) struct Running {
    _server: Background,
    /// The file that tells a client where the issuer is and who the client is; `tests/interop/README.md` has its members.
    pub(super) description: PathBuf,
}

/// Starts an issuer in a folder that was emptied, told nothing but its address and its catalog, and registers one client.
pub(super) fn start(chancery: &Path, folder: &Path) -> Result<Running, Failure> {
    layout::make_empty(folder)?;
    let address = free_address()?;
    let url = format!("http://{address}");
    let told = |verb: &[&str]| {
        Step::program(chancery)
            .words(verb)
            .in_folder(folder)
            .env("CHANCERY_CONFIG__ISSUER__URL", &url)
            .env("CHANCERY_CONFIG__ISSUER__CATALOG", layout::root().join("tests/interop/catalog.toml"))
            .env("CHANCERY_CONFIG__LISTEN__ADDRESS", address.to_string())
    };
    let mut server = Background::start(told(&["serve"]), &folder.join("serve.log"))?;
    server.wait_until(READY, || answers_ok(address, "/readyz"))?;
    let secret = register(told(&["client", "create", "interop"]), folder)?;
    let description = folder.join("interop.json");
    let text = json!({
        "issuer": url,
        "environment": "test",
        "tenant": TENANT,
        "client_id": "interop",
        "client_secret_file": secret,
        "jwt": {"audience": JWT.audience, "scope": JWT.scope},
        "paseto": {"audience": PASETO.audience, "scope": PASETO.scope},
    });
    std::fs::write(&description, text.to_string())
        .map_err(|e| Failure::io(&layout::shown(&description), &e))?;
    Ok(Running { _server: server, description })
}

/// Creates the client, which may read from both resource servers, and returns the file with its secret.
fn register(create: Step, folder: &Path) -> Result<PathBuf, Failure> {
    let secret = folder.join("interop.secret");
    create
        .words(["--purpose", "foreign libraries read our tokens", "--owner", "interop@example.com"])
        .words(["--tenant", TENANT, "--scope", JWT.scope, "--scope", PASETO.scope])
        .words(["--reason", "its libraries read what both hold"])
        .words(["--unbounded", "reads made-up documents", "--expires", "1d"])
        .words(["--out"])
        .words([&secret])
        .run()?;
    Ok(secret)
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
