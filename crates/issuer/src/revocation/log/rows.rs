//! What is known of the rows in the store, so that they can be let go.

use chancery_revocation::{Entry, Head, Position, Sequence, Stored};
use chancery_token::UnixTime;
use std::collections::BTreeMap;

/// Rows go by blocks of a thousand (`chancery_revocation` forgets in the same pieces).
const BLOCK_BITS: u32 = 10;

/// The rows of one log.
#[derive(Debug)]
pub(super) struct Rows {
    /// Up to here all were looked through once.
    pub(super) anchor: (Sequence, Head),
    /// Those up to the anchor that were still needed. Of what another issuer looked through, those that it let stand
    /// are not among them, until the store is read anew.
    pub(super) loose: Vec<Entry>,
    /// When the store was read.
    pub(super) read_at: UnixTime,
    /// The chain at the end of each block after it.
    ends: BTreeMap<Sequence, Head>,
}

impl Rows {
    pub(super) fn of(stored: &Stored, now: UnixTime) -> Self {
        let (sequence, head) = stored.anchor;
        let (anchor, loose) = (stored.anchor, stored.loose.clone());
        let mut rows = Self { anchor, loose, read_at: now, ends: BTreeMap::new() };
        rows.follow(Position { sequence, head, ..stored.tail }, &stored.since);
        rows
    }

    /// Notes the chain at the ends of blocks among `entries`, which follow on `from`.
    pub(super) fn follow(&mut self, mut from: Position, entries: &[Entry]) {
        let Some(last_end) = entries.iter().rposition(|entry| is_end(entry.sequence)) else { return };
        for entry in entries.iter().take(last_end + 1) {
            let Some(next) = from.after(entry) else { return };
            from = next;
            if is_end(from.sequence) {
                self.ends.insert(from.sequence, from.head);
            }
        }
    }

    /// The same, where the chain was made already.
    pub(super) fn follow_chained(&mut self, entries: &[(Entry, Head)]) {
        let ends = entries.iter().filter(|(entry, _)| is_end(entry.sequence));
        self.ends.extend(ends.map(|(entry, head)| (entry.sequence, *head)));
    }

    /// The furthest end of a block up to `prunable_to`, if it lies after the anchor.
    pub(super) fn end_before(&self, prunable_to: Sequence) -> Option<(Sequence, Head)> {
        let (sequence, head) = self.ends.range(..=prunable_to).next_back()?;
        (*sequence > self.anchor.0).then_some((*sequence, *head))
    }

    /// Moves the anchor; `kept` are the rows up to there that are still needed.
    pub(super) fn anchored(&mut self, anchor: (Sequence, Head), kept: Vec<Entry>) {
        self.anchor = anchor;
        self.loose = kept;
        self.ends = self.ends.split_off(&anchor.0);
    }
}

/// Whether a block ends here.
fn is_end(sequence: Sequence) -> bool {
    sequence.next().get().trailing_zeros() >= BLOCK_BITS
}
