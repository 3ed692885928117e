//! Files that only their owner can read.

mod unfinished;

use crate::failure::Failure;
use chancery_issuer::secret::ClientSecret;
use chancery_token::Environment;
use chancery_verifier::entropy::{Entropy as _, SystemEntropy};
use rustix::process::{Uid, geteuid};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use unfinished::Mark;
use zeroize::Zeroizing;

/// Longest content that holds a secret: a few settings for a client of 64 scopes.
const MAX_CONTENT: u64 = 64 * 1024;

/// A new file of mode 0600 for a secret, with a mark beside it until it is known whether the secret is good.
#[derive(Debug)]
pub(crate) struct SecretFile {
    path: PathBuf,
    mark: Mark,
    held: Held,
}

/// What is in the file, and so what becomes of it when it is dropped before [`SecretFile::keep`].
#[derive(Debug)]
enum Held {
    /// Nothing, or a secret that is surely good for nothing: it is removed.
    Ours(File),
    /// A secret that an earlier command left, and that may be good: it stays.
    Found(Zeroizing<String>),
    /// The secret of this command, of which nobody said whether it is good, or which is: it stays.
    Left,
}

impl SecretFile {
    /// Makes it, empty: whoever cannot write it learns so before anything is done. A file that exists is never
    /// touched, unless the same command (of this issuer, about this client) left it unfinished.
    pub(crate) fn reserve(path: &Path, issuer: &str, client: &str) -> Result<Self, Failure> {
        let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
        if is_there(path) && !is_there(&unfinished::path_of(path)) {
            return Err(exists(path));
        }
        let Some(mut mark) = Mark::take(path)? else {
            let message = format!("{} is being written by another command", path.display());
            return Err(Failure::unusable("file_exists", message).fix("Name another file."));
        };
        let owner = format!("{issuer}\n{client}\n");
        let said = mark.says().map_err(|why| fault(path, &why))?;
        if !unfinished::is_mark(&said) {
            // Somebody's own file, that only has such a name.
            return Err(exists(&unfinished::path_of(path)));
        }
        if is_there(path) {
            if let Some(held) = Some(path).filter(|_| said == owner).and_then(resume) {
                return Ok(Self { path: path.to_owned(), mark, held });
            }
            if said.is_empty() {
                mark.remove();
            }
            return Err(exists(path));
        }
        // Said before there is a file: a mark without one means nothing.
        let made = mark.say(&owner).and_then(|()| new_file(path));
        match made {
            Ok(file) => Ok(Self { path: path.to_owned(), mark, held: Held::Ours(file) }),
            Err(why) => {
                mark.remove();
                Err(if why.kind() == io::ErrorKind::AlreadyExists { exists(path) } else { fault(path, &why) })
            }
        }
    }

    /// The secret that an earlier command left in it, which may be good.
    pub(crate) fn found(&self) -> Option<&str> {
        match &self.held {
            Held::Found(content) => secret_in(content),
            Held::Ours(_) | Held::Left => None,
        }
    }

    /// Writes into it, and waits until that is on the disk. What an earlier command left is replaced in one step:
    /// it is to be the same secret.
    pub(crate) fn fill(&mut self, content: &[u8]) -> Result<(), Failure> {
        match &mut self.held {
            Held::Ours(file) => {
                let written = file.write_all(content).and_then(|()| file.sync_all());
                written.map_err(|why| fault(&self.path, &why))
            }
            Held::Found(held) if held.as_bytes() == content => Ok(()),
            Held::Found(_) | Held::Left => replace(&self.path, content),
        }
    }

    /// The secret is good: the file stays, and nothing more is to be done.
    pub(crate) fn keep(&mut self) {
        self.held = Held::Left;
        self.mark.remove();
    }

    /// The secret may be good: the file stays, and the same command finishes it.
    pub(crate) fn leave(&mut self) {
        self.held = Held::Left;
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if let Held::Ours(_) = &self.held {
            // It is empty, or the secret in it is good for nothing: no client has it.
            let _ = fs::remove_file(&self.path);
            self.mark.remove();
        }
    }
}

