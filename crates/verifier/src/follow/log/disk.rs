//! The documents of the log on disk, as they came: so that a service starts with everything else down, and knows what was
//! revoked.
//!
//! Three files for each issuer: the keys of the log; a snapshot with the deltas behind it, a line each; and the last
//! heartbeat, which says how old they are. Nothing is believed of them but the keys: each document is opened anew.

use crate::follow::kept_file::{KeptFile, UnusableFile};
use chancery_revocation::MAX_DOCUMENT_BYTES;
use chancery_token::UnixTime;
use std::io;
use std::path::{Path, PathBuf};

const VERSION: u32 = 1;
/// As for the keys of tokens: four times the largest key document.
const MAX_KEYS_BYTES: u64 = 256 * 1024;
/// The largest heartbeat is far smaller.
const MAX_BEAT_BYTES: u64 = 64 * 1024;
/// Deltas behind a snapshot before another snapshot takes the place of all: more would take longer to open at a start than
/// the snapshot itself.
const MOST_BEHIND: usize = 256;
const MOST_BYTES_BEHIND: usize = 1024 * 1024;

/// The files of one issuer.
#[derive(Debug)]
pub(super) struct LogDisk {
    keys: KeptFile,
    log: KeptFile,
    beat: KeptFile,
    behind: Behind,
}

/// What stands behind the beginning.
#[derive(Clone, Copy, Debug, Default)]
struct Behind {
    documents: usize,
    bytes: usize,
}

/// The keys of the log, as they are kept.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptKeys {
    version: u32,
    issuer: String,
    pub(super) confirmed_at: UnixTime,
    /// The document, as it was served.
    pub(super) document: String,
}

/// Why what is on disk is not used. It is logged, and the follower starts without.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnusableLog {
    #[error(transparent)]
    File(#[from] UnusableFile),
    #[error("it is corrupt: {0}")]
    Corrupt(#[from] serde_json::Error),
    #[error("it is that of the issuer '{0}'")]
    OtherIssuer(String),
    #[error("it is of version {0}; this is version {VERSION}")]
    OtherVersion(u32),
}

/// What to write of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// It takes the place of all.
    Beginning,
    /// It goes behind what is there.
    Behind,
    /// It takes the place of the last heartbeat.
    Beat,
}

impl LogDisk {
    pub(super) fn new(directory: &Path, issuer: &str) -> Self {
        let file = |ending| KeptFile::new(directory.to_owned(), issuer, ending);
        Self {
            keys: file("revocation.keys.json"),
            log: file("revocation.log"),
            beat: file("revocation.beat"),
            behind: Behind::default(),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.log.path()
    }

    /// The keys that were kept for this issuer, if any were.
    pub(super) fn read_keys(&self, issuer: &str) -> Result<Option<KeptKeys>, UnusableLog> {
        let Some(text) = self.keys.read(MAX_KEYS_BYTES)? else { return Ok(None) };
        let kept: KeptKeys = serde_json::from_slice(&text)?;
        if kept.version != VERSION {
            return Err(UnusableLog::OtherVersion(kept.version));
        }
        if kept.issuer != issuer {
            return Err(UnusableLog::OtherIssuer(kept.issuer));
        }
        Ok(Some(kept))
    }

    /// The documents that were kept, in their order. A line that was cut off is no document, and is left out when it is
    /// opened.
    pub(super) fn read_documents(&mut self) -> Result<Vec<String>, UnusableLog> {
        // A beginning, what was merged, and what may stand behind.
        let most = u64::try_from(MAX_DOCUMENT_BYTES.saturating_mul(3)).unwrap_or(u64::MAX);
        let mut documents = lines(self.log.read(most)?);
        self.behind.documents = documents.len().saturating_sub(1);
        self.behind.bytes = documents.iter().skip(1).map(String::len).sum();
        documents.extend(lines(self.beat.read(MAX_BEAT_BYTES)?));
        Ok(documents)
    }

    pub(super) fn write_keys(
        &self,
        issuer: &str,
        confirmed_at: UnixTime,
        document: &str,
        nonce: u64,
    ) -> io::Result<()> {
        let (issuer, document) = (issuer.to_owned(), document.to_owned());
        let kept = KeptKeys { version: VERSION, issuer, confirmed_at, document };
        self.keys.replace(&serde_json::to_vec(&kept)?, nonce)
    }

    pub(super) fn write(&mut self, document: &str, writing: Writing, nonce: u64) -> io::Result<()> {
        match writing {
            Writing::Beginning => {
                self.behind = Behind::default();
                self.log.replace(document.as_bytes(), nonce)?;
                // It says no more than the beginning, and may be signed by a key that is gone.
                self.beat.remove()
            }
            Writing::Behind => {
                self.behind.documents += 1;
                self.behind.bytes += document.len();
                // The line break in front: what a crash cut off spoils itself alone.
                self.log.append(format!("\n{document}").as_bytes())
            }
            Writing::Beat => self.beat.replace(document.as_bytes(), nonce),
        }
    }

    /// Whether so much stands behind the beginning that another one is better.
    pub(super) fn is_long(&self) -> bool {
        self.behind.documents >= MOST_BEHIND || self.behind.bytes >= MOST_BYTES_BEHIND
    }

    /// Begins to count anew, where what stands behind has to stay for now.
    pub(super) fn keep_long(&mut self) {
        self.behind = Behind::default();
    }
}

fn lines(bytes: Option<Vec<u8>>) -> Vec<String> {
    // What is not UTF-8 was written by somebody else, and is no document either way.
    let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
