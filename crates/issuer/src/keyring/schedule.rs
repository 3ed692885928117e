//! How long keys stay in each of their states.

use crate::config::write_duration;
use chancery_token::UnixTime;
use std::time::Duration;

/// Until every process of an issuer serves a stored keyring, however their clocks differ: they ask the store
/// every 250 ms, and clocks that are kept in step differ by less than a second.
pub const SETTLE: Duration = Duration::from_secs(10);

/// How much longer than its last token a retired key stays published: for the leeway of verifiers (30 s unless
/// they say otherwise) and for a process that signed with it a moment longer.
pub const RETIRE_MARGIN: Duration = Duration::from_mins(5);

/// When keys are published, sign, and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    publish_lead: Duration,
    jwks_max_age: Duration,
    longest_lifetime: Duration,
}

/// A key would sign before every verifier can have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "publish_lead is {} and jwks_max_age {}: verifiers may keep the old keys for longer than a new one waits; \
     make publish_lead at least as long",
    write_duration(*.publish_lead),
    write_duration(*.jwks_max_age)
)]
pub struct LeadTooShort {
    /// How long a key would be published before it signs.
    pub publish_lead: Duration,
    /// How long verifiers may keep the published keys.
    pub jwks_max_age: Duration,
}

impl Schedule {
    /// A key is published for `publish_lead` before it signs; verifiers keep published keys for `jwks_max_age`;
    /// no access token lives longer than `longest_lifetime`.
    pub fn new(
        publish_lead: Duration,
        jwks_max_age: Duration,
        longest_lifetime: Duration,
    ) -> Result<Self, LeadTooShort> {
        if publish_lead < jwks_max_age {
            return Err(LeadTooShort { publish_lead, jwks_max_age });
        }
        Ok(Self::checked(publish_lead, jwks_max_age, longest_lifetime))
    }

    /// For values that passed [`Schedule::new`] when they were read.
    pub(crate) fn checked(
        publish_lead: Duration,
        jwks_max_age: Duration,
        longest_lifetime: Duration,
    ) -> Self {
        Self { publish_lead: publish_lead.max(jwks_max_age), jwks_max_age, longest_lifetime }
    }

    /// The same for keys whose signatures are believed for `believed`.
    pub(super) fn believed_for(&self, believed: Duration) -> Self {
        Self { longest_lifetime: believed, ..*self }
    }

    /// How long verifiers may keep the published keys.
    pub const fn jwks_max_age(&self) -> Duration {
        self.jwks_max_age
    }

    /// The first second in which a key may sign that was published at `published`.
    pub fn earliest_use(&self, published: UnixTime) -> UnixTime {
        published.plus(self.publish_lead).plus(SETTLE)
    }

    /// The second from which a key that stops signing at `retired` is no longer published.
    pub fn end_of_trust(&self, retired: UnixTime) -> UnixTime {
        retired.plus(self.longest_lifetime).plus(RETIRE_MARGIN)
    }
}
