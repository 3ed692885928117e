//! A document as it goes out: signed once, compressed once.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt;
use std::io::{self, Write as _};
use tokio::sync::OnceCell;

/// A larger text is compressed where it holds up nobody: this takes about three milliseconds.
const COMPRESSED_HERE: usize = 64 * 1024;

/// A document of the log, and its short form once somebody asked for that.
pub(crate) struct Signed {
    text: Bytes,
    gzipped: OnceCell<Bytes>,
}

impl Signed {
    pub(super) fn new(text: String) -> Self {
        Self { text: text.into(), gzipped: OnceCell::new() }
    }

    /// The JWS.
    pub(crate) fn text(&self) -> &Bytes {
        &self.text
    }

    /// Its signature, in base64url: no two documents have the same, so it names this one.
    pub(crate) fn name(&self) -> &str {
        let start = self.text.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
        std::str::from_utf8(self.text.get(start..).unwrap_or_default()).unwrap_or_default()
    }

    /// Compressed (RFC 1952). What fails leaves the text as it is.
    pub(crate) async fn gzipped(&self) -> io::Result<&Bytes> {
        let compress = || async {
            if self.text.len() <= COMPRESSED_HERE {
                return gzip(&self.text);
            }
            let text = self.text.clone();
            tokio::task::spawn_blocking(move || gzip(&text)).await.map_err(io::Error::other)?
        };
        self.gzipped.get_or_try_init(compress).await
    }
}

fn gzip(text: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() * 4 / 5), Compression::default());
    encoder.write_all(text)?;
    encoder.finish().map(Bytes::from)
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} bytes)", self.text.len())
    }
}
