//! Python, with what the follower needs.

use crate::support::Folder;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The modules of the follower: those that are shipped, or a copy.
pub(super) struct Python {
    modules: PathBuf,
}

/// How a script ended.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) ended_well: bool,
    pub(super) out: String,
    pub(super) err: String,
}

/// A file of the checkout.
pub(super) fn shipped(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(below)
}

impl Python {
    pub(super) fn modules() -> Self {
        Self { modules: shipped("crates/examples/python") }
    }

    /// Copies them into the folder.
    pub(super) fn copied(folder: &Folder) -> Self {
        for file in std::fs::read_dir(shipped("crates/examples/python")).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "py") {
                let name = file.file_name().unwrap().to_str().unwrap();
                folder.write(name, std::fs::read(&file).unwrap());
            }
        }
        Self { modules: folder.path().to_owned() }
    }

    /// Runs a script to its end; `vectors` among its words stands for the folder of the vectors.
    pub(super) fn run(&self, script: &str, words: &[&str]) -> Said {
        let vectors = shipped("tests/vectors");
        let words =
            words.iter().map(|word| if *word == "vectors" { vectors.as_os_str() } else { word.as_ref() });
        let output = command(&self.modules.join(script)).args(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { ended_well: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Runs a script, and leaves nothing beside it.
pub(super) fn command(script: &Path) -> Command {
    let mut command = Command::new(interpreter());
    command.arg(script).env_clear().env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    command
}

/// `CHANCERY_PYTHON`, else the one that was made for an earlier run.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where these tests are told which Python to take"
)]
fn interpreter() -> PathBuf {
    let told = std::env::var_os("CHANCERY_PYTHON").map(PathBuf::from);
    let python = told.unwrap_or_else(|| shipped("target/python/bin/python"));
    assert!(
        python.exists(),
        "{} is not there: `cargo xtask test python_follower` makes it",
        python.display()
    );
    python
}
