//! Refresh families: who may go on without authenticating anew, for how long, and what happens to a token that comes twice.
//!
//! A family is one record, never a row a token. Its refresh tokens are numbered: [`RefreshToken`] is the family's id, the
//! number and a MAC over both, so the next one is derived and not stored, and can be handed out again, byte for byte, when
//! an answer was lost (rules ). What a presented number means is decided by [`Family::present`], purely:
//! stores write what it says, in one atomic step.

mod begin;
mod descent;
mod present;
mod record;
mod refresh_token;
mod refusal;
mod rotations;

pub use descent::kills;
pub use present::{Decision, OnReplay, Presented, Proof, Redelivery, Refused, Rotation};
pub use record::{Family, FamilyState, Generation, Granted, WhyEnded};
pub use refresh_token::{Epoch, LIVE_PREFIX, NotARefreshToken, RefreshKey, RefreshToken, TEST_PREFIX};
pub use refusal::RefreshRefusal;
pub use rotations::{KEPT_ROTATIONS, Rotations};

use std::time::Duration;

/// For so long after it was rotated away, a token is an answer that got lost or a worker that was late, and not a replay.
/// Parallel calls of tools came up to 76 s apart (comet-ml/opik#8286, aakarim/OpenLore#85). It does not slide: it counts from
/// the first rotation (rule ).
pub const GRACE: Duration = Duration::from_mins(2);

/// So many generations in a row that were each delivered twice are two holders in lockstep: one of them copied the token.
pub const SHARED_AFTER: u8 = 3;

#[cfg(test)]
mod tests;
