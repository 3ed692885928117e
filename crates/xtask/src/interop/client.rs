//! A foreign client: one script, and the runtime that it needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::verdict::Verdict;
use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// What runs a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    Node,
    Python,
}

/// A script in `tests/interop`.
pub(super) struct Client {
    pub(super) name: String,
    pub(super) runtime: Runtime,
    script: PathBuf,
}

/// All clients, sorted by runtime and name.
pub(super) fn all(folder: &Path) -> Result<Vec<Client>, Failure> {
    let mut clients = Vec::new();
    for runtime in [Runtime::Node, Runtime::Python] {
        for script in layout::files(folder, runtime.extension())? {
            clients.push(Client { name: layout::stem(&script), runtime, script });
        }
    }
    Ok(clients)
}

/// The runtimes that these clients need, each once.
pub(super) fn runtimes(clients: &[Client]) -> Vec<Runtime> {
    let mut runtimes: Vec<Runtime> = clients.iter().map(|client| client.runtime).collect();
    runtimes.dedup();
    runtimes
}

impl Runtime {
    fn extension(self) -> &'static str {
        match self {
            Self::Node => "mjs",
            Self::Python => "py",
        }
    }

    /// What its libraries come through, for the table.
    pub(super) fn registry(self) -> &'static str {
        match self {
            Self::Node => "npm",
            Self::Python => "pip",
        }
    }

    fn home(self, work: &Path) -> PathBuf {
        match self {
            Self::Node => work.join("node"),
            Self::Python => work.join("python"),
        }
    }

    /// Fetches the pinned libraries into a folder of our own.
    pub(super) fn prepare(self, work: &Path) -> Result<(), Failure> {
        let (home, pins) = (self.home(work), layout::root().join("tests/interop"));
        match self {
            Self::Node => {
                layout::make(&home)?;
                copy(&pins.join("package.json"), &home)?;
                Step::program("npm")
                    .words(["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"])
                    .words(["--loglevel=error"])
                    .in_folder(&home)
                    .run()
            }
            Self::Python => {
                if !home.join("bin/python").exists() {
                    Step::program("python3").words(["-m", "venv"]).words([&home]).run()?;
                }
                Step::program(home.join("bin/python"))
                    .words([
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--requirement",
                    ])
                    .words([pins.join("requirements.txt")])
                    .run()
            }
        }
    }
}

impl Client {
    /// Runs the script and returns what it found, one verdict per case.
    pub(super) fn ask(
        &self,
        work: &Path,
        description: &Path,
        limit: Duration,
    ) -> Result<Vec<Verdict>, Failure> {
        let home = self.runtime.home(work);
        let step = match self.runtime {
            // A module's imports are looked up beside the file, so it must stand beside `node_modules`.
            Runtime::Node => Step::program("node").words([copy(&self.script, &home)?]),
            Runtime::Python => Step::program(home.join("bin/python")).words([&self.script]),
        };
        let mut verdicts = Vec::new();
        let mut unreadable = None;
        let ended =
            step.env("CHANCERY_INTEROP", description).within(limit).lines(|line| match Verdict::read(line) {
                Some(Ok(verdict)) => verdicts.push(verdict),
                Some(Err(why)) => unreadable = Some(format!("{why}: {line}")),
                None => println!("{line}"),
            });
        ended?;
        if let Some(line) = unreadable {
            return Err(Failure::broken(format!("client `{}`: {line}", self.name)));
        }
        if verdicts.is_empty() {
            return Err(Failure::broken(format!("client `{}` tried nothing", self.name)));
        }
        Ok(verdicts)
    }
}

fn copy(file: &Path, into: &Path) -> Result<PathBuf, Failure> {
    let copied = into.join(file.file_name().unwrap_or_default());
    std::fs::copy(file, &copied).map_err(|e| Failure::io(&layout::shown(file), &e))?;
    Ok(copied)
}
