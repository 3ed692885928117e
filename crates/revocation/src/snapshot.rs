//! All that is revoked, in one signed document.
//!
//! Ids stand in blocks of 1024 sequences, sorted, each as the distance from the one before. `docs/PROTOCOL.md` says it
//! byte by byte.

use crate::chain::{Head, Position};
use crate::document::{Asked, BadDocument, BadEntries, DocumentTooLarge, ascending, claims, decode};
use crate::ids::{Block, BlockNumber, IdSet};
use crate::keys::DocumentSigner;
use crate::log::Log;
use crate::log_id::LogId;
use crate::minute::Minute;
use crate::sequence::Sequence;
use crate::set::RevokedSet;
use crate::wide::WideSet;
use crate::{varint, wide_records};
use chancery_token::UnixTime;
use chancery_token::encoding::base64url;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The `typ` of its header.
pub(crate) const TYP: &str = "chancery-rev-snapshot+jwt";

/// A snapshot that a key of the log signed. Only [`crate::RevocationKeys::open`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSnapshot {
    confirmed_at: UnixTime,
    position: Position,
    set: RevokedSet,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims<'p> {
    #[serde(borrow)]
    iss: Cow<'p, str>,
    iat: u64,
    log: LogId,
    sequence: Sequence,
    head: Head,
    floor: Sequence,
    count: u64,
    #[serde(borrow)]
    tokens: Cow<'p, str>,
    #[serde(borrow)]
    families: Cow<'p, str>,
    #[serde(borrow)]
    wide: Cow<'p, str>,
}

impl VerifiedSnapshot {
    /// The instant of the issuer's last successful look at the end of its log, `iat`.
    pub fn confirmed_at(&self) -> UnixTime {
        self.confirmed_at
    }

    /// Where the log stood.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What was revoked.
    pub fn set(&self) -> &RevokedSet {
        &self.set
    }

    pub(crate) fn read(payload: &[u8], asked: Asked<'_>) -> Result<Self, BadDocument> {
        let claims: Claims<'_> = claims(payload)?;
        let confirmed_at = asked.accept(&claims.iss, claims.iat)?;
        let Claims { log, sequence, head, floor, count, .. } = claims;
        ascending(&[floor, sequence])?;
        let last = BlockNumber::of(sequence);
        let tokens = read_blocks("tokens", &claims.tokens, last)?;
        let families = read_blocks("families", &claims.families, last)?;
        let held = tokens
            .values()
            .chain(families.values())
            .map(|block| u64::try_from(block.ids.len()).unwrap_or(u64::MAX))
            .sum();
        if held != count {
            return Err(BadEntries::Miscounted { announced: count, held }.into());
        }
        let wide = wide_records::read(&decode("wide", &claims.wide)?, Sequence::new(0), sequence)?;
        wide_records::in_order(&wide, |entry| entry.kill.wide().map(|(kind, name, _)| (kind, name)))?;
        let set = RevokedSet {
            applied: sequence,
            floor: Sequence::new(0),
            tokens: IdSet::from_blocks(tokens),
            families: IdSet::from_blocks(families),
            wide: WideSet::empty().with(wide.iter().map(|entry| (entry.sequence, entry.kill))),
        };
        Ok(Self { confirmed_at, position: Position { log, sequence, head }, set: set.above(floor) })
    }
}

impl DocumentSigner {
    /// Signs all that `log` publishes. `confirmed_at` is the instant of the last successful look at the end of the
    /// store's log.
    pub fn snapshot(&self, log: &Log, confirmed_at: UnixTime) -> Result<String, DocumentTooLarge> {
        let (position, set) = (*log.position(), log.published());
        let (tokens, families) = (set.tokens.blocks(), set.families.blocks());
        let count = tokens.values().chain(families.values()).map(|block| block.ids.len()).sum::<usize>();
        let mut wide = Vec::with_capacity(set.wide.len() * 25);
        set.wide.kills().for_each(|(at, kill)| wide_records::push(at, Sequence::new(0), &kill, &mut wide));
        let claims = Claims {
            iss: Cow::Borrowed(&self.issuer),
            iat: confirmed_at.as_secs(),
            log: position.log,
            sequence: position.sequence,
            head: position.head,
            floor: set.floor(),
            count: u64::try_from(count).unwrap_or(u64::MAX),
            tokens: base64url(&write_blocks(&tokens)).into(),
            families: base64url(&write_blocks(&families)).into(),
            wide: base64url(&wide).into(),
        };
        self.sign(TYP, &claims)
    }
}

fn write_blocks(blocks: &BTreeMap<BlockNumber, Block>) -> Vec<u8> {
    let mut out = Vec::with_capacity(blocks.values().map(|block| 16 + 9 * block.ids.len()).sum());
    let mut last_block = 0;
    for (number, block) in blocks {
        varint::push(number.get() - last_block, &mut out);
        last_block = number.get();
        varint::push(u64::try_from(block.ids.len()).unwrap_or(u64::MAX), &mut out);
        varint::push(u64::from(block.end.get()), &mut out);
        let mut last_id = 0;
        for id in &block.ids {
            varint::push(id - last_id, &mut out);
            last_id = *id;
        }
    }
    out
}

fn read_blocks(
    member: &'static str,
    text: &str,
    last: BlockNumber,
) -> Result<BTreeMap<BlockNumber, Block>, BadEntries> {
    let bytes = decode(member, text)?;
    let mut bytes = &bytes[..];
    let mut blocks = BTreeMap::new();
    let mut number = 0_u64;
    let malformed = BadEntries::Malformed { member };
    while !bytes.is_empty() {
        let step = varint::take(&mut bytes).ok_or(malformed)?;
        if step == 0 && !blocks.is_empty() {
            return Err(BadEntries::Duplicated { member });
        }
        number = number.checked_add(step).ok_or(BadEntries::OutOfRange { member })?;
        if number > last.get() {
            return Err(BadEntries::OutOfRange { member });
        }
        let count = varint::take(&mut bytes).filter(|count| *count > 0).ok_or(malformed)?;
        let end = varint::take(&mut bytes).and_then(|end| u32::try_from(end).ok()).ok_or(malformed)?;
        let ids = read_ids(member, &mut bytes, count)?;
        blocks.insert(BlockNumber::new(number), Block { end: Minute::new(end), ids });
    }
    Ok(blocks)
}

fn read_ids(member: &'static str, bytes: &mut &[u8], count: u64) -> Result<Vec<u64>, BadEntries> {
    // An id takes a byte at least, so what is announced beyond that is a lie that must not take memory.
    let room = usize::try_from(count).unwrap_or(usize::MAX).min(bytes.len());
    let mut ids: Vec<u64> = Vec::with_capacity(room);
    for _ in 0..count {
        let step = varint::take(bytes).ok_or(BadEntries::Malformed { member })?;
        let id = match ids.last() {
            None => step,
            Some(_) if step == 0 => return Err(BadEntries::Duplicated { member }),
            Some(last) => last.checked_add(step).ok_or(BadEntries::Unsorted { member })?,
        };
        ids.push(id);
    }
    Ok(ids)
}
