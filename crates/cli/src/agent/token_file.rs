//! The file that holds the access token of a running command.

use super::run_folder::{DRAFT, TOKEN};
use crate::failure::Failure;
use chancery_client::{AccessToken, Session};
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use std::convert::Infallible;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// How often the clock is looked at. A pause until the next token is due would sleep through a clock that jumps.
const LOOK: Duration = Duration::from_secs(1);

/// How long a renewal is waited for at the end.
const LAST_RENEWAL: Duration = Duration::from_secs(5);

/// A file of mode 0600 with the token and a line feed; another token takes its place in one step.
#[derive(Debug)]
pub(super) struct TokenFile {
    path: PathBuf,
    written: Option<AccessToken>,
    /// What stood against the last attempt to write, told once.
    told: Option<String>,
}

impl TokenFile {
    /// Makes it with the first token.
    pub(super) fn make(path: PathBuf, token: &AccessToken) -> Result<Self, Failure> {
        let mut file = Self { path, written: None, told: None };
        file.write(token)?;
        Ok(file)
    }

    /// Keeps the session's token in it, until this future is dropped. Where there is none, the last one stays: a service
    /// says best what it is still good for.
    pub(super) async fn keep(mut self, session: &Session) -> Infallible {
        loop {
            tokio::time::sleep(LOOK).await;
            session.look();
            // The session says itself what stands against a token.
            let Ok(token) = session.token().await else { continue };
            if self.written.as_ref().is_some_and(|written| written.expose() == token.expose()) {
                continue;
            }
            match self.write(&token) {
                Ok(()) => self.told = None,
                Err(why) if self.told.as_deref() == Some(why.message()) => {}
                Err(why) => {
                    let told = why.message().to_owned();
                    tracing::error!(target: "chancery::agent", reason = "file_unwritable", "the token file keeps an older token: {told}");
                    self.told = Some(told);
                }
            }
        }
    }

    fn write(&mut self, token: &AccessToken) -> Result<(), Failure> {
        let content = Zeroizing::new([token.expose(), "\n"].concat());
        replace(&self.path, content.as_bytes()).map_err(|why| {
            let message = format!("{} cannot be written: {why}", self.path.display());
            Failure::unusable("file_unwritable", message).fix("TMPDIR names another place.")
        })?;
        self.written = Some(token.clone());
        Ok(())
    }
}

/// In one step. Nothing is waited for: after a power cut there is no command that would read it.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut unique = [0; 8];
    SystemEntropy.fill(&mut unique);
    let draft = path.with_file_name(format!("{TOKEN}.{}.{DRAFT}", hex::encode(unique)));
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
    let written = made.and_then(|mut file| file.write_all(content)).and_then(|()| fs::rename(&draft, path));
    written.inspect_err(|_| {
        // It is empty, or holds what the session has.
        let _ = fs::remove_file(&draft);
    })
}

/// Waits for a renewal that is under way when the process ends, so that what it brings is kept. One that takes long is
/// broken off: then the issuer gives the same once more.
pub(super) async fn last_renewal(session: &Session) {
    let _ = tokio::time::timeout(LAST_RENEWAL, session.settled()).await;
}
