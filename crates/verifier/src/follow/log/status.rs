//! Where the follower of the log stands, for metrics and status pages.

use crate::follow::status::LastFailure;
use chancery_revocation::{Outcome, Position};
use chancery_token::UnixTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Whether what is known of the log may be used, by the policy of the verifier. A route may ask for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStanding {
    /// Nothing was ever heard. Every token is refused.
    Unheard,
    /// Young enough.
    Fresh,
    /// Too old. Every token is refused that is not known to be revoked.
    Stale,
}

/// Whether the issuer's receipts can name this verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipts {
    /// They count it as one of the anonymous: it has no credentials.
    Anonymous,
    /// It shows credentials, and the issuer has refused none since.
    Named,
    /// The issuer refused its credentials. It is asked without, and shown them again after a while.
    Refused,
}

/// A picture of one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStatus {
    /// Whether what is known may be used.
    pub standing: LogStanding,
    /// How long ago an issuer looked at the end of the log and said so: the gauge `revocation_list_age_seconds`.
    pub age: Option<Duration>,
    /// That instant, by the issuer's clock.
    pub confirmed_at: Option<UnixTime>,
    /// Up to where the log is known.
    pub position: Option<Position>,
    /// How many tokens and families are known to be revoked one by one, at most.
    pub ids: usize,
    /// How many names are known to be revoked: clients, tenants, subjects, keys, and all.
    pub names: usize,
    /// What all that takes in memory, in bytes.
    pub bytes: usize,
    /// The keys of the log that are believed.
    pub keys: Vec<Arc<str>>,
    /// Questions since the start, one held by the issuer included.
    pub asked: u64,
    /// What became of documents since the start, by [`Outcome::reason`]. An outcome that never was is not listed.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Questions that failed since the start, by [`crate::follow::FetchFault::reason`].
    pub failures: BTreeMap<&'static str, u64>,
    /// The last question that failed, until one succeeds.
    pub last_failure: Option<LastFailure>,
    /// How often something showed since the start that the issuer's store lost something.
    pub alarms: u64,
    /// What showed it last.
    pub last_alarm: Option<Outcome>,
    /// How often a token was ahead of what is known here, and news were asked for.
    pub hurried: u64,
    /// Whether the issuer's receipts can name this verifier.
    pub receipts: Receipts,
}
