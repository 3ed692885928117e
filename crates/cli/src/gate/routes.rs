//! The file of routes: what a guard's table serialises to.

use crate::exit::Exit;
use crate::failure::{Failure, Fault};
use chancery_catalog::{Route, RouteTable, RouteTableFault};
use chancery_verifier::Scope;
use chancery_verifier::gate::InvalidGate;
use chancery_verifier::guard::{Access, AtMost as _, METADATA_REASON, Row, public};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Far more than routes take: ten thousand of them have a megabyte. A file that grows without end is none of routes.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Why the routes of a file are not served. Whoever wrote the file is to blame.
#[derive(Debug)]
pub(super) enum BadRoutes {
    /// The operating system refuses.
    Unread { path: PathBuf, why: io::Error },
    /// Larger than a table of routes can be.
    TooLarge { path: PathBuf },
    /// No table of routes.
    Table(RouteTableFault),
    /// Rows that say something which no guard can hold; at least one.
    Rows { path: PathBuf, faults: Vec<String> },
    /// Rows that cannot be served together.
    Gate { path: PathBuf, why: InvalidGate },
}

impl BadRoutes {
    /// Stable name, for logs and documentation.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Unread { .. } => "routes_unreadable",
            Self::TooLarge { .. } => "routes_too_large",
            Self::Table(why) => why.reason(),
            Self::Rows { .. } | Self::Gate { .. } => "routes_refused",
        }
    }

    /// What is wrong, one by one.
    fn faults(&self) -> Vec<String> {
        match self {
            Self::Unread { .. } | Self::TooLarge { .. } | Self::Table(_) => Vec::new(),
            Self::Rows { faults, .. } => faults.clone(),
            Self::Gate { why, .. } => why.faults().iter().map(ToString::to_string).collect(),
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::Unread { path, .. }
            | Self::TooLarge { path }
            | Self::Rows { path, .. }
            | Self::Gate { path, .. } => Some(path),
            Self::Table(_) => None,
        }
    }
}

impl fmt::Display for BadRoutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread { path, why } => write!(f, "{}: the routes cannot be read: {why}", path.display()),
            Self::TooLarge { path } => {
                write!(f, "{}: it is larger than {MOST_BYTES} bytes, and no table of routes", path.display())
            }
            Self::Table(why) => write!(f, "{why}"),
            Self::Rows { path, .. } | Self::Gate { path, .. } => {
                for (at, fault) in self.faults().iter().enumerate() {
                    let newline = if at == 0 { "" } else { "\n" };
                    write!(f, "{newline}{}: {fault}", path.display())?;
                }
                Ok(())
            }
        }
    }
}

impl From<&BadRoutes> for Failure {
    fn from(why: &BadRoutes) -> Self {
        let file = why.path().map(|path| path.display().to_string());
        let faults =
            why.faults().into_iter().map(|detail| Fault { file: file.clone(), ..Fault::told(detail) });
        Self::new(Exit::Config, why.reason(), format!("the routes are refused:\n{why}"))
            .faults(faults)
            .fix("A service guarded in Rust writes the file itself; docs/guides/gate.md shows one by hand.")
    }
}

/// What stands in the file now.
pub(super) fn content(path: &Path) -> Result<Vec<u8>, BadRoutes> {
    use io::Read as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let unread = |why| BadRoutes::Unread { path: path.to_owned(), why };
    let mut content = Vec::new();
    // A pipe in its place would be waited for until somebody writes to it.
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(unread)?;
    if !file.metadata().map_err(unread)?.is_file() {
        return Err(unread(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")));
    }
    file.take(MOST_BYTES + 1).read_to_end(&mut content).map_err(unread)?;
    if u64::try_from(content.len()).is_ok_and(|bytes| bytes <= MOST_BYTES) {
        return Ok(content);
    }
    Err(BadRoutes::TooLarge { path: path.to_owned() })
}

/// The rows that it says.
pub(super) fn rows(path: &Path, content: &[u8]) -> Result<Vec<Row>, BadRoutes> {
    let unread = |why| BadRoutes::Unread {
        path: path.to_owned(),
        why: io::Error::new(io::ErrorKind::InvalidData, why),
    };
    let text = std::str::from_utf8(content).map_err(unread)?;
    let table = RouteTable::parse(text, &path.display().to_string()).map_err(BadRoutes::Table)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    // The gate serves the metadata of the resource itself, as the guard does that wrote the table.
    for route in table.routes().iter().filter(|route| route.public.as_deref() != Some(METADATA_REASON)) {
        match row(route) {
            Ok(row) => rows.push(row),
            Err(why) => faults.extend(why.into_iter().map(|why| format!("{route}: {why}"))),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(BadRoutes::Rows { path: path.to_owned(), faults }) }
}

fn row(route: &Route) -> Result<Row, Vec<String>> {
    let mut faults = Vec::new();
    let method = route.method.parse().map_err(|why| faults.push(format!("{why}"))).ok();
    let access = match &route.public {
        Some(_) if route.at_most.is_some() => {
            faults.push("it is public and says at_most; nothing of a token is looked at there".to_owned());
            None
        }
        Some(why) => Some(public(why.clone())),
        None => demanded(route, &mut faults),
    };
    match (method, access) {
        (Some(method), Some(access)) => Ok(Row { method, path: route.path.clone(), access }),
        (None, _) | (_, None) => Err(faults),
    }
}

fn demanded(route: &Route, faults: &mut Vec<String>) -> Option<Access> {
    let mut scopes = Vec::new();
    for text in &route.scopes {
        match text.parse::<Scope>() {
            Ok(scope) => scopes.push(scope),
            Err(why) => faults.push(format!("'{text}' is no scope: {why}")),
        }
    }
    if scopes.len() < route.scopes.len() {
        return None;
    }
    let access = Access::try_from(scopes).map_err(|why| faults.push(why.to_string())).ok()?;
    Some(match route.at_most {
        Some(seconds) => access.at_most(Duration::from_secs(seconds)),
        None => access,
    })
}
