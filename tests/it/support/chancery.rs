//! One run of the command.

use super::binary;
use super::folder::Folder;
use super::interrupted::as_before_a_terminal;
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The command, in a folder, with settings in its environment and no others.
#[derive(Clone)]
pub(crate) struct Chancery {
    folder: PathBuf,
    settings: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Chancery {
    pub(crate) fn in_folder(folder: &Folder) -> Self {
        Self { folder: folder.path().to_owned(), settings: Vec::new() }
    }

    /// Sets `CHANCERY_CONFIG__<key>`.
    pub(crate) fn set(self, key: &str, value: impl Into<String>) -> Self {
        self.env(&format!("CHANCERY_CONFIG__{key}"), value)
    }

    /// Sets any variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// A variable that was set, as it was set last.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.settings.iter().rev().find(|(set, _)| set == name).map(|(_, value)| &**value)
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        as_before_a_terminal();
        let mut command = Command::new(binary::path());
        command.args(words).current_dir(&self.folder).env_clear().env("TMPDIR", &self.folder);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        self.run_with_input(words, b"")
    }

    /// Runs it to its end with this on its standard input.
    pub(crate) fn run_with_input(&self, words: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever does not read its input closes it; that is its right.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap_or_else(|| panic!("ended by a signal: {}", output.status));
        Ran { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// Registers a client that reads invoices of `acme`; its secret is in `<id>.secret`.
    pub(crate) fn create_client(&self, id: &str, more: &[&str]) -> Ran {
        let out = format!("{id}.secret");
        let mut words =
            vec!["client", "create", id, "--owner", "team-billing", "--purpose", "mirrors invoices"];
        words.extend([
            "--tenant",
            "acme",
            "--scope",
            "invoices:read=reads what is mirrored",
            "--expires",
            "90d",
        ]);
        words.extend(["--unbounded", "mirrors every project", "--out", &out]);
        words.extend(more);
        self.run(&words)
    }
}

impl Ran {
    /// Asserts how it ended.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// The one object that it printed.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one object on one line: {self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }
}
