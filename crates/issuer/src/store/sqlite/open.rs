//! Opening a store file: making it, or making sure that it is one.

use super::reader::Readers;
use super::writer::Writer;
use super::{SqliteStore, schema};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one process waits for another one's write. A write takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Memory for pages of one connection at most; it is taken when it is needed. Some ten thousand clients fit.
const CACHE_KIB: i64 = 8 * 1024;

/// Pages that the log gathers before they are written to their places: 16 MiB. A page that changed often meanwhile is
/// written once; with the 4 MiB that SQLite takes by default more was written there than to the log.
const CHECKPOINT_PAGES: i64 = 4096;

/// Why a file is not taken as a store. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFault {
    /// It is a store, and damaged.
    #[error("the store {} is damaged: {detail}; restore it from its backup", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// It holds nothing. Stores are never empty: it was cut off, or somebody made it.
    #[error("the store {} is empty; restore it from its backup, or delete the file to begin anew", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{} is no store of ours: {detail}; point store.path elsewhere", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        detail: String,
    },
    /// The machine refused.
    #[error("the store {} cannot be opened: {detail}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        detail: String,
    },
    /// A later version of the program made it.
    #[error("the store {} has layout {found}, and this program knows layout {known}; run the version that wrote it", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The latest one known here.
        known: i64,
    },
}

impl OpenFault {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Corrupt { .. } => "store_corrupt",
            Self::Empty { .. } => "store_empty",
            Self::Foreign { .. } => "store_foreign",
            Self::Io { .. } => "store_io",
            Self::Newer { .. } => "store_newer",
        }
    }
}

impl SqliteStore {
    /// Opens the store at `path`; makes it if there is none. Blocks while it does.
    pub fn open(path: &Path) -> Result<Self, OpenFault> {
        if !path.exists() {
            create(path).map_err(|detail| OpenFault::Io { path: path.into(), detail })?;
        }
        let io = |error: io::Error| OpenFault::Io { path: path.into(), detail: error.to_string() };
        let about = fs::metadata(path).map_err(io)?;
        if !about.is_file() {
            return Err(OpenFault::Foreign { path: path.into(), detail: "it is no file".into() });
        }
        if about.len() == 0 {
            return Err(OpenFault::Empty { path: path.into() });
        }
        let connection = connect(path).map_err(|error| fault(path, &error))?;
        recognise(path, &connection)?;
        Ok(Self {
            path: path.into(),
            file: (about.dev(), about.ino()),
            writer: Writer::start(connection).map_err(io)?,
            readers: Readers::new(path),
        })
    }
}

/// Opens a connection that may write.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What a savepoint may have to undo is kept in memory: in a file it would be written for nobody.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    // SQLite needs to write the index of the write-ahead log even to read, so the connection itself is not
    // opened read-only; the pragma keeps it from changing anything.
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", "ON")?;
    Ok(connection)
}

/// Makes sure that the file is a whole store of a layout that is known here.
fn recognise(path: &Path, connection: &Connection) -> Result<(), OpenFault> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let ask = |name| number(name).map_err(|error| fault(path, &error));
    let application = ask("application_id")?;
    if application != schema::APPLICATION_ID {
        return Err(OpenFault::Foreign {
            path: path.into(),
            detail: "it is another program's database".into(),
        });
    }
    let found = ask("user_version")?;
    if found > schema::VERSION {
        return Err(OpenFault::Newer { path: path.into(), found, known: schema::VERSION });
    }
    let verdict: String = connection
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(|error| fault(path, &error))?;
    let corrupt = |detail: &str| Err(OpenFault::Corrupt { path: path.into(), detail: detail.into() });
    if found < 1 || verdict != "ok" {
        return corrupt(verdict.lines().next().unwrap_or_default());
    }
    // SQLite reads the missing part of a last page as zeros. What a log still holds it would write there.
    let wanted = ask("page_count")?.saturating_mul(ask("page_size")?);
    let length = |path: &Path| fs::metadata(path).map_or(0, |about| about.len());
    let log = length(&with_suffix(path, "-wal"));
    if log == 0 && i64::try_from(length(path)).is_ok_and(|length| length < wanted) {
        return corrupt("its end is missing");
    }
    if found < schema::VERSION {
        schema::upgrade(connection).map_err(|error| fault(path, &error))?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn fault(path: &Path, error: &rusqlite::Error) -> OpenFault {
    let (path, detail) = (path.to_path_buf(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            OpenFault::Foreign { path, detail: "it is no SQLite database".into() }
        }
        Some(ErrorCode::DatabaseCorrupt) => OpenFault::Corrupt { path, detail },
        _ => OpenFault::Io { path, detail },
    }
}

/// Makes a store beside its place and links it there whole. No other process ever sees half a store, none is
/// overwritten, and a store that is found empty was cut off.
fn create(path: &Path) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(text)?;
    let draft = draft_beside(path)?;
    let made = fill(&draft).map_err(|error| error.to_string());
    let placed = made.and_then(|()| match fs::hard_link(&draft, path) {
        // Another process was faster; its store is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        placed => placed.map_err(text),
    });
    let removed = fs::remove_file(&draft).map_err(text);
    placed.and(removed)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(text)
}

/// A new empty file that only its owner can read. SQLite gives its log the same permissions.
fn draft_beside(path: &Path) -> Result<PathBuf, String> {
    for attempt in 0..1000 {
        let draft = path.with_extension(format!("new-{}-{attempt}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft) {
            Ok(_) => return Ok(draft),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!("too many drafts of earlier starts lie beside {}; remove them", path.display()))
}

fn fill(draft: &Path) -> rusqlite::Result<()> {
    let connection = connect(draft)?;
    schema::create(&connection)?;
    // Set once, it stays with the file (SQLite documentation, "Write-Ahead Logging", section 3.3).
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)
}
