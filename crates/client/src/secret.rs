//! The client's secret.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest secret that is read. Ours have 59 characters; other issuers stay far below this.
const MAX_SECRET_BYTES: u64 = 4096;

/// A client secret (RFC 6749 section 2.3.1). Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Why a file gives no secret.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableSecret {
    /// The operating system refuses.
    #[error("the secret file {} cannot be read: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// Empty, over 4096 bytes, or something other than one line of visible ASCII.
    #[error("the secret file {} holds no secret: it must be one line of visible ASCII characters", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
    },
}

impl Secret {
    /// Takes a secret over.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// Reads a secret from a file of one line; the end of the line is not part of it.
    pub fn read_file(path: impl AsRef<Path>) -> Result<Self, UnreadableSecret> {
        let path = path.as_ref();
        let fault = |why| UnreadableSecret::File { path: path.to_owned(), why };
        // Room for all of it, so that no half of it stays behind when the buffer grows.
        let capacity = usize::try_from(MAX_SECRET_BYTES + 1).unwrap_or(4097);
        let mut text = Zeroizing::new(Vec::with_capacity(capacity));
        std::fs::File::open(path)
            .map_err(fault)?
            .take(MAX_SECRET_BYTES + 1)
            .read_to_end(&mut text)
            .map_err(fault)?;
        let line = text.strip_suffix(b"\n").unwrap_or(&text);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok(line)
                if !line.is_empty()
                    && text.len() < capacity
                    && line.bytes().all(|b| b.is_ascii_graphic()) =>
            {
                Ok(Self::new(line))
            }
            _ => Err(UnreadableSecret::Content { path: path.to_owned() }),
        }
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
