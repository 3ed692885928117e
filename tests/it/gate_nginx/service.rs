//! The services of the composition, as processes.

use crate::support::Folder;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A service that is not Rust, on a port of its own. Killed, by its own process id, when it is dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) url: String,
}

impl Service {
    /// DocuMint's invoices and customers, in Python.
    pub(super) fn invoices(folder: &Folder) -> Self {
        Self::start(folder, "python3", "invoices.py")
    }

    /// DocuMint's templates and accounts, in JavaScript.
    pub(super) fn account(folder: &Folder) -> Self {
        Self::start(folder, "node", "account.mjs")
    }

    /// Starts it and waits until it listens. It logs into the folder.
    fn start(folder: &Folder, program: &str, script: &str) -> Self {
        let composition = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/examples/composition");
        let log = format!("{script}.log");
        let mut child = Command::new(program)
            .arg(composition.join(script))
            .args(["--port", "0"])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(folder.file(&log)).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, url)) = line.trim_end().split_once(" listens at ") else {
            panic!("{script}: {line:?} {:?} {}", child.wait(), folder.read(&log))
        };
        Self { url: url.to_owned(), child }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
