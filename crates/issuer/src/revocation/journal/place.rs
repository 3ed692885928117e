//! The place that the log was seen at: one line of JSON.

use super::file;
use chancery_revocation::{Position, Sequence};
use std::io;
use std::path::Path;

/// The layout of [`Line`].
const VERSION: u32 = 1;

#[derive(serde::Serialize, serde::Deserialize)]
struct Line {
    v: u32,
    #[serde(flatten)]
    place: Place,
}

/// How far the log was seen.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Place {
    #[serde(flatten)]
    pub(super) position: Position,
    /// Whether something may have been appended behind it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) open: bool,
    /// Where it was found open by a later run: what was appended behind that, and acknowledged, nobody wrote down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cut_off: Option<Sequence>,
    /// Whose log it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<String>,
}

/// `None`: there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Place>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let not_ours =
        |why: String| io::Error::new(io::ErrorKind::InvalidData, format!("it is no journal: {why}"));
    let line: Line = serde_json::from_slice(&text).map_err(|error| not_ours(error.to_string()))?;
    if line.v == VERSION {
        Ok(Some(line.place))
    } else {
        Err(not_ours(format!("it has layout {}, and this version knows layout {VERSION}", line.v)))
    }
}

pub(super) fn write(path: &Path, place: &Place) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Line { v: VERSION, place: place.clone() })?;
    line.push(b'\n');
    file::replace(path, &line).map(drop)
}
