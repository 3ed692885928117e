//! A foreign client: one program, and the runtime that it needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::runtime::{Runtime, copy};
use super::verdict::Verdict;
use crate::failure::Failure;
use crate::layout;
use crate::step::Step;

/// A client asks for a handful of tokens and looks at a hundred; minutes mean that it hangs.
const LIMIT: Duration = Duration::from_mins(2);

/// Our own verifier, held to what the others are held to.
const OURS: &str = "chancery";

/// The tasks of the Rust program that are clients.
const RUST: [&str; 2] = [OURS, "oauth2"];

/// A program in `tests/interop`.
pub(super) struct Client {
    pub(super) name: String,
    pub(super) runtime: Runtime,
    source: PathBuf,
}

/// What a client finds when it runs.
pub(super) struct Surroundings<'a> {
    /// Where the runtimes have their homes.
    pub(super) work: &'a Path,
    /// The file that `CHANCERY_INTEROP` names.
    pub(super) description: &'a Path,
    /// The binary as it is shipped.
    pub(super) chancery: &'a Path,
    /// The program of the Rust clients.
    pub(super) stranger: &'a Path,
}

/// All clients, by runtime and name.
pub(super) fn all(folder: &Path) -> Result<Vec<Client>, Failure> {
    let mut clients = Vec::new();
    for runtime in Runtime::ALL {
        for source in sources(runtime, folder)? {
            clients.push(Client { name: layout::stem(&source).to_ascii_lowercase(), runtime, source });
        }
    }
    Ok(clients)
}

fn sources(runtime: Runtime, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    match runtime {
        Runtime::Go => layout::folders(&folder.join("go/cmd")),
        Runtime::Java => layout::files(&folder.join("java/src/client"), "java"),
        Runtime::Node => layout::files(folder, "mjs"),
        Runtime::Python => layout::files(folder, "py"),
        Runtime::Rust => Ok(RUST.map(PathBuf::from).to_vec()),
        Runtime::Shell => layout::files(folder, "sh"),
    }
}

/// The runtimes that these clients need, each once.
pub(super) fn runtimes(clients: &[Client]) -> Vec<Runtime> {
    let mut runtimes: Vec<Runtime> = clients.iter().map(|client| client.runtime).collect();
    runtimes.dedup();
    runtimes
}

impl Client {
    /// What its library comes through, for the table.
    pub(super) fn through(&self) -> &'static str {
        if self.name == OURS { "here" } else { self.runtime.registry() }
    }

    /// Runs the client and returns what it found, one verdict per case.
    pub(super) fn ask(&self, at: &Surroundings<'_>) -> Result<Vec<Verdict>, Failure> {
        let step = self
            .step(at)?
            .env("CHANCERY_INTEROP", at.description)
            .env("CHANCERY_BIN", at.chancery)
            // The issuer is on this machine, whatever proxy leads out of it.
            .env("no_proxy", "127.0.0.1")
            .within(LIMIT);
        verdicts(step, &self.name)
    }

    fn step(&self, at: &Surroundings<'_>) -> Result<Step, Failure> {
        let home = self.runtime.home(at.work);
        Ok(match self.runtime {
            Runtime::Go => Step::program(home.join(&self.name)),
            Runtime::Java => Step::program("java")
                .words(["-cp"])
                .words([format!("{0}/classes:{0}/lib/*", home.display())])
                .words([format!("client.{}", layout::stem(&self.source))]),
            // A module's imports are looked up beside the file, so it must stand beside `node_modules`.
            Runtime::Node => Step::program("node").words([copy(&self.source, &home)?]),
            // A client may have the name of its library, so what stands beside it is not what it imports.
            Runtime::Python => Step::program(home.join("bin/python"))
                .words([&self.source])
                .env("PYTHONSAFEPATH", "1")
                .env("PYTHONPATH", layout::root().join("tests/interop/python"))
                .env("PYTHONDONTWRITEBYTECODE", "1"),
            Runtime::Rust => Step::program(at.stranger).words([&self.name]),
            Runtime::Shell => Step::program("sh").words([&self.source]),
        })
    }
}

/// What a program says, one verdict per line; other lines are passed on.
pub(super) fn verdicts(step: Step, name: &str) -> Result<Vec<Verdict>, Failure> {
    let mut verdicts = Vec::new();
    let mut unreadable = None;
    step.lines(|line| match Verdict::read(line) {
        Some(Ok(verdict)) => verdicts.push(verdict),
        Some(Err(why)) => unreadable = Some(format!("{why}: {line}")),
        None => println!("{line}"),
    })?;
    match unreadable {
        Some(line) => Err(Failure::broken(format!("client `{name}`: {line}"))),
        None if verdicts.is_empty() => Err(Failure::broken(format!("client `{name}` tried nothing"))),
        None => Ok(verdicts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(script: &str) -> Result<Vec<Verdict>, String> {
        verdicts(Step::program("sh").words(["-c", script]), "x").map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_client_that_tries_nothing_has_failed() {
        assert!(said("echo done").unwrap_err().contains("client `x` tried nothing"));
    }

    #[test]
    fn a_client_that_breaks_has_failed_whatever_it_said_before() {
        let line = r#"{"library": "l", "version": "1", "case": "c", "outcome": "ok"}"#;
        assert_eq!(said(&format!("echo '{line}'")).unwrap().len(), 1);
        assert!(said(&format!("echo '{line}'; exit 3")).unwrap_err().contains("exit status: 3"));
    }

    #[test]
    fn a_verdict_that_cannot_be_read_is_a_failure() {
        assert!(said(r#"echo '{"library": "l"}'"#).unwrap_err().contains("no `outcome`"));
    }
}
