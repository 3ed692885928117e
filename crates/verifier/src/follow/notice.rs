//! What a follower tells whoever runs the service.

use super::fault::FetchFault;
use chancery_revocation::Outcome;
use chancery_token::UnixTime;
use std::time::Duration;

/// Something that an operator wants to know of. Each is logged too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The keys reached their last age; from here on every token is refused (503).
    Expired,
    /// A document showed that the issuer's store lost something: another log, another branch, or less of the same.
    /// Nothing that was known here is forgotten.
    LogAlarm(Outcome),
    /// What is known of the revocation log is young enough again, after a [`Notice::LogStale`].
    LogFresh,
    /// A document of the revocation log was refused, or the issuer is behind what is known here. What is known stays,
    /// and grows old. Told for the first of several in a row.
    LogRefused(FetchFault),
    /// What is known of the revocation log is older than the verifier's policy accepts; from here on every token is
    /// refused (503, or 401 if it is known to be revoked).
    LogStale {
        /// How old it is.
        age: Duration,
    },
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
