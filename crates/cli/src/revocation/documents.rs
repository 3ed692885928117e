//! Texts that may be documents of the revocation log, from files and URLs.

use crate::failure::Failure;
use crate::fetch::{Wanted, fetch, is_url};
use chancery_revocation::MAX_DOCUMENT_BYTES;
use std::fs::File;
use std::io::Read as _;

/// A verifier keeps a snapshot, what was merged into it, and the deltas behind.
const MAX_FILE_BYTES: usize = 3 * MAX_DOCUMENT_BYTES;

/// One text, and where it stands.
#[derive(Debug)]
pub(crate) struct Text {
    /// The file or URL.
    pub(crate) source: String,
    /// Counted from 1: a verifier keeps a document in each line.
    pub(crate) line: usize,
    pub(crate) document: String,
}

impl Text {
    /// The place for people.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.source, self.line)
    }
}

/// Reads all of them, in their order. Of each source there is at least one.
pub(crate) fn read(sources: &[String]) -> Result<Vec<Text>, Failure> {
    let mut texts = Vec::new();
    for source in sources {
        let bytes = if is_url(source) { fetch(source, Wanted::Revocations)? } else { read_file(source)? };
        // What is not UTF-8 is no document, and is refused as one.
        let whole = String::from_utf8_lossy(&bytes);
        let lines = (1..).zip(whole.lines()).filter(|(_, text)| !text.trim().is_empty());
        let before = texts.len();
        texts.extend(lines.map(|(line, text)| Text {
            source: source.clone(),
            line,
            document: text.trim().to_owned(),
        }));
        if texts.len() == before {
            return Err(Failure::unusable("revocations_unreadable", format!("'{source}' is empty")));
        }
    }
    Ok(texts)
}

fn read_file(path: &str) -> Result<Vec<u8>, Failure> {
    let unreadable = |why: &dyn std::fmt::Display| {
        Failure::unusable("revocations_unreadable", format!("'{path}' cannot be read: {why}")).fix(
            "Name a file with a snapshot, such as the ….revocation.log that a verifier keeps, or a URL: an issuer \
             has it at /revocation/snapshot.",
        )
    };
    let most = u64::try_from(MAX_FILE_BYTES + 1).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|why| unreadable(&why))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(unreadable(&format!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(bytes)
}
