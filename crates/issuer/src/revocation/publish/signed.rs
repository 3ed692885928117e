//! A document as it goes out: signed once, compressed once.

use super::workshop::{labour, to_the_end};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};

/// A larger text is compressed where it holds up nobody: this takes about three milliseconds.
const COMPRESSED_HERE: usize = 64 * 1024;

/// A document of the log, and its short form once somebody asked for that.
pub(crate) struct Signed {
    text: Bytes,
    /// `None` where it cannot be had.
    gzipped: OnceCell<Option<Bytes>>,
    /// Where it is compressed.
    room: Arc<Semaphore>,
}

impl Signed {
    pub(super) fn new(text: String, room: Arc<Semaphore>) -> Self {
        Self { text: text.into(), gzipped: OnceCell::new(), room }
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

    /// Compressed (RFC 1952); `None` where that fails, which leaves the text as it is.
    pub(crate) async fn gzipped(self: &Arc<Self>) -> Option<&Bytes> {
        if self.text.len() <= COMPRESSED_HERE {
            return self.gzipped.get_or_init(async || gzip(&self.text).ok()).await.as_ref();
        }
        if self.gzipped.get().is_none() {
            let signed = Arc::clone(self);
            let work = async move {
                let compress = || async {
                    let text = signed.text.clone();
                    labour(&signed.room, move || gzip(&text).ok()).await
                };
                signed.gzipped.get_or_try_init(compress).await.map(drop)
            };
            to_the_end(work).await.ok()?;
        }
        self.gzipped.get().and_then(Option::as_ref)
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
