//! Reading it.

use super::fault::FileFault;
use super::fingerprint::Fingerprint;
use super::folder::{Folder, ours};
use super::{Kept, Place};
use crate::session::record::{MAX_CONTENT, Record};
use rustix::io::Errno;
use std::fs::{File, FileType};
use std::io::Read as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// What the file holds; `None` if there is none.
pub(super) fn kept(place: &Place, folder: &Folder) -> Result<Option<Kept>, FileFault> {
    let path = &place.path;
    let file = match folder.look_at(&place.name) {
        Ok(file) => file,
        Err(why) => {
            return match why.raw_os_error().map(Errno::from_raw_os_error) {
                Some(Errno::NOENT) => Ok(None),
                // The BSDs say the second.
                Some(Errno::LOOP | Errno::MLINK) => Err(not_a_file(path, "a symbolic link")),
                // So is a socket answered.
                Some(Errno::NXIO | Errno::OPNOTSUPP) => Err(not_a_file(path, "a socket or a device")),
                _ => Err(FileFault::unreadable(path, &why)),
            };
        }
    };
    let about = file.metadata().map_err(|why| FileFault::unreadable(path, &why))?;
    regular(path, about.file_type())?;
    ours(path, &about, 0o077)?;
    let content = content(path, file, about.len())?;
    let record = Record::read(&content).map_err(|unfit| FileFault::unfit(path, unfit))?;
    Ok(Some(Kept { record, fingerprint: Fingerprint::of(&about) }))
}

/// Refuses what is no regular file.
pub(super) fn regular(path: &Path, kind: FileType) -> Result<(), FileFault> {
    if kind.is_file() {
        return Ok(());
    }
    let what = if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else {
        "a device"
    };
    Err(not_a_file(path, what))
}

fn content(path: &Path, file: File, told: u64) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let too_large = || FileFault::TooLarge { path: path.to_owned() };
    let most = u64::try_from(MAX_CONTENT).unwrap_or(u64::MAX);
    if told > most {
        return Err(too_large());
    }
    // Room for all of it, so that no half of it stays behind when the buffer grows.
    let mut content = Zeroizing::new(Vec::with_capacity(MAX_CONTENT + 1));
    let read = file.take(most + 1).read_to_end(&mut content);
    read.map_err(|why| FileFault::unreadable(path, &why))?;
    if content.len() > MAX_CONTENT { Err(too_large()) } else { Ok(content) }
}

pub(super) fn not_a_file(path: &Path, what: &'static str) -> FileFault {
    FileFault::NotAFile { path: path.to_owned(), what }
}
