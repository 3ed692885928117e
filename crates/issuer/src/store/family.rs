//! Refresh families as a store keeps them. What a presented token means is decided in [`crate::family`].

pub(super) mod encoding;
mod likeness;

pub use likeness::Likeness;

use super::StoreFault;
use crate::family::{Decision, Family, FamilyState, WhyEnded};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use std::time::Duration;

/// A family is kept for so long after its last day, so that whoever comes late is told that it expired.
pub(super) const KEPT_AFTER_ITS_END: Duration = Duration::from_hours(24);

/// What became of a presented refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advanced {
    /// There is no such family, or it is long over.
    Unknown,
    /// What was decided, upon the record as it stood.
    Decided {
        /// The record before this step.
        before: Box<Family>,
        /// The decision; what it says is written.
        decision: Decision,
    },
}

/// What became of a refresh token whose family was taken for one like another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvancedLike {
    /// It is like it, or there is none: as [`super::Store::advance`] answers.
    Like(Advanced),
    /// It is another one than it was taken for, as it stands here: nothing was decided, and nothing is written.
    Unlike(Box<Family>),
}

/// Why a family was not begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginFamilyError {
    /// The client has as many as it may, and all of them are in use.
    #[error("the client has {live} live sessions in this tenant, and may have no more")]
    TooMany {
        /// How many live.
        live: u32,
    },
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// A family that was ended, as far as the revocation log needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndedFamily {
    /// Which.
    pub id: FamilyId,
    /// Whose it was.
    pub client: ClientId,
    /// For whom it acted.
    pub tenant: TenantId,
    /// When it was ended.
    pub at: UnixTime,
}

impl Family {
    /// Whether any of its tokens could still be refreshed at `now`.
    pub(super) fn is_live(&self, now: UnixTime) -> bool {
        now < self.ends()
    }

    /// From this second on none of its tokens can be refreshed, as far as is known by now. One that was ended is so also for
    /// a clock that is behind.
    pub(super) fn ends(&self) -> UnixTime {
        match self.state {
            FamilyState::Live => self.idle_end.min(self.absolute_end),
            FamilyState::Ended { .. } => UnixTime::from_secs(0),
        }
    }

    /// From this second on nobody needs to know of it.
    pub(super) fn over_at(&self) -> UnixTime {
        self.absolute_end.plus(KEPT_AFTER_ITS_END)
    }

    /// Whether its first token was never shown since `since`: the answer that brought it was lost, or nobody means to
    /// use it.
    pub(super) fn is_unused_since(&self, since: UnixTime) -> bool {
        self.generation.0 == 0 && self.created_at <= since
    }

    /// It, ended.
    pub(super) fn ended(&self, why: WhyEnded, now: UnixTime) -> Self {
        Self { state: FamilyState::Ended { at: now, why }, ..self.clone() }
    }
}

impl EndedFamily {
    /// What the outbox holds of a family that ends at `at`.
    pub(crate) fn of(family: &Family, at: UnixTime) -> Self {
        Self { id: family.id, client: family.client.clone(), tenant: family.tenant.clone(), at }
    }
}

/// What a decision wants written: the family as it is from now on.
pub(super) fn written(decision: &Decision) -> Option<&Family> {
    match decision {
        Decision::Rotate(rotation) => Some(&rotation.after),
        Decision::Redeliver(again) => again.noted.as_deref(),
        Decision::Replay { after } => after.as_deref(),
        Decision::Refuse(_) => None,
    }
}

/// What the outbox is to hold of what is written.
pub(super) fn owed(after: &Family) -> Option<EndedFamily> {
    match after.state {
        FamilyState::Live => None,
        FamilyState::Ended { at, .. } => Some(EndedFamily::of(after, at)),
    }
}
