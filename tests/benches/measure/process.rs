//! Programs that a bench starts, asks and ends.

use crate::folder::{target, told};
use crate::time::now;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a program may take to start, to answer and to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server that does not outlive the measurement.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Where its output is.
    pub(crate) log: PathBuf,
}

impl Running {
    /// Starts `command`; what it says goes to `log`.
    pub(crate) fn start(mut command: Command, log: PathBuf) -> Result<Self, String> {
        // Appended to, so that the file may be emptied while the program runs.
        let output = std::fs::write(&log, "").and_then(|()| File::options().append(true).open(&log));
        let output = output.map_err(|fault| told(&log, &fault))?;
        let errors = output.try_clone().map_err(|fault| told(&log, &fault))?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let child = command.spawn().map_err(|fault| told(Path::new(command.get_program()), &fault))?;
        Ok(Self { child, log })
    }

    /// An error, once the program has ended by itself.
    pub(crate) fn lives(&mut self) -> Result<(), String> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(format!("a server ended with {status}; see {}", self.log.display())),
            Err(fault) => Err(told(&self.log, &fault)),
        }
    }

    /// Asks it to end, as an operator would, and waits.
    pub(crate) fn end(mut self) -> Result<(), String> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            return Err("`kill` cannot end the server".to_owned());
        }
        let start = now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(_)) = self.child.try_wait() {
                return Ok(());
            }
            std::thread::yield_now();
        }
        Err("the server does not end when it is asked to".to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended, which is what they are for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The `chancery` that `CHANCERY_BIN` names, else the one in `target/release`.
#[expect(clippy::disallowed_methods, reason = "whoever runs the benches says here which binary is meant")]
pub(crate) fn chancery() -> Result<PathBuf, String> {
    let named = std::env::var_os("CHANCERY_BIN").map(PathBuf::from);
    let binary =
        named.unwrap_or_else(|| target(&format!("release/chancery{}", std::env::consts::EXE_SUFFIX)));
    binary.canonicalize().map_err(|_| {
        format!("no binary at {}; `cargo build --release -p chancery-cli` makes it", binary.display())
    })
}

/// A port that was free a moment ago. It stays the same, for it stands in the name of the issuer.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map_err(|fault| format!("no free port: {fault}"))
}
