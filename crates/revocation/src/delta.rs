//! What was revoked since some place in the log, in one signed document. Nothing, in a heartbeat.
//!
//! The ids of tokens and families stand in one column, their ends in another: mixed, neither would compress.
//! `docs/PROTOCOL.md` says it byte by byte.

use crate::chain::{Head, Position};
use crate::document::{Asked, BadDocument, BadEntries, DocumentTooLarge, ascending, claims, decode};
use crate::entry::{Entry, Kill};
use crate::keys::DocumentSigner;
use crate::log_id::LogId;
use crate::mark::IdMark;
use crate::minute::Minute;
use crate::sequence::Sequence;
use crate::{varint, wide_records};
use chancery_token::UnixTime;
use chancery_token::encoding::base64url;
use std::borrow::Cow;

/// The `typ` of its header.
pub(crate) const TYP: &str = "chancery-rev-delta+jwt";

/// What was appended between two places of one log. Building one proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// Where the log stood.
    pub from: Position,
    /// Where it stands.
    pub to: Position,
    /// The lowest `rvs` that is accepted.
    pub floor: Sequence,
    /// Everything in between.
    pub entries: Vec<Entry>,
}

/// A delta that a key of the log signed and whose entries lead from its one end to the other. Only
/// [`crate::RevocationKeys::open`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedDelta {
    confirmed_at: UnixTime,
    delta: Delta,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims<'p> {
    #[serde(borrow)]
    iss: Cow<'p, str>,
    iat: u64,
    log: LogId,
    from: Sequence,
    to: Sequence,
    prev: Head,
    head: Head,
    floor: Sequence,
    #[serde(borrow)]
    ids: Cow<'p, str>,
    #[serde(borrow)]
    ends: Cow<'p, str>,
    #[serde(borrow)]
    wide: Cow<'p, str>,
}

impl VerifiedDelta {
    /// The instant of the issuer's last successful look at the end of its log, `iat`.
    pub fn confirmed_at(&self) -> UnixTime {
        self.confirmed_at
    }

    /// What it says.
    pub fn delta(&self) -> &Delta {
        &self.delta
    }

    pub(crate) fn read(payload: &[u8], asked: Asked<'_>) -> Result<Self, BadDocument> {
        let claims: Claims<'_> = claims(payload)?;
        let confirmed_at = asked.accept(&claims.iss, claims.iat)?;
        let Claims { log, from, to, prev, head, floor, .. } = claims;
        ascending(&[from, to])?;
        ascending(&[floor, to])?;
        let wide = wide_records::read(&decode("wide", &claims.wide)?, from, to)?;
        wide_records::in_order(&wide, |entry| entry.sequence)?;
        if wide.first().is_some_and(|first| first.sequence == from) {
            return Err(BadEntries::OutOfRange { member: "wide" }.into());
        }
        let ids = read_ids(&decode("ids", &claims.ids)?, &decode("ends", &claims.ends)?)?;
        let announced = to.get() - from.get();
        let held = u64::try_from(ids.len() + wide.len()).unwrap_or(u64::MAX);
        if held != announced {
            return Err(BadEntries::Miscounted { announced, held }.into());
        }
        let entries = in_sequence(from, ids, wide);
        let (from, to) = (Position { log, sequence: from, head: prev }, Position { log, sequence: to, head });
        if from.after_all(&entries) != Some(to) {
            return Err(BadDocument::ChainBroken);
        }
        Ok(Self { confirmed_at, delta: Delta { from, to, floor, entries } })
    }
}

/// Gives every sequence that no wide entry takes to the next id.
fn in_sequence(from: Sequence, ids: Vec<Kill>, wide: Vec<Entry>) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(ids.len() + wide.len());
    let (mut ids, mut wide) = (ids.into_iter(), wide.into_iter().peekable());
    let mut sequence = from;
    loop {
        sequence = sequence.next();
        let entry = match wide.next_if(|entry| entry.sequence == sequence) {
            Some(entry) => Some(entry),
            None => ids.next().map(|kill| Entry { sequence, kill }),
        };
        match entry {
            Some(entry) => entries.push(entry),
            None => return entries,
        }
    }
}

fn read_ids(ids: &[u8], ends: &[u8]) -> Result<Vec<Kill>, BadEntries> {
    let (ids, rest) = ids.as_chunks();
    if !rest.is_empty() {
        return Err(BadEntries::Malformed { member: "ids" });
    }
    let mut ends = Ends::over(ends);
    let kills: Vec<Kill> = ids
        .iter()
        .map(|id| ends.next_for(IdMark::new(u64::from_be_bytes(*id))))
        .collect::<Option<_>>()
        .ok_or(BadEntries::Malformed { member: "ends" })?;
    if ends.bytes.is_empty() { Ok(kills) } else { Err(BadEntries::Malformed { member: "ends" }) }
}

/// The column of ends: for each id a number whose lowest bit says that it is a family's, and whose other bits the
/// distance from the end of the id of that kind before, its sign folded in.
struct Ends<'b> {
    bytes: &'b [u8],
    tokens: i64,
    families: i64,
}

impl<'b> Ends<'b> {
    fn over(bytes: &'b [u8]) -> Self {
        Self { bytes, tokens: 0, families: 0 }
    }

    fn next_for(&mut self, id: IdMark) -> Option<Kill> {
        let number = varint::take(&mut self.bytes)?;
        let is_family = number & 1 == 1;
        let last = if is_family { &mut self.families } else { &mut self.tokens };
        *last = last.checked_add(varint::unfold_sign(number >> 1))?;
        let end = Minute::new(u32::try_from(*last).ok()?);
        Some(if is_family { Kill::Family { sid: id, end } } else { Kill::Token { jti: id, end } })
    }
}

fn write_ids(entries: &[Entry]) -> (Vec<u8>, Vec<u8>) {
    let (mut ids, mut ends) = (Vec::with_capacity(entries.len() * 8), Vec::with_capacity(entries.len() * 2));
    let (mut tokens, mut families) = (0, 0);
    for entry in entries {
        let (id, end, last, is_family) = match entry.kill {
            Kill::Token { jti, end } => (jti, end, &mut tokens, 0),
            Kill::Family { sid, end } => (sid, end, &mut families, 1),
            _ => continue,
        };
        ids.extend_from_slice(&id.get().to_be_bytes());
        let end = i64::from(end.get());
        varint::push((varint::fold_sign(end - *last) << 1) | is_family, &mut ends);
        *last = end;
    }
    (ids, ends)
}

impl DocumentSigner {
    /// Signs `delta`; one without entries is a heartbeat. `confirmed_at` is the instant of the last successful look at
    /// the end of the store's log.
    pub fn delta(&self, delta: &Delta, confirmed_at: UnixTime) -> Result<String, DocumentTooLarge> {
        let Delta { from, to, floor, entries } = delta;
        let (ids, ends) = write_ids(entries);
        let mut wide = Vec::new();
        for entry in entries {
            wide_records::push(entry.sequence, from.sequence, &entry.kill, &mut wide);
        }
        let claims = Claims {
            iss: Cow::Borrowed(&self.issuer),
            iat: confirmed_at.as_secs(),
            log: to.log,
            from: from.sequence,
            to: to.sequence,
            prev: from.head,
            head: to.head,
            floor: *floor,
            ids: base64url(&ids).into(),
            ends: base64url(&ends).into(),
            wide: base64url(&wide).into(),
        };
        self.sign(TYP, &claims)
    }
}
