//! Writing it, whole or not at all. Whoever comes here has the lock.

use super::Place;
use super::fault::FileFault;
use super::fingerprint::Fingerprint;
use super::folder::Folder;
use crate::session::record::MAX_CONTENT;
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;

/// Most records have less.
const USUAL_CONTENT: usize = 4 * 1024;
/// What the name of a draft ends with, behind 16 hexadecimal digits.
const DRAFT: &str = ".new";

/// Puts `content` in the place of whatever the file held; it is on the disk when this returns. An error leaves what it held.
pub(super) fn replace(place: &Place, folder: &Folder, content: &[u8]) -> Result<Fingerprint, FileFault> {
    if content.len() > MAX_CONTENT {
        return Err(FileFault::TooLarge { path: place.path.clone() });
    }
    sweep(place, folder);
    let draft = draft(place);
    written(place, folder, &draft, content).map_err(|why| {
        // Whatever went wrong is told; the next writer removes what stays behind.
        let _ = folder.remove(&draft);
        FileFault::unwritable(&place.path, &why)
    })
}

fn written(place: &Place, folder: &Folder, draft: &OsStr, content: &[u8]) -> io::Result<Fingerprint> {
    let mut file = folder.create(draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    let fingerprint = Fingerprint::of(&file.metadata()?);
    folder.rename(draft, &place.name)?;
    outlive(place, folder);
    Ok(fingerprint)
}

/// Waits until what was done with the names outlives a power cut. Where that cannot be had it is done all the same: nobody is
/// told that it is not.
fn outlive(place: &Place, folder: &Folder) {
    if let Err(why) = folder.sync() {
        let fault = FileFault::unwritable(&place.folder, &why);
        let reason = fault.reason();
        tracing::warn!(reason, "after a power cut the session may be as it was before: {fault}");
    }
}

/// Whether another record could be written: what is found out so costs nobody anything.
pub(super) fn has_room(place: &Place, folder: &Folder) -> Result<(), FileFault> {
    sweep(place, folder);
    let draft = draft(place);
    let written = folder.create(&draft).and_then(|mut file| {
        file.write_all(&[b' '; USUAL_CONTENT])?;
        file.sync_all()
    });
    let _ = folder.remove(&draft);
    written.map_err(|why| FileFault::unwritable(&place.path, &why))
}

/// Takes the file away.
pub(super) fn remove(place: &Place, folder: &Folder) -> Result<(), FileFault> {
    sweep(place, folder);
    folder.remove(&place.name).map_err(|why| FileFault::unwritable(&place.path, &why))?;
    outlive(place, folder);
    Ok(())
}

/// Removes what writers left behind that were killed: it holds secrets. Who has the lock has no other writer beside him.
fn sweep(place: &Place, folder: &Folder) {
    // A folder that cannot be listed can be written all the same.
    for name in folder.names().unwrap_or_default() {
        if is_draft(place, &name) {
            let _ = folder.remove(&name);
        }
    }
}

/// Never the name of one that another process writes, should the lock have been removed by hand.
fn draft(place: &Place) -> OsString {
    let mut unique = [0; 8];
    SystemEntropy.fill(&mut unique);
    place.beside(&format!(".{:016x}{DRAFT}", u64::from_le_bytes(unique)))
}

fn is_draft(place: &Place, name: &OsStr) -> bool {
    let rest = name.as_bytes().strip_prefix(place.name.as_bytes());
    let digits = rest.and_then(|rest| rest.strip_prefix(b".")?.strip_suffix(DRAFT.as_bytes()));
    digits.is_some_and(|digits| digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit))
}
