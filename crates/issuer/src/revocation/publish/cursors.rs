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
/// Whoever waited for news asks from one of so many places that were published last: those of a third of a second.
const LATEST: usize = 16;
/// From further behind, a snapshot is less work for both sides.
const FAR: u64 = 4096;

/// From where somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// From where everybody asks who follows.
    Latest,
    /// From a snapshot, from the beginning, or from the last places when much was appended since: few, and far behind.
    Landmark,
    /// From one of many places, and few ask from the same.
    Odd,
    /// Deltas do not begin here.
    Unknown,
}

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

    /// What `cursor` is in a log that stands at `at`.
    pub(super) fn place(&self, cursor: Sequence, at: Sequence) -> Place {
        let Some(distance) = at.get().checked_sub(cursor.get()) else { return Place::Unknown };
        let is_latest = cursor == at || self.recent.iter().rev().take(LATEST).any(|place| *place == cursor);
        if is_latest && distance <= FAR {
            Place::Latest
        } else if is_latest || cursor == self.start || self.snapshots.contains(&cursor) {
            Place::Landmark
        } else if distance <= NEAR || (distance <= FAR && self.recent.binary_search(&cursor).is_ok()) {
            Place::Odd
        } else {
            Place::Unknown
        }
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
        for place in 0..20 {
            cursors.published(at(6000 + place * 10));
        }
        for place in 0..20 {
            cursors.published(at(96_000 + place * 200));
        }
        cursors.published(at(100_000));
        cursors.published(at(100_000));
        cursors.snapshot_at(at(6500));
        let end = at(100_000);
        for (cursor, place) in [
            (100_000, Place::Latest),
            (99_800, Place::Latest),
            (97_000, Place::Latest),
            (96_800, Place::Odd),
            (96_000, Place::Odd),
            (98_976, Place::Odd),
            (99_999, Place::Odd),
            (6500, Place::Landmark),
            (1000, Place::Landmark),
            (98_975, Place::Unknown),
            (6000, Place::Unknown),
            (5000, Place::Unknown),
            (0, Place::Unknown),
            (100_001, Place::Unknown),
        ] {
            assert_eq!(cursors.place(at(cursor), end), place, "{cursor}");
        }
    }

    #[test]
    fn whoever_waited_while_very_much_was_appended_is_told_it_as_if_he_came_from_a_snapshot() {
        let mut cursors = Cursors::new(at(0), at(500));
        cursors.published(at(50_000));
        assert_eq!(cursors.place(at(500), at(50_000)), Place::Landmark);
    }

    #[test]
    fn places_are_so_many_and_the_oldest_go() {
        let mut cursors = Cursors::new(at(0), at(0));
        for place in 1..=2000 {
            cursors.published(at(place));
            cursors.snapshot_at(at(place));
        }
        assert_eq!((cursors.recent.len(), cursors.snapshots.len()), (RECENT, SNAPSHOTS));
        let end = at(4000);
        assert_eq!(
            [976, 977, 1984].map(|place| cursors.place(at(place), end)),
            [Place::Unknown, Place::Odd, Place::Odd]
        );
        let far = at(1_000_000);
        assert_eq!(
            [1984, 1985].map(|place| cursors.place(at(place), far)),
            [Place::Unknown, Place::Landmark]
        );
    }
}
