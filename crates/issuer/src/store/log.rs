//! The revocation log as a store keeps it. What it means is decided elsewhere; here it is rows and a place.

use super::StoreFault;
use chancery_revocation::{BadEntry, Entry, Head, LogId, Position, Sequence, Stored};
use chancery_token::UnixTime;

/// Why entries were not appended. Nothing was, unless the fault leaves it in doubt ([`StoreFault::leaves_in_doubt`]), or
/// the store would not keep it ([`StoreFault::NotDurable`]): then it may be there, and nobody may count on it yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendLogError {
    /// The log does not end where the writer thought: another issuer was faster, or the store lost something.
    #[error("the revocation log does not end where it did: look at it and try again")]
    Moved {
        /// Where it ends; `None`: there is no log.
        tail: Option<Position>,
    },
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// What leaves a log when it is pruned, and what stays to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trim {
    /// Rows up to and with this one need not follow one on another any more: its sequence and the head after it. A
    /// store keeps the furthest one that it was given.
    pub anchor: (Sequence, Head),
    /// Rows at or before the anchor that are to go.
    pub drop: Vec<Entry>,
    /// The floor. A store keeps the highest one that it was given.
    pub floor: Sequence,
    /// Which sequence was current when, in the place of what is stored.
    pub marks: Vec<(UnixTime, Sequence)>,
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) sequence: Sequence,
    pub(super) entry: Vec<u8>,
}

impl Row {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { sequence: entry.sequence, entry: entry.to_bytes() }
    }

    /// The rows of a whole log, in order, each once.
    pub(super) fn all_of(log: &Stored) -> Result<Vec<Self>, StoreFault> {
        let misplaced = log.loose.iter().any(|entry| entry.sequence > log.anchor.0)
            || log.since.iter().any(|entry| entry.sequence <= log.anchor.0);
        if misplaced {
            return Err(corrupt("an entry of the revocation log stands on the wrong side of its anchor"));
        }
        let mut rows: Vec<Self> = log.loose.iter().chain(&log.since).map(Self::of).collect();
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    pub(super) fn read(&self) -> Result<Entry, StoreFault> {
        Entry::from_bytes(self.sequence, &self.entry).map_err(|bad| match bad {
            BadEntry::UnknownKind { code } => StoreFault::EntryUnknown { sequence: self.sequence, code },
            bad @ (BadEntry::Length { .. } | BadEntry::Empty) => {
                corrupt(&format!("at sequence {} of the revocation log {bad}", self.sequence))
            }
        })
    }
}

pub(super) fn log_id(bytes: &[u8]) -> Result<LogId, StoreFault> {
    let id =
        bytes.try_into().map_err(|_| corrupt("the name of the revocation log does not have 16 bytes"))?;
    Ok(LogId::from_bytes(id))
}

pub(super) fn head(bytes: &[u8]) -> Result<Head, StoreFault> {
    let head =
        bytes.try_into().map_err(|_| corrupt("a head of the revocation log does not have 32 bytes"))?;
    Ok(Head::from_bytes(head))
}

pub(super) fn corrupt(detail: &str) -> StoreFault {
    StoreFault::Corrupt { detail: detail.to_owned() }
}
