//! What deltas from other places than the last ones may cost: anybody may ask for them, and each is signed for one.

use super::edition::Edition;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Deltas from places far behind are of an edition that is this old at most: how many there are does not grow with how
/// often the log moves.
const KEPT_FOR: Duration = Duration::from_secs(1);
/// Entries in deltas from odd places, within each second: to sign and compress them takes a tenth of that.
const ENTRIES: u64 = 256 * 1024;
/// What a delta without entries costs, in entries.
const LEAST: u64 = 64;

#[derive(Debug)]
pub(super) struct Thrift {
    kept: Option<(Arc<Edition>, Instant)>,
    /// When the second began in which so many entries were given.
    began: Instant,
    given: u64,
}

impl Thrift {
    pub(super) fn new(now: Instant) -> Self {
        Self { kept: None, began: now, given: 0 }
    }

    /// Whether one more delta of so many entries may be made for somebody at an odd place.
    pub(super) fn affords(&mut self, entries: u64, now: Instant) -> bool {
        if now.saturating_duration_since(self.began) >= Duration::from_secs(1) {
            (self.began, self.given) = (now, 0);
        }
        let given = self.given.saturating_add(entries).saturating_add(LEAST);
        let affords = given <= ENTRIES;
        if affords {
            self.given = given;
        }
        affords
    }

    /// An edition that has something after `cursor`, not always the last one.
    pub(super) fn unhurried(
        &mut self,
        last: &Arc<Edition>,
        cursor: chancery_revocation::Sequence,
        now: Instant,
    ) -> Arc<Edition> {
        let serves = |kept: &Edition| {
            // A key may be gone because a thief has it.
            kept.position().log == last.position().log
                && kept.kid() == last.kid()
                && kept.position().sequence > cursor
        };
        match &self.kept {
            Some((kept, since)) if now.saturating_duration_since(*since) < KEPT_FOR && serves(kept) => {
                Arc::clone(kept)
            }
            _ => {
                self.kept = Some((Arc::clone(last), now));
                Arc::clone(last)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_entries_are_given_within_a_second() {
        let now = Instant::now();
        let mut thrift = Thrift::new(now);
        let deep = (0..1000).filter(|_| thrift.affords(4096, now)).count();
        assert_eq!(deep, 63, "of 4096 entries and what a delta costs by itself");
        let later = now + Duration::from_secs(1);
        let shallow = (0..10_000).filter(|_| thrift.affords(0, later)).count();
        assert_eq!(shallow, 4096);
        assert!(!thrift.affords(u64::MAX, later + Duration::from_secs(1)));
    }
}