/// Takes up a file that was left unfinished; `None` if it cannot be one.
fn resume(path: &Path) -> Option<Held> {
    let about = fs::symlink_metadata(path).ok()?;
    if !about.is_file() || about.mode() & 0o077 != 0 || about.len() > MAX_CONTENT {
        return None;
    }
    // Whoever put it there knows the secret in it.
    if !is_of_the_trusted(&about) {
        return None;
    }
    let content = Zeroizing::new(fs::read_to_string(path).ok()?);
    if secret_in(&content).is_some() {
        return Some(Held::Found(content));
    }
    // It was never filled, and no secret is good before that.
    OpenOptions::new().write(true).truncate(true).open(path).ok().map(Held::Ours)
}

/// Whether nobody but this process's user, or root, can have put a file there: root could read what others put there for
/// it to find.
pub(crate) fn is_of_the_trusted(file: &fs::Metadata) -> bool {
    let owner = Uid::from_raw(file.uid());
    owner.is_root() || owner == geteuid()
}

/// The client secret in the content of a file, whatever stands around it.
fn secret_in(content: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    content.split(|c| !is_part(c)).find(|word| {
        [Environment::Live, Environment::Test].iter().any(|of| ClientSecret::parse(word, *of).is_ok())
    })
}

fn exists(path: &Path) -> Failure {
    let message = format!("{} exists; a secret never overwrites a file", path.display());
    Failure::unusable("file_exists", message).fix("Name another file, or move that one away.")
}

/// Makes a file of mode 0600 with all of its content in one step: whoever finds it finds it whole. Its folder is made
/// if it is missing. Answers `None` if there is a file already.
pub(crate) fn publish(path: &Path, content: &[u8]) -> Result<Option<Published>, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|why| fault(path, &why))?;
    }
    let draft = write_draft(path, content)?;
    // A link is made or not; unlike a rename it replaces nothing.
    let linked = fs::hard_link(&draft, path);
    let _ = fs::remove_file(&draft);
    match linked {
        Ok(()) => {
            // The name, too, must outlive a power cut: what it names is stored next.
            let folder = File::open(folder.unwrap_or(Path::new(".")));
            folder.and_then(|folder| folder.sync_all()).map_err(|why| fault(path, &why))?;
            Ok(Some(Published(path.to_owned())))
        }
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(why) => Err(fault(path, &why)),
    }
}

/// A file that [`publish`] made.
#[derive(Debug)]
pub(crate) struct Published(PathBuf);

impl Published {
    /// Takes it away again.
    pub(crate) fn withdraw(self) {
        // What cannot be removed holds a secret that no client has.
        let _ = fs::remove_file(self.0);
    }
}

/// Puts a file of mode 0600 in the place of whatever stood there, in one step.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let draft = write_draft(path, content)?;
    fs::rename(&draft, path).map_err(|why| {
        let _ = fs::remove_file(&draft);
        fault(path, &why)
    })
}

/// Writes what is to be at `path` beside it.
fn write_draft(path: &Path, content: &[u8]) -> Result<PathBuf, Failure> {
    let mut draft = path.as_os_str().to_owned();
    // Never the name of one that a process left behind when it was killed.
    let mut unique = [0; 8];
    SystemEntropy.fill(&mut unique);
    draft.push(format!(".{}.new", hex::encode(unique)));
    let draft = PathBuf::from(draft);
    let written =
        new_file(&draft).and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()));
    match written {
        Ok(()) => Ok(draft),
        Err(why) => {
            let _ = fs::remove_file(&draft);
            Err(fault(path, &why))
        }
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Opens a file of mode 0600, made if it is not there.
fn open_own(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn fault(path: &Path, why: &io::Error) -> Failure {
    Failure::unusable("file_unwritable", format!("{} cannot be written: {why}", path.display()))
        .fix("Name a file in a folder that exists and is yours.")
}
