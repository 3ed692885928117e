//! Proofs that were seen (RFC 9449 section 11.1), bounded by bytes and by time.

use chancery_token::UnixTime;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many parts, each with a lock of its own: requests hardly ever wait for each other.
const PARTS: usize = 16;
/// Of the name of a proof so many bytes are kept: nobody makes another one with the same, and whoever could would be
/// refused for it.
const KEPT: usize = 16;
/// What one place takes in a table of the standard library: the bytes, and one to find them by.
const PLACE: usize = KEPT + 1;

/// Remembers each proof for a span at least, and for two at most.
pub(super) struct Replays {
    parts: [Mutex<Part>; PARTS],
    span: Duration,
    /// Most proofs in one generation of one part.
    most: usize,
}

#[derive(Default)]
struct Part {
    current: HashSet<[u8; KEPT]>,
    before: HashSet<[u8; KEPT]>,
    since: Option<UnixTime>,
}

/// What is known of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    /// It was never seen, and is remembered from now on.
    First,
    /// It was seen before.
    Again,
    /// There is no room to remember it, so nobody could say the next time.
    Full,
}

impl Replays {
    /// For proofs that stay acceptable for `span` at most, in so many bytes.
    pub(super) fn new(span: Duration, bytes: usize) -> Self {
        // A table has a power of two of places, and fills seven of eight. The power below, so that it stays within.
        let places = bytes / (PARTS * 2 * PLACE);
        let places = if places.is_power_of_two() { places } else { places.next_power_of_two() / 2 };
        Self { parts: Default::default(), span, most: (places / 8 * 7).max(1) }
    }

    pub(super) fn see(&self, id: &[u8; 32], now: UnixTime) -> Sighting {
        let part = self.parts.get(usize::from(id[31]) % PARTS).unwrap_or(&self.parts[0]);
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        part.turn(self.span, now);
        let kept: [u8; KEPT] = std::array::from_fn(|at| id[at]);
        if part.before.contains(&kept) || part.current.contains(&kept) {
            Sighting::Again
        } else if part.current.len() >= self.most {
            Sighting::Full
        } else {
            part.current.insert(kept);
            Sighting::First
        }
    }
}

impl Part {
    /// A clock that is set back lets everything stay for longer; one that is set ahead has made what goes too old.
    fn turn(&mut self, span: Duration, now: UnixTime) {
        let since = *self.since.get_or_insert(now);
        if now <= since.plus(span) {
            return;
        }
        let old = std::mem::take(&mut self.current);
        self.before = if now > since.plus(2 * span) { HashSet::new() } else { old };
        self.since = Some(now);
    }
}

impl fmt::Debug for Replays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replays")
            .field("span", &self.span)
            .field("most", &(self.most * PARTS))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
    const SPAN: Duration = Duration::from_secs(121);

    fn id(number: u64) -> [u8; 32] {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        id[31] = u8::try_from(number % 256).unwrap();
        id
    }

    fn after(secs: u64) -> UnixTime {
        NOW.plus(Duration::from_secs(secs))
    }

    #[test]
    fn what_was_seen_is_seen_again_for_as_long_as_it_could_be_shown() {
        let replays = Replays::new(SPAN, 1 << 20);
        assert_eq!(replays.see(&id(1), NOW), Sighting::First);
        assert_eq!(replays.see(&id(2), NOW), Sighting::First);
        for later in [0, 1, 60, 121] {
            assert_eq!(replays.see(&id(1), after(later)), Sighting::Again, "{later}");
        }
        // The other parts do not turn with this one, and this one forgets after two spans.
        assert_eq!(replays.see(&id(1), after(1000)), Sighting::First);
    }

    #[test]
    fn there_is_room_for_what_was_promised_and_no_more() {
        let replays = Replays::new(SPAN, PARTS * 2 * PLACE * 64);
        let first = (0..100_000).filter(|number| replays.see(&id(*number), NOW) == Sighting::First).count();
        assert_eq!(first, PARTS * 56);
        let places = |set: &HashSet<_>| (set.capacity() * 8 / 7).next_power_of_two() * PLACE;
        let bytes: usize = replays.parts.iter().map(|part| places(&part.lock().unwrap().current)).sum();
        assert!(bytes <= PARTS * PLACE * 64, "{bytes}");
        // Somebody who was seen is known for a replay even then, and time makes room.
        assert_eq!(replays.see(&id(0), NOW), Sighting::Again);
        assert_eq!(replays.see(&id(99_999), NOW), Sighting::Full);
        assert_eq!(replays.see(&id(99_999), after(122)), Sighting::First);
    }

    proptest! {
        #[test]
        fn nothing_is_forgotten_within_its_span_whatever_the_order(
            steps in proptest::collection::vec((0..20_u64, 0..50_u64), 1..200),
        ) {
            let replays = Replays::new(SPAN, 1 << 20);
            let (mut now, mut last) = (0, BTreeMap::new());
            for (number, wait) in steps {
                now += wait;
                let sighting = replays.see(&id(number), after(now));
                if let Some(first) = last.get(&number).filter(|first| now - **first <= SPAN.as_secs()) {
                    prop_assert_eq!(sighting, Sighting::Again, "seen {} s ago", now - first);
                }
                if sighting == Sighting::First {
                    last.insert(number, now);
                }
            }
        }
    }
}
