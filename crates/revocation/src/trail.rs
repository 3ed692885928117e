//! The last entries of a log, one by one.

use crate::chain::Head;
use crate::entry::Entry;
use crate::sequence::Sequence;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// How many entries are remembered, to tell followers that are not far behind: at a thousand a second, the last minute.
/// Others take the snapshot.
const REMEMBERED: usize = 1 << 16;
/// They are kept in pieces, of which all but the last are shared between a log and those that it grew from.
const PIECE: usize = 1 << 10;

/// Entries without a gap, each with the chain after it.
#[derive(Clone)]
pub(crate) struct Trail {
    /// Before the first of them.
    from: (Sequence, Head),
    pieces: VecDeque<Arc<[(Entry, Head)]>>,
    last: Vec<(Entry, Head)>,
}

impl Trail {
    pub(crate) fn from(sequence: Sequence, head: Head) -> Self {
        Self { from: (sequence, head), pieces: VecDeque::new(), last: Vec::new() }
    }

    /// Appends what follows on its end.
    pub(crate) fn extend(&mut self, entries: &[(Entry, Head)]) {
        for entry in entries {
            self.last.push(*entry);
            if self.last.len() == PIECE {
                self.pieces.push_back(std::mem::take(&mut self.last).into());
            }
        }
        while self.pieces.len() > REMEMBERED / PIECE {
            let forgotten = self.pieces.pop_front();
            if let Some((entry, head)) = forgotten.as_deref().and_then(<[_]>::last) {
                self.from = (entry.sequence, *head);
            }
        }
    }

    /// The chain up to `sequence`; `None` when that is forgotten, or has not happened.
    pub(crate) fn head_at(&self, sequence: Sequence) -> Option<Head> {
        let (first, head) = self.from;
        match self.position(sequence)?.checked_sub(1) {
            None => (sequence == first).then_some(head),
            Some(at) => self.get(at).map(|(_, head)| *head),
        }
    }

    /// The entries after `sequence`.
    pub(crate) fn after(&self, sequence: Sequence) -> Vec<Entry> {
        let from = self.position(sequence).unwrap_or(0);
        let pieces = self.pieces.iter().skip(from / PIECE).flat_map(|piece| piece.iter());
        let skipped =
            if from / PIECE < self.pieces.len() { from % PIECE } else { from - self.pieces.len() * PIECE };
        pieces.chain(&self.last).skip(skipped).map(|(entry, _)| *entry).collect()
    }

    /// The oldest place that it can tell of.
    pub(crate) fn oldest(&self) -> Sequence {
        self.from.0
    }

    /// How many entries lie between its beginning and the one after `sequence`.
    fn position(&self, sequence: Sequence) -> Option<usize> {
        usize::try_from(sequence.get().checked_sub(self.from.0.get())?).ok()
    }

    fn get(&self, at: usize) -> Option<&(Entry, Head)> {
        match self.pieces.get(at / PIECE) {
            Some(piece) => piece.get(at % PIECE),
            None => self.last.get(at - self.pieces.len() * PIECE),
        }
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trail({} entries after {})", self.pieces.len() * PIECE + self.last.len(), self.from.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Position;
    use crate::entry::Kill;
    use crate::log_id::LogId;
    use chancery_token::{TokenId, UnixTime};

    fn entries(from: u64, count: u64) -> Vec<(Entry, Head)> {
        let kill = Kill::token(TokenId::from_bytes([1; 16]), UnixTime::from_secs(60));
        let mut head = Position::genesis(LogId::from_bytes([7; 16]), Sequence::new(from)).head;
        (from + 1..=from + count)
            .map(|sequence| {
                let entry = Entry { sequence: Sequence::new(sequence), kill };
                head = head.next(&entry);
                (entry, head)
            })
            .collect()
    }

    fn sequences(entries: &[Entry]) -> Vec<u64> {
        entries.iter().map(|entry| entry.sequence.get()).collect()
    }

    #[test]
    fn it_tells_what_follows_on_every_place_that_it_remembers() {
        let all = entries(100, 2 * 1024 + 100);
        let genesis = Position::genesis(LogId::from_bytes([7; 16]), Sequence::new(100)).head;
        let mut trail = Trail::from(Sequence::new(100), genesis);
        for some in all.chunks(333) {
            trail.extend(some);
        }
        assert_eq!(trail.head_at(Sequence::new(100)), Some(genesis));
        for (at, (entry, head)) in all.iter().enumerate() {
            assert_eq!(trail.head_at(entry.sequence), Some(*head));
            if at % 97 == 0 || at > 2040 {
                let expected: Vec<u64> = (entry.sequence.get() + 1..=100 + 2 * 1024 + 100).collect();
                assert_eq!(sequences(&trail.after(entry.sequence)), expected, "{at}");
            }
        }
        assert_eq!(sequences(&trail.after(Sequence::new(100))).len(), all.len());
        for unknown in [0, 99, 100 + 2 * 1024 + 101, u64::MAX] {
            assert_eq!(trail.head_at(Sequence::new(unknown)), None, "{unknown}");
        }
    }

    #[test]
    fn it_remembers_so_many_and_forgets_the_oldest() {
        let count = u64::try_from(REMEMBERED + 3 * PIECE).unwrap();
        let all = entries(0, count);
        let mut trail = Trail::from(Sequence::new(0), all[0].1);
        trail.extend(&all);
        let forgotten = u64::try_from(3 * PIECE).unwrap();
        assert_eq!(trail.oldest(), Sequence::new(forgotten));
        assert_eq!(trail.head_at(Sequence::new(forgotten - 1)), None);
        assert_eq!(trail.head_at(Sequence::new(forgotten)), Some(all[3 * PIECE - 1].1));
        assert_eq!(trail.after(Sequence::new(forgotten)).len(), REMEMBERED);
    }
}
