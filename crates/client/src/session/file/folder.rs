//! The folder of a session's file. What is done in it is done through one open descriptor, so that nobody can put
//! another folder in its place in between.

use super::Place;
use super::fault::{FileFault, FileOrFolder};
use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, fchmod, openat, renameat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

/// An open folder into which nobody else writes.
#[derive(Debug)]
pub(super) struct Folder(File);

impl Folder {
    /// Opens it; `None` if it is missing.
    pub(super) fn open(place: &Place) -> Result<Option<Self>, FileFault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = match openat(CWD, &place.folder, flags, Mode::empty()) {
            Ok(descriptor) => File::from(descriptor),
            Err(Errno::NOENT) => return Ok(None),
            Err(why) => return Err(FileFault::unreadable(&place.folder, &why.into())),
        };
        let about = folder.metadata().map_err(|why| FileFault::unreadable(&place.folder, &why))?;
        // Others may see what lies there: it is closed to them itself. What they could put there is another matter.
        ours(&place.folder, &about, 0o022)?;
        Ok(Some(Self(folder)))
    }

    /// Opens it, and makes it if it is missing.
    pub(super) fn make(place: &Place) -> Result<Self, FileFault> {
        if let Some(folder) = Self::open(place)? {
            return Ok(folder);
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&place.folder);
        made.map_err(|why| FileFault::unwritable(&place.folder, &why))?;
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        Self::open(place)?.ok_or_else(|| FileFault::unwritable(&place.folder, &gone()))
    }

    /// Opens a file in it for reading, whatever it is: a link is not followed, and a pipe that nobody writes to does
    /// not hold us up.
    pub(super) fn look_at(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(openat(&self.0, name, flags, Mode::empty())?.into())
    }

    /// Opens the lock file, made if it is not there.
    pub(super) fn open_lock(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match openat(&self.0, name, flags, OWNER_ONLY) {
            // One that is there can be locked where nothing can be written, too (over NFS only by who may write it).
            Err(Errno::ROFS) => self.look_at(name).map_err(|_| Errno::ROFS.into()),
            opened => Ok(opened?.into()),
        }
    }

    /// Makes a new file.
    pub(super) fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.0, name, flags, OWNER_ONLY)?.into())
    }

    /// Puts one file in the place of another.
    pub(super) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    /// Removes a file, if it is there.
    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        match unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(why) => Err(why.into()),
        }
    }

    /// Whether there is something of that name, as far as one can see.
    pub(super) fn has(&self, name: &OsStr) -> bool {
        !matches!(statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW), Err(Errno::NOENT))
    }

    /// The names in it.
    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            names.push(OsString::from_vec(entry?.file_name().to_bytes().to_vec()));
        }
        Ok(names)
    }

    /// Waits until the names in it outlive a power cut.
    pub(super) fn sync(&self) -> io::Result<()> {
        match self.0.sync_all() {
            // Some file systems have nothing to do here, and say so.
            Err(why) if matches!(why.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
                Ok(())
            }
            synced => synced,
        }
    }
}

const OWNER_ONLY: Mode = Mode::RUSR.union(Mode::WUSR);

/// Refuses what others may do with it that stands in `mask`, and what is not ours: root, too, could be made to read there what
/// others put there, or leave behind a file that its user cannot write any more.
pub(super) fn ours(path: &Path, about: &Metadata, mask: u32) -> Result<(), FileFault> {
    let thing = if about.is_dir() { FileOrFolder::Folder } else { FileOrFolder::File };
    let (owner, us) = (about.uid(), geteuid().as_raw());
    if owner != us {
        return Err(FileFault::OtherOwner { path: path.to_owned(), thing, owner, us });
    }
    let mode = about.mode() & 0o777;
    if mode & mask != 0 {
        return Err(FileFault::OpenToOthers { path: path.to_owned(), thing, mode });
    }
    Ok(())
}

/// Closes a file of ours to others. Where that cannot be done it stays open.
pub(super) fn close_to_others(file: &File, about: &Metadata) {
    if about.mode() & 0o077 != 0 {
        let _ = fchmod(file, OWNER_ONLY);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::session::file::tests::scratch::Scratch;
    use crate::session::file::write;
    use crate::session::record::tests::sample;

    #[test]
    fn what_is_in_its_place_is_told_so_though_the_disk_will_not_say_that_it_stays() {
        let scratch = Scratch::new();
        let file = scratch.file();
        // Through such a descriptor names can be changed, and nothing can be waited for.
        let of_names = openat(CWD, scratch.path(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
        let folder = Folder(of_names.unwrap().into());
        assert!(folder.sync().is_err());
        let written = write::replace(&file.0, &folder, &sample("1").write()).unwrap();
        assert_eq!(file.fingerprint(), Some(written));
        write::remove(&file.0, &folder).unwrap();
        assert_eq!(scratch.names(), [""; 0]);
    }
}
