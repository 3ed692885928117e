//! The file that a master key lives in.

use super::MasterKey;
use chancery_verifier::entropy::Entropy;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A key has 53 bytes; nothing much longer is one.
const MOST_BYTES: u64 = 256;

/// Why there is no master key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyFault {
    /// Others than its owner may read or change the file.
    #[error("{} can be read or changed by others (mode {mode:o}); run: chmod 600 {}", path.display(), path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The machine refused.
    #[error("{}: {detail}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        detail: String,
    },
    /// There is no such file.
    #[error("there is no master key at {}; restore it from its backup, or point keys.master_key_file to it", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("{} holds no master key: {why}; restore the file from its backup", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl MasterKeyFault {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Exposed { .. } => "master_key_exposed",
            Self::Io { .. } => "master_key_unreadable",
            Self::Missing { .. } => "master_key_missing",
            Self::NotAKey { .. } => "master_key_malformed",
        }
    }
}

impl MasterKey {
    /// Reads the key that a file holds.
    pub fn read(path: &Path) -> Result<Self, MasterKeyFault> {
        let fault = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => MasterKeyFault::Missing { path: path.into() },
            _ => io_fault(path, error),
        };
        let file = File::open(path).map_err(|error| fault(&error))?;
        let about = file.metadata().map_err(|error| fault(&error))?;
        let not_a_key = |why: String| MasterKeyFault::NotAKey { path: path.into(), why };
        if !about.is_file() {
            return Err(not_a_key("it is no file".into()));
        }
        if about.mode() & 0o077 != 0 {
            return Err(MasterKeyFault::Exposed { path: path.into(), mode: about.mode() & 0o777 });
        }
        // Room for all of it at once: growing would leave copies behind that nobody wipes.
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(MOST_BYTES).unwrap_or(0) + 1));
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| fault(&error))?;
        let text = str::from_utf8(&bytes).map_err(|_| not_a_key("it is no text".into()))?;
        Self::parse(text.trim_ascii()).map_err(|why| not_a_key(why.to_string()))
    }

    /// Makes a key and writes it to a new file that only its owner can read. If another process was faster, the
    /// key is the one that it wrote.
    pub fn create(path: &Path, entropy: &dyn Entropy) -> Result<Self, MasterKeyFault> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(|error| io_fault(folder, &error))?;
        let key = Self::generate(entropy);
        // Written apart and linked into place: no other process ever sees half a key, and none is overwritten.
        let draft = draft_beside(path, entropy);
        let written = write_new(&draft, &key).and_then(|()| fs::hard_link(&draft, path));
        let removed = fs::remove_file(&draft);
        match written {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Self::read(path),
            Err(error) => return Err(io_fault(path, &error)),
            Ok(()) => removed.map_err(|error| io_fault(&draft, &error))?,
        }
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| io_fault(folder, &error))?;
        Ok(key)
    }
}

fn draft_beside(path: &Path, entropy: &dyn Entropy) -> PathBuf {
    let mut unique = [0; 8];
    entropy.fill(&mut unique);
    path.with_extension(format!("{:016x}", u64::from_le_bytes(unique)))
}

fn write_new(path: &Path, key: &MasterKey) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key.reveal().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn io_fault(path: &Path, error: &io::Error) -> MasterKeyFault {
    MasterKeyFault::Io { path: path.into(), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use chancery_verifier::entropy::PredictableEntropy;
    use std::os::unix::fs::PermissionsExt as _;

    fn entropy() -> PredictableEntropy {
        PredictableEntropy::new(3)
    }

    #[test]
    fn a_key_that_is_made_is_read_again() {
        let folder = Scratch::new();
        let path = folder.path().join("deep/er/master.key");
        let made = MasterKey::create(&path, &entropy()).unwrap();
        assert_eq!(MasterKey::read(&path).unwrap().fingerprint(), made.fingerprint());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn a_key_that_exists_is_never_overwritten() {
        let folder = Scratch::new();
        let path = folder.path().join("master.key");
        let first = MasterKey::create(&path, &PredictableEntropy::new(1)).unwrap();
        let second = MasterKey::create(&path, &PredictableEntropy::new(2)).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
    }

    #[test]
    fn processes_that_start_together_end_with_one_key() {
        let folder = Scratch::new();
        let path = folder.path().join("master.key");
        let path = path.as_path();
        let fingerprints: Vec<_> = std::thread::scope(|scope| {
            let start =
                |seed| scope.spawn(move || MasterKey::create(path, &PredictableEntropy::new(seed)).unwrap());
            let started: Vec<_> = (0..16).map(|n| start(n * 1000)).collect();
            started.into_iter().map(|thread| thread.join().unwrap().fingerprint()).collect()
        });
        assert!(fingerprints.iter().all(|each| *each == fingerprints[0]), "{fingerprints:?}");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = Scratch::new();
        let path = folder.path().join("master.key");
        MasterKey::create(&path, &entropy()).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o644, 0o666, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = MasterKey::read(&path).unwrap_err();
            assert_eq!(refused, MasterKeyFault::Exposed { path: path.clone(), mode });
            assert!(refused.to_string().contains("chmod 600"), "{refused}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(MasterKey::read(&path).is_ok());
    }

    #[test]
    fn a_missing_an_empty_and_a_broken_file_are_told_apart() {
        let folder = Scratch::new();
        let path = folder.path().join("master.key");
        assert_eq!(MasterKey::read(&path).unwrap_err().reason(), "master_key_missing");
        let key = MasterKey::create(&path, &entropy()).unwrap();
        let text = key.reveal();
        for broken in
            ["", "\n", &text[..50], &text[1..], &"x".repeat(10_000), &text.replace(&text[10..12], "__")]
        {
            fs::write(&path, broken).unwrap();
            let refused = MasterKey::read(&path).unwrap_err();
            assert_eq!(refused.reason(), "master_key_malformed", "{broken}");
            assert!(broken.len() < 8 || !refused.to_string().contains(&broken[8..]), "{refused}");
        }
        fs::write(&path, b"\xff\xfe").unwrap();
        assert_eq!(MasterKey::read(&path).unwrap_err().reason(), "master_key_malformed");
        assert_eq!(MasterKey::read(folder.path()).unwrap_err().reason(), "master_key_malformed");
    }
}
