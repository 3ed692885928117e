//! When the last generations were rotated away.

use chancery_token::UnixTime;
use std::time::Duration;

/// So many rotation times are kept. A family that rotates more often within one grace is told to wait, so that every
/// generation within its grace is among them.
pub const KEPT_ROTATIONS: usize = 8;

/// The times of the last [`KEPT_ROTATIONS`] rotations, the newest first, none later than the one before it in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotations {
    newest_first: Vec<UnixTime>,
}

impl Rotations {
    /// From what a store kept: the newest first. Whatever is more than fits is the oldest, and dropped.
    pub fn from_newest_first(times: impl IntoIterator<Item = UnixTime>) -> Self {
        Self { newest_first: times.into_iter().take(KEPT_ROTATIONS).collect() }
    }

    /// The newest first.
    pub fn newest_first(&self) -> &[UnixTime] {
        &self.newest_first
    }

    /// When the generation that lies `back` behind the current one was rotated away, if that is still known: 1 is its
    /// parent.
    pub fn of(&self, back: u64) -> Option<UnixTime> {
        let at = usize::try_from(back.checked_sub(1)?).ok()?;
        self.newest_first.get(at).copied()
    }

    /// The last one.
    pub fn newest(&self) -> Option<UnixTime> {
        self.newest_first.first().copied()
    }

    /// How long until one more fits, if every kept one lies within `grace` of `now`.
    pub fn full_for(&self, grace: Duration, now: UnixTime) -> Option<Duration> {
        let oldest = self.newest_first.get(KEPT_ROTATIONS - 1)?;
        let frees = oldest.plus(grace).plus(Duration::from_secs(1));
        (now < frees).then(|| Duration::from_secs(frees.as_secs() - now.as_secs()))
    }

    /// With `times` more rotations at `now`.
    pub(super) fn and(&self, now: UnixTime, times: u64) -> Self {
        let more = usize::try_from(times).map_or(KEPT_ROTATIONS, |times| times.min(KEPT_ROTATIONS));
        Self::from_newest_first(std::iter::repeat_n(now, more).chain(self.newest_first.iter().copied()))
    }
}
