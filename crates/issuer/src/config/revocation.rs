//! How the revocation log is kept.

use chancery_revocation::OnUnprovableLoss;
use std::path::PathBuf;
use std::time::Duration;

/// The revocation log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationConfig {
    /// `durability`: what a Redis must be set to before anything is revoked in it. Default `verified`. The embedded
    /// store syncs whatever it answers; there it is always the default.
    pub durability: Durability,
    /// `on_unprovable_loss`: what a recovery does when it cannot prove that it found everything: `revoke_all`, or
    /// `union` of what it found. Default `revoke_all`.
    pub on_unprovable_loss: OnUnprovableLoss,
    /// `journal_file`: where this issuer notes how far it has seen the log. One for each issuer, on a disk that
    /// outlives it. Default: `revocation.journal` beside the store's file, and `.chancery/revocation.journal` where the
    /// store is a Redis.
    pub journal_file: PathBuf,
    /// `max_blind`: how long tokens are issued while the end of the log cannot be seen. Default ten minutes, one minute
    /// to one hour. Verifiers remember every revocation for longer by so much.
    pub max_blind: Duration,
}

/// Why an entry that a Redis acknowledged is not lost when that dies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Durability {
    /// `verified`: its settings were read, and sync every write before it is answered.
    Verified,
    /// `attested`: the operator says so of a Redis that does not show its settings.
    Attested {
        /// `attested_because`: on what that rests.
        because: String,
    },
    /// `volatile`: nothing. Revocations may be lost; for trials.
    Volatile,
}

impl Durability {
    /// The word for it in configuration.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Attested { .. } => "attested",
            Self::Volatile => "volatile",
        }
    }
}
