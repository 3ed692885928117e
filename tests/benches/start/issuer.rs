//! The issuer as it is shipped, with a store and a client that exist already.

use crate::time::now;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// A folder that an issuer was set up in.
pub(crate) struct Issuer {
    binary: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    request: String,
}

impl Issuer {
    /// Sets an issuer up under `target/bench`, and registers a client.
    pub(crate) fn with_a_client() -> Result<Self, String> {
        let (binary, folder) = (binary()?, target("bench/start"));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|fault| told(&folder, &fault))?;
        }
        std::fs::create_dir_all(&folder).map_err(|fault| told(&folder, &fault))?;
        let address = free_address()?;
        let (url, listen) = (format!("http://{address}"), address.to_string());
        run(&binary, &folder, &["init", "--example", "documint", "--url", &url, "--listen", &listen])?;
        let secret = folder.join("bench.secret");
        let out = secret.display().to_string();
        let decisions =
            ["--owner", "bench", "--purpose", "measures the start", "--tenant", "acme", "--expires", "30d"];
        let grant =
            ["--scope", "invoices:read=measures the start", "--unbounded", "reads nothing", "--out", &out];
        run(&binary, &folder, &[&["client", "create", "bench"], &decisions[..], &grant[..]].concat())?;
        let secret = std::fs::read_to_string(&secret).map_err(|fault| told(&secret, &fault))?;
        Ok(Self { binary, folder, address, request: request(address, &format!("bench:{}", secret.trim())) })
    }

    /// Starts the issuer, and stops it after its first token; how long that token took.
    pub(crate) fn first_token(&self) -> Result<Duration, String> {
        let log = self.folder.join("serve.log");
        let output = std::fs::File::create(&log).map_err(|fault| told(&log, &fault))?;
        let errors = output.try_clone().map_err(|fault| told(&log, &fault))?;
        let start = now();
        let mut command = Command::new(&self.binary);
        command.arg("serve").current_dir(&self.folder).stdin(Stdio::null()).stdout(output).stderr(errors);
        let process = command.spawn().map_err(|fault| told(&self.binary, &fault))?;
        let mut running = Running(process);
        let took = loop {
            if let Some(status) = self.ask() {
                let took = start.elapsed();
                if status != "200" {
                    return Err(format!("the token endpoint answered {status}; see {}", log.display()));
                }
                break took;
            }
            if let Ok(Some(status)) = running.0.try_wait() {
                return Err(format!("`chancery serve` ended with {status}; see {}", log.display()));
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("no token within {PATIENCE:?}; see {}", log.display()));
            }
            std::thread::yield_now();
        };
        running.end(start)?;
        Ok(took)
    }

    /// The status of the answer, if somebody listens.
    fn ask(&self) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(self.request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1).map(str::to_owned)
    }
}

/// A server that does not outlive the measurement.
struct Running(Child);

impl Running {
    /// Asks it to end, as an operator would, and waits.
    fn end(mut self, start: Instant) -> Result<(), String> {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            return Err("`kill` cannot end the issuer".to_owned());
        }
        while start.elapsed() < 2 * PATIENCE {
            if let Ok(Some(_)) = self.0.try_wait() {
                return Ok(());
            }
            std::thread::yield_now();
        }
        Err("the issuer does not end when it is asked to".to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended, which is what they are for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn request(address: SocketAddr, credentials: &str) -> String {
    let body = "grant_type=client_credentials&scope=invoices%3Aread";
    let basic = BASE64_STANDARD.encode(credentials);
    format!(
        "POST /oauth2/token HTTP/1.1\r\nhost: {address}\r\nauthorization: Basic {basic}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn run(binary: &Path, folder: &Path, words: &[&str]) -> Result<(), String> {
    let output = Command::new(binary).args(words).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.map_err(|fault| told(binary, &fault))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "`chancery {}` ended with {}: {}",
        words.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// The binary that `CHANCERY_BIN` names, else the one in `target/release`.
#[expect(clippy::disallowed_methods, reason = "whoever runs the benches says here which binary is meant")]
fn binary() -> Result<PathBuf, String> {
    let named = std::env::var_os("CHANCERY_BIN").map(PathBuf::from);
    let binary =
        named.unwrap_or_else(|| target(&format!("release/chancery{}", std::env::consts::EXE_SUFFIX)));
    match binary.canonicalize() {
        Ok(binary) => Ok(binary),
        Err(_) => Err(format!(
            "no binary at {}; `cargo build --release -p chancery-cli` makes it",
            binary.display()
        )),
    }
}

fn target(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").join(below)
}

/// A port that was free a moment ago. It stays the same, for it stands in the name of the issuer.
fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map_err(|fault| format!("no free port: {fault}"))
}

fn told(path: &Path, fault: &std::io::Error) -> String {
    format!("{}: {fault}", path.display())
}
