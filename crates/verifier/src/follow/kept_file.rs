//! A file that only its owner writes, replaced whole or added to.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnusableFile {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    #[cfg(unix)]
    #[error("others than its owner may write it (mode {0:03o}): chmod 600")]
    WritableByOthers(u32),
}

/// One file of a directory.
#[derive(Clone, Debug)]
pub(super) struct KeptFile {
    directory: PathBuf,
    name: String,
}

impl KeptFile {
    /// The file of `issuer` with this ending.
    pub(super) fn new(directory: PathBuf, issuer: &str, ending: &str) -> Self {
        Self { directory, name: format!("{}.{ending}", escaped(issuer)) }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    /// What it holds, if it is there.
    pub(super) fn read(&self, most: u64) -> Result<Option<Vec<u8>>, UnusableFile> {
        let file = match File::open(self.path()) {
            Ok(file) => file,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(why.into()),
        };
        owner_alone_writes(&file)?;
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|read| read > most) {
            return Err(UnusableFile::TooLarge(most));
        }
        Ok(Some(bytes))
    }

    /// Replaces it whole: a reader, or a crash, sees the old one or the new one. `nonce` keeps writers that share the
    /// directory apart.
    pub(super) fn replace(&self, bytes: &[u8], nonce: u64) -> io::Result<()> {
        create_directory(&self.directory)?;
        let draft = self.directory.join(format!(".keys-{nonce:016x}.tmp"));
        let written = write_draft(&draft, bytes).and_then(|()| fs::rename(&draft, self.path()));
        if written.is_err() {
            // Whatever went wrong is told; a draft that stays behind does no harm.
            let _ = fs::remove_file(&draft);
        }
        written
    }

    /// Removes it, if it is there.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(self.path()) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// Adds to its end; it is on the disk when this returns.
    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).open(self.path())?;
        file.write_all(bytes)?;
        file.sync_data()
    }
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = owner_only().open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn owner_only() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)
}

#[cfg(unix)]
fn owner_alone_writes(file: &File) -> Result<(), UnusableFile> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o022 == 0 { Ok(()) } else { Err(UnusableFile::WritableByOthers(mode)) }
}

#[cfg(not(unix))]
fn owner_alone_writes(_: &File) -> Result<(), UnusableFile> {
    Ok(())
}

/// A file name that no other issuer has: everything but letters, digits, `.` and `-` is written as `_` and two
/// hexadecimal digits.
fn escaped(issuer: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    issuer.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("_{b:02x}") }).collect()
}
