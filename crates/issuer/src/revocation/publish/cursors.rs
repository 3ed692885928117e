//! From which places deltas begin. Everybody who follows asks from one of a few, so that few documents are signed.

use chancery_revocation::Sequence;
use std::collections::VecDeque;

/// Places that were published and are remembered: at one every 20 ms, those of the last 20 seconds.
const RECENT: usize = 1024;
/// Snapshots whose places are remembered: caches and slow readers have old ones for a while.
const SNAPSHOTS: usize = 16;
/// Any place this close to the end is known, published here or not: another issuer of the same store publishes other
/// ones, and its followers may come here.
const NEAR: u64 = 1024;

/// The places of one log from which a delta may begin.
#[derive(Debug)]
pub(super) struct Cursors {
    start: Sequence,
    /// Ascending.
    recent: VecDeque<Sequence>,
    snapshots: VecDeque<Sequence>,
}

impl Cursors {
    /// Of a log that began at `start` and stands at `at`.
    pub(super) fn new(start: Sequence, at: Sequence) -> Self {
        Self { start, recent: VecDeque::from([at]), snapshots: VecDeque::new() }
    }

    pub(super) fn published(&mut self, at: Sequence) {
        push(&mut self.recent, at, RECENT);
    }

    pub(super) fn snapshot_at(&mut self, at: Sequence) {
        push(&mut self.snapshots, at, SNAPSHOTS);
    }

    /// Whether a delta may begin at `cursor`, in a log that stands at `at`.
    pub(super) fn hold(&self, cursor: Sequence, at: Sequence) -> bool {
        let is_near = at.get().checked_sub(cursor.get()).is_some_and(|distance| distance <= NEAR);
        is_near
            || cursor == self.start
            || self.recent.binary_search(&cursor).is_ok()
            || self.snapshots.contains(&cursor)
    }
}

fn push(places: &mut VecDeque<Sequence>, place: Sequence, most: usize) {
    if places.back().is_none_or(|last| *last < place) {
        places.push_back(place);
    }
    if places.len() > most {
        places.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64) -> Sequence {
        Sequence::new(number)
    }

    #[test]
    fn deltas_begin_at_published_places_at_snapshots_at_the_start_and_near_the_end() {
        let mut cursors = Cursors::new(at(1000), at(5000));
        for place in [6000, 7000, 7000, 100_000] {
            cursors.published(at(place));
        }
        cursors.snapshot_at(at(6500));
        let end = at(100_000);
        for known in [1000, 5000, 6000, 7000, 6500, 98_976, 99_999, 100_000] {
            assert!(cursors.hold(at(known), end), "{known}");
        }
        for unknown in [0, 999, 1001, 5001, 6501, 98_975, 100_001] {
            assert!(!cursors.hold(at(unknown), end), "{unknown}");
        }
    }

    #[test]
    fn places_are_so_many_and_the_oldest_go() {
        let mut cursors = Cursors::new(at(0), at(0));
        for place in 1..=2000 {
            cursors.published(at(place * 10));
            cursors.snapshot_at(at(place * 10 + 5));
        }
        assert_eq!((cursors.recent.len(), cursors.snapshots.len()), (RECENT, SNAPSHOTS));
        let end = at(1_000_000);
        assert!(!cursors.hold(at(9760), end) && cursors.hold(at(9770), end));
        assert!(!cursors.hold(at(19_845), end) && cursors.hold(at(19_855), end));
    }
}
