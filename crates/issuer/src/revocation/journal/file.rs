//! Files in a folder in which others may put something: nothing that lies there is followed elsewhere, or written into.

use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// How a file is opened: a link is not followed, and a pipe not waited for.
pub(super) fn options() -> OpenOptions {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let mut options = File::options();
    options.custom_flags(flags.cast_signed());
    options
}

/// Makes a file that is not there yet. What root makes belongs to whoever has the file at `beside`, or the folder: what a
/// command writes as root is still the issuer's.
pub(super) fn create(path: &Path, beside: &Path) -> io::Result<File> {
    let file = options().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    let owner = std::fs::symlink_metadata(beside).or_else(|_| std::fs::metadata(folder_of(beside)))?;
    if owner.uid() != file.metadata()?.uid() {
        // Whoever is not root cannot give files away, and has none to give back.
        let _ = fchown(&file, Some(owner.uid()), Some(owner.gid()));
    }
    Ok(file)
}

/// Puts `bytes` in the place of the file at `path`, whole or not at all.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<Metadata> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder)?;
    let draft = beside(path, &format!(".{}.new", std::process::id()));
    let mut file = match create(&draft, path) {
        // An earlier process of the same number left it, or somebody put it there. Nothing is written into it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(&draft)?;
            create(&draft, path)?
        }
        created => created?,
    };
    let written = fill(&mut file, bytes).and_then(|written| std::fs::rename(&draft, path).map(|()| written));
    if written.is_err() {
        // It is in the way of nobody, and takes room of which there may be none.
        let _ = std::fs::remove_file(&draft);
    }
    let written = written?;
    File::open(folder)?.sync_all()?;
    Ok(written)
}

fn fill(file: &mut File, bytes: &[u8]) -> io::Result<Metadata> {
    file.write_all(bytes)?;
    file.sync_all()?;
    file.metadata()
}

/// Takes away what processes that died left of [`replace`] at `path`. While nobody else writes.
pub(super) fn remove_drafts(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    for found in std::fs::read_dir(folder_of(path))? {
        let found = found?;
        let of_us = |found: &str| Some(found.strip_prefix(name)?.strip_prefix('.')?.to_owned());
        let rest = found.file_name().to_str().and_then(of_us);
        if rest.is_some_and(|rest| rest.strip_suffix(".new").is_some_and(|id| id.parse::<u32>().is_ok())) {
            std::fs::remove_file(found.path())?;
        }
    }
    Ok(())
}

/// The path with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
