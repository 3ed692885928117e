//! The snapshot that lies ready, and when it is made again.

use super::edition::Edition;
use super::signed::Signed;
use chancery_revocation::{LogId, Sequence};
use chancery_token::UnixTime;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A snapshot serves for this long; what was appended since comes with the next delta. It is also how long a cache may
/// keep it.
pub(crate) const SNAPSHOT_LIFETIME: Duration = Duration::from_secs(10);
/// Sooner, if this many entries were appended: they are most of what a delta can tell.
const MANY: u64 = 32 * 1024;
/// Sooner, if somebody is ahead of it and his place is forgotten here.
const WANTED: Duration = Duration::from_secs(1);
/// To make snapshots takes this part of a processor at most, however many are asked for: one in twenty.
const SHARE: u32 = 20;

/// A snapshot with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Shelved {
    pub(super) document: Arc<Signed>,
    pub(super) log: LogId,
    pub(super) sequence: Sequence,
    confirmed_at: UnixTime,
    kid: String,
    made: Instant,
    took: Duration,
}

impl Shelved {
    pub(super) fn new(document: Arc<Signed>, of: &Edition, began: Instant) -> Self {
        let position = of.position();
        let made = Instant::now();
        Self {
            document,
            log: position.log,
            sequence: position.sequence,
            confirmed_at: of.confirmed_at(),
            kid: of.kid().to_owned(),
            made,
            took: made.saturating_duration_since(began),
        }
    }

    /// Whether it is good enough at `now`, for a log that stands where `edition` does. `wanted` is a place that somebody
    /// holds who was sent to the snapshot.
    pub(super) fn serves(&self, edition: &Edition, wanted: Sequence, now: Instant) -> bool {
        let position = edition.position();
        // A key may be gone because a thief has it; and where the clock was set back, this one is from the future.
        let is_from_future = self.confirmed_at > edition.confirmed_at();
        if self.log != position.log || self.kid != edition.kid() || is_from_future {
            return false;
        }
        if self.sequence == position.sequence && self.confirmed_at == edition.confirmed_at() {
            return true;
        }
        let age = now.saturating_duration_since(self.made);
        let is_far = position.sequence.get().saturating_sub(self.sequence.get()) >= MANY;
        let lifetime = if is_far || self.sequence < wanted { WANTED } else { SNAPSHOT_LIFETIME };
        age < lifetime.max(self.took * SHARE)
    }
}
