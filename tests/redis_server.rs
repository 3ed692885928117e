//! A real `redis-server` for one test: started, broken and stopped, gone when it is dropped.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test that cannot set up what it needs has failed, and says so where it happened"
)]

mod certificates;
mod folder;
mod reply;

pub use certificates::Certificates;
pub use reply::Reply;

use folder::Folder;
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A start takes some milliseconds; what is not there after so many looks hangs.
const LOOKS: u32 = 4000;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// How it is started. By default without a password, and every write is on disk before it is answered.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    settings: Vec<(String, String)>,
    environment: Vec<(String, String)>,
    password: Option<String>,
    tls: bool,
}

impl Default for RedisOptions {
    fn default() -> Self {
        let nothing = Self { settings: Vec::new(), environment: Vec::new(), password: None, tls: false };
        nothing.set("appendonly", "yes").set("appendfsync", "always").set("no-appendfsync-on-rewrite", "no")
    }
}

impl RedisOptions {
    /// As it is by default; for a test that rests on it.
    pub fn durable(self) -> Self {
        self.set("appendonly", "yes").set("appendfsync", "always")
    }

    /// Nothing is on disk: what it was given dies with it.
    pub fn in_memory(self) -> Self {
        self.set("appendonly", "no").set("appendfsync", "everysec")
    }

    /// The user `default` has this password.
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// It listens for TLS as well, on a port of its own.
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// A line of `redis.conf`. Where the name has further words, they stand behind it.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A running server, on loopback alone.
#[derive(Debug)]
pub struct RedisServer {
    folder: Folder,
    options: RedisOptions,
    certificates: Option<Certificates>,
    port: u16,
    tls_port: u16,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts one in a folder of its own, and waits until it answers.
    pub fn start(options: RedisOptions) -> Self {
        let folder = Folder::new("chancery-redis");
        let certificates = options.tls.then(|| Certificates::make(folder.path()));
        let mut server = Self { folder, options, certificates, port: 0, tls_port: 0, child: None };
        for _ in 0..10 {
            (server.port, server.tls_port) = (free_port(), free_port());
            if server.try_restart() {
                return server;
            }
        }
        panic!("redis-server does not start:\n{}", server.log());
    }

    /// Its address, as a configuration names it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Its address for TLS.
    pub fn tls_url(&self) -> String {
        assert!(self.options.tls, "it was not started with TLS");
        format!("rediss://localhost:{}/0", self.tls_port)
    }

    /// The file with the certificate that signed the server's.
    pub fn ca_file(&self) -> PathBuf {
        let Some(certificates) = &self.certificates else { panic!("it was not started with TLS") };
        certificates.ca.clone()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it keeps its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Ends it as a failing machine would: SIGKILL, at whatever it does.
    pub fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
        }
    }

    /// Ends it in order: SIGTERM.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            signal(&child, "TERM");
            child.wait().expect("it ends");
        }
    }

    /// Starts it again, on the same port, with what it left on disk. Waits until it answers.
    pub fn restart(&mut self) {
        assert!(self.try_restart(), "redis-server does not start again:\n{}", self.log());
    }

    /// Makes it stand still with every connection open: SIGSTOP.
    pub fn pause(&self) {
        signal(self.running(), "STOP");
    }

    /// Lets it go on: SIGCONT.
    pub fn resume(&self) {
        signal(self.running(), "CONT");
    }

    /// Asks it something, on a connection of its own. Panics if there is no answer.
    pub fn ask(&self, words: &[&str]) -> Reply {
        self.try_ask(words).unwrap_or_else(|why| panic!("{words:?}: {why}\n{}", self.log()))
    }

    /// Asks it something, on a connection of its own.
    pub fn try_ask(&self, words: &[&str]) -> io::Result<Reply> {
        let mut commands = Vec::new();
        if let Some(password) = &self.options.password {
            commands.push(vec!["AUTH", password]);
        }
        commands.push(words.to_vec());
        reply::ask(self.port, &commands)
    }

    fn running(&self) -> &Child {
        self.child.as_ref().expect("it runs")
    }

    /// Whether it runs now. It does not where somebody else took its port.
    fn try_restart(&mut self) -> bool {
        self.stop();
        self.child = Some(self.spawn());
        for _ in 0..LOOKS {
            if self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None))) {
                self.child = None;
                return false;
            }
            if self.is_ready() {
                return true;
            }
            thread::park_timeout(PAUSE);
        }
        self.kill9();
        false
    }

    fn is_ready(&self) -> bool {
        let about = self.try_ask(&["INFO", "server"]).map(Reply::text);
        let line = format!("process_id:{}\r\n", self.running().id());
        about.is_ok_and(|about| about.contains(&line))
            && self.try_ask(&["PING"]).is_ok_and(|pong| pong == Reply::Text("PONG".into()))
    }

    fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"));
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &self.port.to_string()])
            .args(["--dir", &self.folder.path().display().to_string()])
            .stdin(Stdio::null())
            .stdout(log.expect("the log can be written"))
            .stderr(Stdio::null());
        if let Some(password) = &self.options.password {
            command.args(["--requirepass", password]);
        }
        if let Some(made) = &self.certificates {
            let path = |path: &Path| path.display().to_string();
            command
                .args(["--tls-port", &self.tls_port.to_string(), "--tls-auth-clients", "no"])
                .args(["--tls-cert-file", &path(&made.certificate), "--tls-key-file", &path(&made.key)])
                .args(["--tls-ca-cert-file", &path(&made.ca)]);
        }
        command.envs(self.options.environment.iter().map(|(name, value)| (name, value)));
        for (name, value) in &self.options.settings {
            command.args([format!("--{name}"), value.clone()]);
        }
        command.spawn().expect("redis-server can be started; Debian's package is redis-server")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // One that stands still hears no SIGTERM.
        self.kill9();
    }
}

fn free_port() -> u16 {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    taken.local_addr().expect("it has an address").port()
}

fn signal(child: &Child, name: &str) {
    let told = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status();
    assert!(told.is_ok_and(|told| told.success()), "SIG{name} cannot be sent");
}
