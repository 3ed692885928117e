//! **For the fuzzer**, which is a program of its own.

use super::file::FileFault;
use super::record::Record;
use std::path::Path;
use zeroize::Zeroizing;

/// Reads the content of a session file, and writes what it read. Nothing is opened.
///
/// # Errors
/// What a session says whose file, `session.json`, holds that.
pub fn session_file(content: &[u8]) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let read = Record::read(content).map_err(|unfit| FileFault::unfit(Path::new("session.json"), unfit));
    read.map(|record| record.write())
}
