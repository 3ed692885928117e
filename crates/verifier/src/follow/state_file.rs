//! The last good key document on disk, so that a service starts with its issuer down.

use super::address::Address;
use chancery_token::{Format, UnixTime};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The only version there is.
const VERSION: u32 = 1;
/// Four times the largest key document: escaping doubles it at most, since JSON holds no raw control characters
/// but white space.
const MAX_STATE_BYTES: u64 = 256 * 1024;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    pub(super) issuer: String,
    pub(super) format: Format,
    /// Where the document is from.
    pub(super) url: String,
    /// When the issuer confirmed it last.
    pub(super) confirmed_at: UnixTime,
    /// The entity tag that came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// The document, as it was served.
    pub(super) document: String,
}

impl State {
    pub(super) fn new(
        issuer: String,
        format: Format,
        url: String,
        confirmed_at: UnixTime,
        etag: Option<String>,
        document: String,
    ) -> Self {
        Self { version: VERSION, issuer, format, url, confirmed_at, etag, document }
    }
}

/// Why the file is not used. It is logged, and the follower starts without.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnusableState {
    #[error("it is that of the issuer '{0}'")]
    OtherIssuer(String),
    #[error("it was fetched from another address than the configured one")]
    OtherUrl,
    #[error("it holds {0} keys")]
    OtherFormat(Format),
    #[error("it is of version {0}; this is version {VERSION}")]
    OtherVersion(u32),
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it is corrupt: {0}")]
    Corrupt(#[from] serde_json::Error),
    #[error("it has more than {MAX_STATE_BYTES} bytes")]
    TooLarge,
    #[cfg(unix)]
    #[error("others than its owner may write it (mode {0:03o}): chmod 600")]
    WritableByOthers(u32),
}

/// The file of one issuer and format.
#[derive(Clone, Debug)]
pub(super) struct StateFile {
    directory: PathBuf,
    name: String,
}

impl StateFile {
    pub(super) fn new(directory: PathBuf, issuer: &str, format: Format) -> Self {
        Self { directory, name: format!("{}.{format}.keys.json", escaped(issuer)) }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    /// Reads what was kept for this issuer, if anything was. If the address of the keys is configured, it must be
    /// from there.
    pub(super) fn read(
        &self,
        issuer: &str,
        format: Format,
        configured: Option<&Address>,
    ) -> Result<Option<State>, UnusableState> {
        let file = match File::open(self.path()) {
            Ok(file) => file,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(why.into()),
        };
        owner_alone_writes(&file)?;
        let mut text = Vec::new();
        file.take(MAX_STATE_BYTES + 1).read_to_end(&mut text)?;
        if u64::try_from(text.len()).is_ok_and(|bytes| bytes > MAX_STATE_BYTES) {
            return Err(UnusableState::TooLarge);
        }
        let state: State = serde_json::from_slice(&text)?;
        if state.version != VERSION {
            return Err(UnusableState::OtherVersion(state.version));
        }
        if state.issuer != issuer {
            return Err(UnusableState::OtherIssuer(state.issuer));
        }
        if state.format != format {
            return Err(UnusableState::OtherFormat(state.format));
        }
        match configured {
            Some(url) if url.url().as_str() != state.url => Err(UnusableState::OtherUrl),
            _ => Ok(Some(state)),
        }
    }

    /// Replaces the file whole: a reader, or a crash, sees the old one or the new one. `nonce` keeps writers that
    /// share the directory apart.
    pub(super) fn write(&self, state: &State, nonce: u64) -> io::Result<()> {
        create_directory(&self.directory)?;
        let draft = self.directory.join(format!(".keys-{nonce:016x}.tmp"));
        let written = write_draft(&draft, state).and_then(|()| fs::rename(&draft, self.path()));
        if written.is_err() {
            // Whatever went wrong is told; a draft that stays behind does no harm.
            let _ = fs::remove_file(&draft);
        }
        written
    }
}

fn write_draft(draft: &Path, state: &State) -> io::Result<()> {
    let text = serde_json::to_vec(state)?;
    let mut file = owner_only().open(draft)?;
    file.write_all(&text)?;
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
fn owner_alone_writes(file: &File) -> Result<(), UnusableState> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o022 == 0 { Ok(()) } else { Err(UnusableState::WritableByOthers(mode)) }
}

#[cfg(not(unix))]
fn owner_alone_writes(_: &File) -> Result<(), UnusableState> {
    Ok(())
}

/// A file name that no other issuer has: everything but letters, digits, `.` and `-` is written as `_` and two
/// hexadecimal digits.
fn escaped(issuer: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    issuer.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("_{b:02x}") }).collect()
}
