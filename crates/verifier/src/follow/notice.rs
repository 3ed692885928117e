//! What a follower tells whoever runs the service.

use super::fault::FetchFault;
use chancery_token::UnixTime;
use std::time::Duration;

/// Something that an operator wants to know of. Each is logged too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The keys reached their last age; from here on every token is refused (503).
    Expired,
    /// Fetches work again after a [`Notice::Stale`] or a [`Notice::Expired`].
    Recovered,
    /// What is configured here and what the issuer publishes do not go together.
    Setup(FetchFault),
    /// The keys are used past their lifetime, for the first time since they were confirmed: fetches fail.
    Stale {
        /// How long ago the issuer confirmed them.
        age: Duration,
        /// When their use ends, unless a fetch succeeds.
        good_until: UnixTime,
    },
}
