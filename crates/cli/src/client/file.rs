//! A client file: everything that is decided about one client, in a form that can be reviewed and kept.

mod places;
mod read;

use crate::failure::{Failure, Fault};
use crate::office::Misplaced;
use chancery_issuer::admin::ClientDraft;
use places::Places;
use std::io::Read as _;
use std::path::Path;

/// Largest file that is read. One with 64 grants, each with its reason, has less.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// A file as it was written, with everything in it that is no TOML of a client.
#[derive(Debug)]
pub(super) struct ClientFile {
    file: String,
    pub(super) draft: ClientDraft,
    places: Places,
    faults: Vec<FileFault>,
}

/// One thing that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileFault {
    /// Where the draft lacks something because of it, as a JSON pointer; empty where nothing follows from it.
    pointer: String,
    line: usize,
    /// Its stable name, where it is one of the draft's.
    reason: Option<String>,
    message: String,
}

impl ClientFile {
    /// Reads it. That it cannot be read at all is the only failure; what is wrong in it is told with the rest.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let mut text = String::new();
        let opened = std::fs::File::open(path);
        let read = opened.and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text));
        let refused = |why: &dyn std::fmt::Display| {
            Failure::unusable(
                "client_file_unreadable",
                format!("the client file {file} cannot be read: {why}"),
            )
            .fix("`chancery client create --help` shows one.")
        };
        read.map_err(|why| refused(&why))?;
        if u64::try_from(text.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
            return Err(refused(&"it has over 256 KiB"));
        }
        Ok(Self::parse(&text, file))
    }

    fn parse(text: &str, file: String) -> Self {
        let (draft, places, faults) = read::client(text);
        Self { file, draft, places, faults }
    }

    /// Whether something in it could not be made sense of.
    pub(super) fn is_broken(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether it could be read as TOML at all.
    pub(super) fn is_toml(&self) -> bool {
        self.faults.iter().all(|fault| fault.pointer != read::EVERYTHING)
    }

    /// Every fault with file and line: its own, and those of `draft` that do not follow from them.
    pub(super) fn told(&self, draft: Vec<Misplaced>) -> Vec<Fault> {
        let mut faults = self.faults.clone();
        for Misplaced { pointer, reason, message } in draft {
            let follows = |own: &FileFault| {
                !own.pointer.is_empty()
                    && (lies_in(&pointer, &own.pointer) || lies_in(&own.pointer, &pointer))
            };
            if !self.faults.iter().any(follows) {
                faults.push(FileFault {
                    line: self.places.line(&pointer),
                    reason: Some(reason),
                    message,
                    pointer,
                });
            }
        }
        faults.sort_by_key(|fault| fault.line);
        let told = |fault: FileFault| Fault {
            reason: fault.reason,
            pointer: Some(fault.pointer).filter(|pointer| pointer.len() > read::EVERYTHING.len()),
            file: Some(self.file.clone()),
            line: Some(fault.line),
            detail: fault.message,
        };
        faults.into_iter().map(told).collect()
    }
}

/// Whether the place `inner` is `outer` or lies in it.
fn lies_in(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
