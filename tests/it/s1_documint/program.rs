//! DocuMint as a process.

use super::world::Front;
use crate::support::{Folder, until};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The folder of the programs that cargo built, with those of the examples in it.
pub(crate) fn programs() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release", "--workspace"])
            .args(["--bin", "documint", "--bin", "papers", "--bin", "summarizer"])
            .current_dir(root)
            .status()
            .unwrap();
        assert!(built.success(), "the examples could not be built");
        // Beside the folder of this test, wherever cargo was told to build.
        std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
    })
}

/// A running DocuMint on a port of its own. Killed, by its own process id, when it is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) url: String,
}

impl Program {
    /// Starts it and waits until it listens. It logs into the folder.
    pub(crate) fn start(folder: &Folder, issuer: &str, more: &[&str]) -> Self {
        let log = File::options().create(true).append(true).open(folder.file("documint.log")).unwrap();
        let mut child = Command::new(programs().join("documint"))
            .args(["--issuer", issuer, "--listen", "127.0.0.1:0"])
            .args(more)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim_end().strip_prefix("DocuMint listens at ") else {
            panic!("{line:?} {:?} {}", child.wait(), folder.read("documint.log"))
        };
        Self { url: url.to_owned(), child }
    }

    /// Asks it to end, and answers its exit code.
    pub(crate) fn terminated(mut self) -> i32 {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        until("the end of DocuMint", || self.child.try_wait().unwrap()).code().unwrap_or(-1)
    }
}

impl Front for Program {
    fn url(&self) -> &str {
        &self.url
    }

    fn passes_repeated_credentials(&self) -> bool {
        true
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
