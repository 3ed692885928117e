//! What a verifier does about revocation. There is no default.

use chancery_revocation::{BadDocument, Freshness, SharedKey};
use std::time::Duration;

/// Old news of the log are used no longer than this, whatever the policy says: as long as keys are.
pub const LONGEST_STALENESS: Duration = Duration::from_hours(7 * 24);
/// An issuer confirms the end of its log in whole seconds, and is asked once a second at most. Below this a verifier
/// would be closed half of the time while all is well.
pub const SHORTEST_STALENESS: Duration = Duration::from_secs(3);

/// The decision that every verifier states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The issuer's revocation log is asked about every token, as it is known here. What is older than the policy says
    /// is not used: tokens are then refused with 503, for nobody can say whether they are revoked.
    ///
    /// News come from a follower (feature `follow`), or by hand through [`crate::Verifier::install_revocations`]. Until
    /// the first come, every token is refused.
    Follow(Freshness),
    /// Nothing is asked: a token is good until it expires.
    Ignore {
        /// Why that is enough here, for whoever reads the code or the status page.
        reason: &'static str,
    },
}

/// Why a document of the log is not taken in. Nothing of it is used, and nothing that is known is lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInstalled {
    /// It is not in order.
    #[error(transparent)]
    Document(#[from] BadDocument),
    /// The verifier was built to ignore revocation.
    #[error("the verifier ignores revocation: build it with Revocation::Follow")]
    Ignored,
    /// A key of the log signs tokens too.
    #[error(transparent)]
    SharedKey(#[from] SharedKey),
}

/// Why no younger news can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFresher {
    /// The verifier was built to ignore revocation, so there are no news.
    #[error("the verifier ignores revocation: build it with Revocation::Follow, or drop the limit of {}s", most.as_secs())]
    Ignored {
        /// What was asked for.
        most: Duration,
    },
    /// Younger than news can be kept.
    #[error("news of the revocation log cannot be kept younger than {}s; {}ms were asked for", SHORTEST_STALENESS.as_secs(), most.as_millis())]
    TooShort {
        /// What was asked for.
        most: Duration,
    },
}
