//! Where a follower stands, for metrics and status pages.

use super::fault::FetchFault;
use super::log::LogStatus;
use chancery_token::UnixTime;
use std::sync::Arc;
use std::time::Duration;

/// Whether there are keys to verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None: none came yet, or they reached their last age. Every token is refused.
    Absent,
    /// Confirmed within their lifetime, or about to be.
    Fresh,
    /// Past their lifetime, because fetches fail.
    Stale,
}

/// A picture of one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether there are keys to verify with.
    pub standing: Standing,
    /// How long ago the issuer confirmed the keys: the gauge `jwks_age_seconds`.
    pub age: Option<Duration>,
    /// When the issuer confirmed the keys last.
    pub confirmed_at: Option<UnixTime>,
    /// When the use of the keys ends, unless the issuer confirms them again.
    pub good_until: Option<UnixTime>,
    /// The keys that are held (rule ).
    pub keys: Vec<HeldKey>,
    /// How many entries of the key document were left out, each logged with its reason.
    pub skipped: usize,
    /// The last fetch that failed, until one succeeds.
    pub last_failure: Option<LastFailure>,
    /// Fetches since the start.
    pub fetches: FetchCounts,
    /// Tokens with an unknown key since the start.
    pub unknown_keys: UnknownKeyCounts,
    /// The revocation log, where the verifier follows it.
    pub log: Option<LogStatus>,
}

/// A key that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldKey {
    /// Its name.
    pub kid: Arc<str>,
    /// Since when. For keys from disk: since the issuer confirmed them.
    pub since: UnixTime,
}

/// A fetch that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// When.
    pub at: UnixTime,
    /// Why.
    pub fault: FetchFault,
    /// How many failed in a row.
    pub in_a_row: u32,
}

/// Fetches since the start. A fetch is one question for keys, with the metadata before it or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FetchCounts {
    /// Begun.
    pub begun: u64,
    /// Answered with a document that was installed.
    pub installed: u64,
    /// Answered with 304: the keys are as they were.
    pub unchanged: u64,
    /// Failed.
    pub failed: u64,
}

/// Tokens with an unknown key since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnknownKeyCounts {
    /// Waited for a fetch.
    pub waited: u64,
    /// Refused at once, for a fetch was made within the cooldown.
    pub refused: u64,
}
