//! What is stored of a family.

use super::rotations::Rotations;
use chancery_revocation::Sequence;
use chancery_token::claims::Confirmation;
use chancery_token::{Bounds, ClientId, FamilyId, ScopeSet, Subject, TenantId, UnixTime};
use std::time::Duration;

/// The number of a refresh token in its family, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

impl Generation {
    /// The one that follows. A family that rotates every second needs half a trillion years to the last one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One refresh family (design §4). It never widens: what it may ask for is what it was begun with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name. Its access tokens bear it as `sid`, or in `anc` where it was delegated ([`Family::sid`]).
    pub id: FamilyId,
    /// Whose it is.
    pub client: ClientId,
    /// For whom its tokens act.
    pub tenant: TenantId,
    /// Whom its tokens speak for; `None`: the client itself. Somebody else only where it was delegated.
    pub sub: Option<Subject>,
    /// Who acts, the current actor first (RFC 8693 section 4.1); empty unless it was delegated. At most
    /// [`chancery_token::claims::MAX_ACTORS`].
    pub act: Vec<Subject>,
    /// The families that it was delegated from, the nearest first; empty unless it was. It ends with any of them. At most
    /// [`chancery_token::claims::MAX_ANCESTORS`].
    pub ancestors: Vec<FamilyId>,
    /// What it was granted, by audience.
    pub granted: Vec<Granted>,
    /// Which records its tokens may touch.
    pub bounds: Bounds,
    /// The key that its holder proves to have (RFC 9449 section 5), if it was begun with one.
    pub cnf: Option<Confirmation>,
    /// The sequence of the revocation log when it began: an entry by name above it ends the family.
    pub rvs0: Sequence,
    /// When it began.
    pub created_at: UnixTime,
    /// From this second on it is over, however much it is used.
    pub absolute_end: UnixTime,
    /// So long it may lie unused.
    pub idle: Duration,
    /// From this second on it has lain unused for too long. Each rotation moves it.
    pub idle_end: UnixTime,
    /// The newest token.
    pub generation: Generation,
    /// When those before it were rotated away.
    pub rotations: Rotations,
    /// The last generation that was delivered more than once, and how many in a row with it were.
    pub redelivered: Option<(Generation, u8)>,
    /// Whether it goes on.
    pub state: FamilyState,
}

/// What a family may ask for from one resource server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The resource server.
    pub audience: String,
    /// The scopes.
    pub scopes: ScopeSet,
}

/// Whether a family goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyState {
    /// It does, until one of its ends.
    Live,
    /// It was ended, for good.
    Ended {
        /// When.
        at: UnixTime,
        /// Why.
        why: WhyEnded,
    },
}

/// Why a family was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyEnded {
    /// A token came again that was rotated away long ago: somebody has a copy (RFC 9700 section 4.14.2).
    Replayed,
    /// Somebody ended it.
    Revoked,
}

impl Family {
    /// The clock never goes back behind what is recorded: `now`, or the last time that the record bears.
    pub(super) fn no_earlier(&self, now: UnixTime) -> UnixTime {
        now.max(self.rotations.newest().unwrap_or(self.created_at)).max(self.created_at)
    }
}
