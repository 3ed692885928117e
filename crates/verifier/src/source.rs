//! Whoever can fetch what a token shows to be missing: a key, or news of the revocation log.

use chancery_revocation::Sequence;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// The answer of a [`KeySource`].
#[cfg_attr(not(feature = "follow"), expect(dead_code, reason = "only a follower answers"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyLookup {
    /// The key set was just fetched; look again.
    Refreshed,
    /// No fetch now: one for an unknown key was made a moment ago. The token is refused.
    CoolingDown,
    /// The fetch failed or took too long: nobody can say whether the key exists.
    Failed,
}

/// A follower, as the guard sees it.
pub(crate) trait KeySource: Send + Sync + fmt::Debug {
    /// A token names a key that is not installed, or nothing is installed that may be used.
    fn key_missing(&self) -> Pin<Box<dyn Future<Output = KeyLookup> + Send + '_>>;
}

/// A follower of the revocation log, as the verifier sees it.
pub(crate) trait LogSource: Send + Sync + fmt::Debug {
    /// A token came whose issuer had applied more of the log than is known here. Called for every such token: it
    /// returns at once, and asks the issuer once a second at most.
    fn news_wanted(&self);

    /// Returns when the log is known up to `rvs`, or after a moment.
    fn caught_up(&self, rvs: Sequence) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
