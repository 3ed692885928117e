//! The last good key document on disk, so that a service starts with its issuer down.

use super::address::Address;
use super::kept_file::{KeptFile, UnusableFile};
use chancery_token::{Format, UnixTime};
use std::io;
use std::path::PathBuf;

/// The only version there is.
const VERSION: u32 = 1;
/// Four times the largest key document: escaping doubles it at most, since JSON holds no raw control characters
/// but white space.
const MAX_STATE_BYTES: u64 = 256 * 1024;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    pub(super) issuer: String,
    pub(super) format: Format,
    /// Where the document is from.
    pub(super) url: String,
    /// When the issuer confirmed it last.
    pub(super) confirmed_at: UnixTime,
    /// The entity tag that came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// The document, as it was served.
    pub(super) document: String,
}

impl State {
    pub(super) fn new(
        issuer: String,
        format: Format,
        url: String,
        confirmed_at: UnixTime,
        etag: Option<String>,
        document: String,
    ) -> Self {
        Self { version: VERSION, issuer, format, url, confirmed_at, etag, document }
    }
}

/// Why the file is not used. It is logged, and the follower starts without.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnusableState {
    #[error("it is that of the issuer '{0}'")]
    OtherIssuer(String),
    #[error("it was fetched from another address than the configured one")]
    OtherUrl,
    #[error("it holds {0} keys")]
    OtherFormat(Format),
    #[error("it is of version {0}; this is version {VERSION}")]
    OtherVersion(u32),
    #[error(transparent)]
    File(#[from] UnusableFile),
    #[error("it is corrupt: {0}")]
    Corrupt(#[from] serde_json::Error),
}

/// The file of one issuer and format.
#[derive(Clone, Debug)]
pub(super) struct StateFile(KeptFile);

impl StateFile {
    pub(super) fn new(directory: PathBuf, issuer: &str, format: Format) -> Self {
        Self(KeptFile::new(directory, issuer, &format!("{format}.keys.json")))
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path()
    }

    /// Reads what was kept for this issuer, if anything was. If the address of the keys is configured, it must be
    /// from there.
    pub(super) fn read(
        &self,
        issuer: &str,
        format: Format,
        configured: Option<&Address>,
    ) -> Result<Option<State>, UnusableState> {
        let Some(text) = self.0.read(MAX_STATE_BYTES)? else { return Ok(None) };
        let state: State = serde_json::from_slice(&text)?;
        if state.version != VERSION {
            return Err(UnusableState::OtherVersion(state.version));
        }
        if state.issuer != issuer {
            return Err(UnusableState::OtherIssuer(state.issuer));
        }
        if state.format != format {
            return Err(UnusableState::OtherFormat(state.format));
        }
        match configured {
            Some(url) if url.url().as_str() != state.url => Err(UnusableState::OtherUrl),
            _ => Ok(Some(state)),
        }
    }

    pub(super) fn write(&self, state: &State, nonce: u64) -> io::Result<()> {
        self.0.replace(&serde_json::to_vec(state)?, nonce)
    }
}
