//! The embedded store: one SQLite file, for one issuer on one machine.
//!
//! Write-ahead log with `synchronous=FULL`, so that what was answered survives a crash of the machine. One thread
//! writes, many jobs a transaction; reads go to connections of their own. Other processes (the command line, a
//! second issuer) may use the same file at the same time.

mod error;
mod family;
mod log;
mod open;
mod reader;
mod schema;
mod verbs;
mod writer;

#[cfg(test)]
mod tests;

pub use open::OpenFault;

use reader::Readers;
use std::fmt;
use std::path::PathBuf;
use writer::Writer;

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    /// Device and inode of the file that was opened.
    file: (u64, u64),
    writer: Writer,
    readers: Readers,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqliteStore({})", self.path.display())
    }
}
