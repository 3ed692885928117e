//! The hash chain: one value that stands for everything that a log ever said.

use crate::entry::Entry;
use crate::log_id::LogId;
use crate::sequence::Sequence;
use chancery_token::encoding::{array_from_base64url, base64url};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt;

/// The chain after some entry. Two logs with the same head have said the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Head([u8; 32]);

impl Head {
    /// Before the first entry: `SHA-256("chancery-rev-log" 0x00 log start)`, the start as eight bytes.
    pub fn genesis(log: LogId, start: Sequence) -> Self {
        let hash = Sha256::new()
            .chain_update(b"chancery-rev-log\0")
            .chain_update(log.as_bytes())
            .chain_update(start.get().to_be_bytes());
        Self(hash.finalize().into())
    }

    /// After one more entry: `SHA-256("chancery-rev-entry" 0x00 head sequence bytes)`, with the canonical bytes of
    /// the entry.
    #[must_use = "the head that it was asked of stays as it is"]
    pub fn next(&self, entry: &Entry) -> Self {
        let hash = Sha256::new()
            .chain_update(b"chancery-rev-entry\0")
            .chain_update(self.0)
            .chain_update(entry.sequence.get().to_be_bytes())
            .chain_update(entry.to_bytes());
        Self(hash.finalize().into())
    }

    /// Wraps the 32 bytes of a store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 43 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        array_from_base64url(text).map(Self)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url(&self.0))
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({self})")
    }
}

impl serde::Serialize for Head {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Head {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a head has 43 characters of base64url"))
    }
}

/// A place in one log, with all that was said before: what stores compare and set, and what an issuer keeps on its
/// own disk to know a store that has lost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// The log.
    pub log: LogId,
    /// Its last entry, or its start while it has none.
    pub sequence: Sequence,
    /// The chain up to there.
    pub head: Head,
}

impl Position {
    /// Where a log begins.
    pub fn genesis(log: LogId, start: Sequence) -> Self {
        Self { log, sequence: start, head: Head::genesis(log, start) }
    }

    /// One entry further; `None` unless `entry` is the next one.
    pub fn after(&self, entry: &Entry) -> Option<Self> {
        let next = self.sequence.next();
        (entry.sequence == next && next > self.sequence).then(|| Self {
            sequence: next,
            head: self.head.next(entry),
            ..*self
        })
    }

    /// After all of `entries`; `None` unless each follows on the one before.
    pub fn after_all(&self, entries: &[Entry]) -> Option<Self> {
        entries.iter().try_fold(*self, |position, entry| position.after(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Kill;
    use chancery_token::{TokenId, UnixTime};

    fn entry(sequence: u64, id: u8) -> Entry {
        let kill = Kill::token(TokenId::from_bytes([id; 16]), UnixTime::from_secs(60));
        Entry { sequence: Sequence::new(sequence), kill }
    }

    fn start() -> Position {
        Position::genesis(LogId::from_bytes([7; 16]), Sequence::new(100))
    }

    #[test]
    fn everything_that_differs_shows_in_the_head() {
        let ends = [
            start(),
            Position::genesis(LogId::from_bytes([8; 16]), Sequence::new(100)),
            Position::genesis(LogId::from_bytes([7; 16]), Sequence::new(101)),
            start().after(&entry(101, 1)).unwrap(),
            start().after(&entry(101, 2)).unwrap(),
            start().after_all(&[entry(101, 1), entry(102, 2)]).unwrap(),
            start().after_all(&[entry(101, 2), entry(102, 1)]).unwrap(),
        ];
        for (at, end) in ends.iter().enumerate() {
            assert!(ends.iter().skip(at + 1).all(|other| other.head != end.head), "{at}");
        }
    }

    #[test]
    fn only_the_next_entry_follows() {
        for sequence in [0, 99, 100, 102, u64::MAX] {
            assert_eq!(start().after(&entry(sequence, 1)), None, "{sequence}");
        }
        let last = Position { sequence: Sequence::new(u64::MAX), ..start() };
        assert_eq!(last.after(&entry(u64::MAX, 1)), None);
    }

    #[test]
    fn a_head_is_what_any_sha_256_makes_of_the_bytes() {
        let mut bytes = b"chancery-rev-log\0".to_vec();
        bytes.extend([7; 16]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 100]);
        assert_eq!(start().head.as_bytes()[..], Sha256::digest(&bytes)[..]);
        let entry = entry(101, 1);
        let mut bytes = b"chancery-rev-entry\0".to_vec();
        bytes.extend(start().head.as_bytes());
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 101]);
        bytes.extend(entry.to_bytes());
        assert_eq!(start().after(&entry).unwrap().head.as_bytes()[..], Sha256::digest(&bytes)[..]);
    }

    #[test]
    fn a_position_survives_its_json() {
        let text = serde_json::to_string(&start()).unwrap();
        assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), start());
        assert!(serde_json::from_str::<Head>("\"AAAA\"").is_err());
    }
}
