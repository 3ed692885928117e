//! Kills by name, as documents hold them: the code of the kind; the mark, unless it is `all`; the sequence; the end,
//! unless it is `key`. Sequence and end are numbers of their own length.

use crate::document::BadEntries;
use crate::entry::{Entry, Kill};
use crate::kind::Kind;
use crate::mark::NameMark;
use crate::minute::Minute;
use crate::sequence::Sequence;
use crate::varint;

const MEMBER: &str = "wide";

/// Appends a record; `sequence` counts from `base`. A kill by id has none.
pub(crate) fn push(sequence: Sequence, base: Sequence, kill: &Kill, out: &mut Vec<u8>) {
    let Some((kind, name, end)) = kill.wide() else { return };
    out.push(kind.code());
    if kind != Kind::All {
        out.extend_from_slice(name.as_bytes());
    }
    varint::push(sequence.get().saturating_sub(base.get()), out);
    if kind != Kind::Key {
        varint::push(u64::from(end.get()), out);
    }
}

/// Reads all records; sequences count from `base`, and none is above `last`.
pub(crate) fn read(mut bytes: &[u8], base: Sequence, last: Sequence) -> Result<Vec<Entry>, BadEntries> {
    let mut entries = Vec::with_capacity(bytes.len() / 20);
    while let Some((&code, rest)) = bytes.split_first() {
        let kind = Kind::from_code(code).ok_or(BadEntries::UnknownKind { code })?;
        bytes = rest;
        let (kill, steps) = record(kind, &mut bytes).ok_or(BadEntries::Malformed { member: MEMBER })?;
        let sequence = base.get().checked_add(steps).map(Sequence::new).filter(|sequence| *sequence <= last);
        entries.push(Entry { sequence: sequence.ok_or(BadEntries::OutOfRange { member: MEMBER })?, kill });
    }
    Ok(entries)
}

fn record(kind: Kind, bytes: &mut &[u8]) -> Option<(Kill, u64)> {
    let name = if kind == Kind::All {
        NameMark::NOBODY
    } else {
        let (name, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        NameMark::from_bytes(*name)
    };
    let steps = varint::take(bytes)?;
    let end =
        if kind == Kind::Key { Minute::MAX } else { Minute::new(u32::try_from(varint::take(bytes)?).ok()?) };
    Some((Kill::from_wide(kind, name, end)?, steps))
}

/// Refuses records that are not in ascending order of `order`.
pub(crate) fn in_order<O: Ord>(entries: &[Entry], order: impl Fn(&Entry) -> O) -> Result<(), BadEntries> {
    for pair in entries.windows(2) {
        if let [one, two] = pair {
            match order(one).cmp(&order(two)) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Err(BadEntries::Duplicated { member: MEMBER }),
                std::cmp::Ordering::Greater => return Err(BadEntries::Unsorted { member: MEMBER }),
            }
        }
    }
    Ok(())
}
