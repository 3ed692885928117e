//! How long entries are needed, and from which sequence on tokens are accepted.
//!
//! The floor is the sequence that was current so long ago that no token of that time can be alive. Verifiers refuse
//! what was issued below it, and because they do, they may forget the entries there. So forgetting depends on sequences
//! alone: a verifier whose clock jumps forward and back forgets nothing that it still needs.

use crate::entry::{Entry, Kill};
use crate::minute::Minute;
use crate::sequence::Sequence;
use chancery_token::UnixTime;
use std::collections::VecDeque;
use std::time::Duration;

/// Marks stand at least this far apart. A floor may lag by so much; that costs some entries, and nothing else.
const APART: Duration = Duration::from_secs(30);

/// How long things live. An honest token is alive for at most [`Retention::window`] after its `rvs` was current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The longest life of an access token.
    pub longest_access: Duration,
    /// How long an issuer goes on issuing without having seen the end of the log.
    pub max_blind: Duration,
    /// How far the clocks of issuers and verifiers may differ, the leeway of verifiers included.
    pub skew: Duration,
    /// The longest life of a refresh family.
    pub longest_family: Duration,
}

impl Retention {
    /// From when a sequence is current until the last honest token of that time is dead.
    pub fn window(&self) -> Duration {
        self.longest_access.saturating_add(self.max_blind).saturating_add(self.skew)
    }

    /// When no family that lives at `now` can live any more: the end of a family entry and of a wide one.
    pub fn family_end(&self, now: UnixTime) -> UnixTime {
        now.plus(self.longest_family).plus(self.skew)
    }

    /// Whether a store still needs an entry when it prunes up to [`crate::Log::prunable_to`]: all that come later; of
    /// the others what may end a family, until its end, and keys for ever.
    pub fn keeps(entry: &Entry, prunable_to: Sequence, now: UnixTime) -> bool {
        let ends_families = !matches!(entry.kill, Kill::Token { .. });
        let lives = entry.kill.end().is_none_or(|end| end > Minute::at_or_after(now));
        entry.sequence > prunable_to || (ends_families && lives)
    }
}

/// Which sequence was current when, as far back as the floor needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// In ascending order of both.
    marks: VecDeque<(UnixTime, Sequence)>,
}

impl Timeline {
    /// Marks that were kept, in any order. Of marks that contradict each other the earlier sequence wins: a floor that
    /// is too low refuses nobody.
    pub(crate) fn of(marks: impl IntoIterator<Item = (UnixTime, Sequence)>) -> Self {
        let mut sorted: Vec<_> = marks.into_iter().collect();
        sorted.sort_unstable();
        let mut lowest = Sequence::new(u64::MAX);
        for (_, sequence) in sorted.iter_mut().rev() {
            lowest = lowest.min(*sequence);
            *sequence = lowest;
        }
        Self { marks: sorted.into() }
    }

    /// Notes that `sequence` is current at `now`. A clock that was set back does not change what was noted before.
    pub(crate) fn note(&mut self, now: UnixTime, sequence: Sequence, window: Duration) {
        let last = self.marks.back().copied();
        let is_due = last.is_none_or(|(at, known)| now >= at.plus(APART) && sequence >= known);
        if is_due {
            self.marks.push_back((now, sequence));
        }
        // The last mark before the window still says what was current at its beginning.
        while self.marks.get(1).is_some_and(|(at, _)| *at <= now.minus(window)) {
            self.marks.pop_front();
        }
    }

    /// The latest sequence that is known to have been current at `time`.
    pub(crate) fn current_at(&self, time: UnixTime) -> Option<Sequence> {
        let before = self.marks.partition_point(|(at, _)| *at <= time);
        self.marks.get(before.checked_sub(1)?).map(|(_, sequence)| *sequence)
    }

    pub(crate) fn marks(&self) -> impl Iterator<Item = (UnixTime, Sequence)> + '_ {
        self.marks.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::{FamilyId, TokenId};

    const WINDOW: Duration = Duration::from_mins(10);

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    fn noted(marks: &[(u64, u64)]) -> Timeline {
        let mut timeline = Timeline::default();
        for (time, sequence) in marks {
            timeline.note(at(*time), Sequence::new(*sequence), WINDOW);
        }
        timeline
    }

    #[test]
    fn what_was_current_is_the_last_mark_at_or_before() {
        let timeline = noted(&[(1000, 5), (1100, 7), (1200, 7), (1300, 9)]);
        for (time, sequence) in
            [(999, None), (1000, Some(5)), (1099, Some(5)), (1100, Some(7)), (1299, Some(7)), (9999, Some(9))]
        {
            assert_eq!(timeline.current_at(at(time)).map(Sequence::get), sequence, "{time}");
        }
    }

    #[test]
    fn marks_are_as_many_as_the_window_needs() {
        let timeline = noted(&(0..10_000).map(|second| (1000 + second, second)).collect::<Vec<_>>());
        assert!(timeline.marks().count() <= 22, "{}", timeline.marks().count());
        let oldest = timeline.current_at(at(10_999 - 600)).unwrap();
        assert!((9_300..=9_399).contains(&oldest.get()), "{oldest}");
    }

    #[test]
    fn a_clock_that_is_set_back_changes_nothing_that_was_noted() {
        let mut timeline = noted(&[(1000, 5), (1100, 7)]);
        let before = timeline.clone();
        timeline.note(at(500), Sequence::new(8), WINDOW);
        assert_eq!(timeline, before);
    }

    #[test]
    fn marks_that_contradict_each_other_yield_the_lower_floor() {
        let timeline = Timeline::of([
            (at(30), Sequence::new(5)),
            (at(10), Sequence::new(9)),
            (at(20), Sequence::new(4)),
        ]);
        let current = |time| timeline.current_at(at(time)).map(Sequence::get);
        assert_eq!([current(5), current(10), current(20), current(30)], [None, Some(4), Some(4), Some(5)]);
    }

    #[test]
    fn a_store_keeps_what_may_end_a_family_until_its_end() {
        let hour = Duration::from_hours(1);
        let retention =
            Retention { longest_access: hour, max_blind: hour, skew: hour, longest_family: 24 * hour };
        assert_eq!(retention.window(), 3 * hour);
        let keeps = |sequence: u64, kill: Kill, now: u64| {
            Retention::keeps(&Entry { sequence: Sequence::new(sequence), kill }, Sequence::new(10), at(now))
        };
        let token = Kill::token(TokenId::from_bytes([1; 16]), at(600));
        let family = Kill::family(FamilyId::from_bytes([1; 16]), at(600));
        assert!(keeps(11, token, 9999) && keeps(11, family, 9999));
        assert!(!keeps(10, token, 1));
        assert!(keeps(10, family, 540) && !keeps(10, family, 541) && !keeps(10, family, 600));
        assert!(keeps(1, Kill::key("k"), u64::MAX));
    }
}
