//! What is known of the log, as lines: a head with what was known at one time, then what was appended since.
//!
//! Every piece that is added ends with the place that it leads to. What a crash cut off behind the last such line is
//! passed over.

use super::file;
use chancery_revocation::{Entry, Head, Log, LogId, Position, Retention, Sequence, Stored};
use chancery_token::UnixTime;
use chancery_token::encoding::{base64url, from_base64url};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::{File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The layout of the file.
const VERSION: u32 = 1;
/// Entries that the first part knows one by one, so that other branches of the log are told from this one.
const REMEMBERED: u64 = 4096;
/// So much may be added before all is written anew.
const ADDED: usize = 16_384;

/// What stands in the first line.
#[derive(serde::Serialize, serde::Deserialize)]
struct Beginning {
    v: u32,
    log: LogId,
    start: Sequence,
    floor: Sequence,
    anchor: (Sequence, Head),
    marks: Vec<(UnixTime, Sequence)>,
    loose: usize,
    /// Over the lines of the loose entries.
    sha256: String,
}

/// The file, and what is in it.
#[derive(Debug)]
pub(super) struct KeptFile {
    path: PathBuf,
    /// Where the file leads, and which one it is, once this process has written it. Another process may write another.
    left: Option<(Position, FileId)>,
    /// Lines of the first part, and those that were added.
    rows: (usize, usize),
}

/// Which file it is, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
    length: u64,
}

impl FileId {
    fn of(file: &Metadata) -> Self {
        Self { device: file.dev(), inode: file.ino(), length: file.len() }
    }
}

impl KeptFile {
    pub(super) fn beside(journal: &Path) -> Self {
        let mut path = journal.as_os_str().to_owned();
        path.push(".kept");
        Self { path: path.into(), left: None, rows: (0, 0) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it leads there, as this process left it.
    pub(super) fn is_at(&self, position: &Position) -> bool {
        let now = || std::fs::symlink_metadata(&self.path).map(|file| FileId::of(&file)).ok();
        self.left.is_some_and(|(at, file)| at == *position && now() == Some(file))
    }

    pub(super) fn write(&mut self, log: &Log) -> io::Result<()> {
        let (first, added) = self.rows;
        let of_this_log =
            self.left.filter(|(at, _)| at.log == log.position().log && added <= ADDED.max(first));
        // Until it is done nobody knows how the file ends.
        self.left = None;
        if let Some((at, left)) = of_this_log
            && let Some(delta) = log.since(at.sequence).filter(|delta| delta.from == at)
            && let Some(file) = self.as_left(left)
        {
            return self.add(file, &delta.entries, log.position());
        }
        self.begin(log)
    }

    /// The file, if it still is what this process left.
    fn as_left(&self, left: FileId) -> Option<File> {
        let file = file::options().append(true).open(&self.path).ok()?;
        (FileId::of(&file.metadata().ok()?) == left).then_some(file)
    }

    fn add(&mut self, mut file: File, entries: &[Entry], to: &Position) -> io::Result<()> {
        let mut text = lines(entries);
        end_of_piece(&mut text, to);
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        self.left = Some((*to, FileId::of(&file.metadata()?)));
        self.rows.1 += entries.len();
        Ok(())
    }

    fn begin(&mut self, log: &Log) -> io::Result<()> {
        let tail = *log.position();
        let recent = Sequence::new(tail.sequence.get().saturating_sub(REMEMBERED)).max(log.start());
        let (anchor, since) = match log.since(recent) {
            Some(delta) => ((delta.from.sequence, delta.from.head), delta.entries),
            None => ((tail.sequence, tail.head), Vec::new()),
        };
        let is_token = |entry: &Entry| matches!(entry.kill, chancery_revocation::Kill::Token { .. });
        let mut loose: Vec<Entry> = log.published().entries().into_iter().filter(is_token).collect();
        loose.extend(log.kept().entries());
        let rows = lines(&loose);
        let beginning = Beginning {
            v: VERSION,
            log: tail.log,
            start: log.start(),
            floor: log.floor(),
            anchor,
            marks: log.marks().collect(),
            loose: loose.len(),
            sha256: base64url(&Sha256::digest(&rows)),
        };
        let mut text = serde_json::to_string(&beginning)?;
        text.push('\n');
        text.push_str(&rows);
        text.push_str(&lines(&since));
        end_of_piece(&mut text, &tail);
        let written = file::replace(&self.path, text.as_bytes())?;
        self.left = Some((tail, FileId::of(&written)));
        self.rows = (loose.len() + since.len(), 0);
        Ok(())
    }

    /// The log as far as the file leads; `None` when there is none, or it cannot be read.
    pub(super) fn read(&self, retention: Retention) -> Option<Log> {
        let text = String::from_utf8(std::fs::read(&self.path).ok()?).ok()?;
        Log::resume(stored(&text)?, retention).ok()
    }
}

/// One line for each.
fn lines(entries: &[Entry]) -> String {
    let mut text = String::with_capacity(48 * entries.len());
    for entry in entries {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {}", entry.sequence, base64url(&entry.to_bytes()));
    }
    text
}

fn end_of_piece(text: &mut String, at: &Position) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "= {} {}", at.sequence, at.head);
}

fn stored(text: &str) -> Option<Stored> {
    let (first, rest) = text.split_once('\n')?;
    let beginning: Beginning = serde_json::from_str(first).ok().filter(|it: &Beginning| it.v == VERSION)?;
    let (mut loose, mut at) = (Vec::with_capacity(beginning.loose.min(rest.len())), 0);
    for line in rest.split_inclusive('\n').take(beginning.loose) {
        loose.push(entry(line.trim_end_matches('\n'))?);
        at += line.len();
    }
    let (loose_text, rest) = rest.split_at_checked(at)?;
    if base64url(&Sha256::digest(loose_text)) != beginning.sha256 {
        return None;
    }
    let (sequence, head) = beginning.anchor;
    let mut tail = Position { log: beginning.log, sequence, head };
    let (mut since, mut piece) = (Vec::new(), Vec::new());
    // The last line counts only with its end.
    for line in rest.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        match line.strip_prefix("= ") {
            None => match entry(line) {
                Some(entry) => piece.push(entry),
                None => break,
            },
            Some(place) => match tail.after_all(&piece) {
                Some(reached) if place == format!("{} {}", reached.sequence, reached.head) => {
                    since.append(&mut piece);
                    tail = reached;
                }
                _ => break,
            },
        }
    }
    let Beginning { start, floor, anchor, marks, .. } = beginning;
    Some(Stored { start, floor, anchor, loose, since, tail, marks })
}

fn entry(line: &str) -> Option<Entry> {
    let (sequence, bytes) = line.split_once(' ')?;
    let sequence = Sequence::new(sequence.parse().ok()?);
    Entry::from_bytes(sequence, &from_base64url(bytes)?).ok()
}
