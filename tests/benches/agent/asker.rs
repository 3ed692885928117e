//! A program of its own that asks the agent once, when it is told to.

use crate::line::{Line, TOKEN};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The word that starts this program as one of them.
pub(crate) const WORD: &str = "ask-when-told";

/// Connects, says so with an empty line, waits until its input ends, asks, and prints the answer.
pub(crate) fn ask_when_told(socket: &Path) -> Result<(), String> {
    let mut line = Line::to(socket)?;
    let told = |fault: std::io::Error| format!("nobody listens: {fault}");
    let mut out = std::io::stdout();
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(told)?;
    std::io::stdin().read_to_end(&mut Vec::new()).map_err(told)?;
    let (_, body) = line.ask(TOKEN)?;
    out.write_all(body.as_bytes()).map_err(told)
}

/// One of them.
pub(crate) struct Asker(Child);

impl Asker {
    /// Starts it, and waits until it is connected.
    pub(crate) fn start(socket: &Path) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|fault| format!("this program has no name: {fault}"))?;
        let mut command = Command::new(own);
        command.arg(WORD).arg(socket).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut asker = Self(command.spawn().map_err(|fault| format!("no asker: {fault}"))?);
        let out = asker.0.stdout.as_mut().ok_or("an asker without output")?;
        out.read_exact(&mut [0]).map_err(|fault| format!("an asker that does not connect: {fault}"))?;
        Ok(asker)
    }

    /// Lets it ask.
    pub(crate) fn tell(&mut self) {
        drop(self.0.stdin.take());
    }

    /// The token that it was given.
    pub(crate) fn token(mut self) -> Result<String, String> {
        let mut body = String::new();
        let out = self.0.stdout.as_mut().ok_or("an asker without output")?;
        out.read_to_string(&mut body).map_err(|fault| format!("an asker says nothing: {fault}"))?;
        token(&body)
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        // Both fail when it has ended, which is what they are for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The token in an answer.
pub(crate) fn token(body: &str) -> Result<String, String> {
    let answer: serde_json::Value = serde_json::from_str(body).map_err(|fault| format!("{fault}: {body}"))?;
    answer["access_token"].as_str().map(str::to_owned).ok_or_else(|| format!("no token: {body}"))
}
