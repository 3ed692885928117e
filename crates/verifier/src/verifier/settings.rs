//! What a verifier was told when it was built.

use crate::clock::{Clock, SystemClock};
use crate::revocation::{LONGEST_STALENESS, Revocation, SHORTEST_STALENESS};
use crate::verified::Marked;
use chancery_token::{Environment, Format};
use std::sync::Arc;
use std::time::Duration;

/// How far clocks may differ before a time check refuses.
pub const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
/// The most that clocks may differ: as long as the shortest tokens live. Above it, leeway would be another word
/// for not checking `exp` (rule ).
pub const MAX_LEEWAY: Duration = Duration::from_mins(5);
/// The longest life of a token that is accepted: it bounds what a stolen one is worth (rule ).
pub const DEFAULT_MAX_LIFETIME: Duration = Duration::from_hours(1);
/// Room for about twelve thousand verified tokens.
const DEFAULT_CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// What to do about a token that says it was issued later than now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FutureIat {
    /// Nothing: clocks differ, and RFC 7519 does not ask for more. `exp` still ends the token.
    #[default]
    Accept,
    /// Refuse it beyond the leeway.
    Refuse,
}

/// Why a verifier cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetup {
    /// The audience is empty.
    #[error("the audience is empty: name the resource server whose tokens are accepted")]
    Audience,
    /// The issuer is empty.
    #[error(
        "the issuer is empty: name the `iss` whose tokens are accepted, exactly as the issuer publishes it"
    )]
    Issuer,
    /// News of the revocation log would be used for too long, or hardly ever.
    #[error("news of the revocation log would be used for {}s: choose between {}s and {}s", given.as_secs(), SHORTEST_STALENESS.as_secs(), LONGEST_STALENESS.as_secs())]
    MaxStaleness {
        /// What was asked for.
        given: Duration,
    },
    /// The reason for ignoring revocation is blank.
    #[error("say why revocation may be ignored")]
    RevocationReason,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) revocation: Revocation,
    pub(super) environment: Environment,
    pub(super) format: Format,
    pub(super) max_lifetime: Duration,
    pub(super) leeway: Duration,
    pub(super) future_iat: FutureIat,
    pub(super) cache_bytes: u64,
    pub(super) scope_reference: String,
    #[cfg(feature = "axum")]
    pub(super) disclosure: crate::guard::ScopeDisclosure,
    pub(super) clock: Arc<dyn Clock>,
}

impl Settings {
    pub(super) fn new(
        issuer: String,
        audience: String,
        revocation: Revocation,
    ) -> Result<Self, InvalidSetup> {
        if issuer.trim().is_empty() {
            return Err(InvalidSetup::Issuer);
        }
        if audience.trim().is_empty() {
            return Err(InvalidSetup::Audience);
        }
        match &revocation {
            Revocation::Ignore { reason } if reason.trim().is_empty() => {
                return Err(InvalidSetup::RevocationReason);
            }
            Revocation::Follow(policy)
                if !(SHORTEST_STALENESS..=LONGEST_STALENESS).contains(&policy.max_staleness()) =>
            {
                return Err(InvalidSetup::MaxStaleness { given: policy.max_staleness() });
            }
            Revocation::Follow(_) | Revocation::Ignore { .. } => {}
        }
        Ok(Self {
            scope_reference: format!("{}/scopes", issuer.trim_end_matches('/')),
            issuer,
            audience,
            revocation,
            environment: Environment::Live,
            format: Format::Jwt,
            max_lifetime: DEFAULT_MAX_LIFETIME,
            leeway: DEFAULT_LEEWAY,
            future_iat: FutureIat::default(),
            cache_bytes: DEFAULT_CACHE_BYTES,
            #[cfg(feature = "axum")]
            disclosure: crate::guard::ScopeDisclosure::default(),
            clock: Arc::new(SystemClock::new()),
        })
    }

    /// Whether a verified token carries what the revocation log can name of it.
    pub(super) fn marked(&self) -> Marked {
        match self.revocation {
            Revocation::Follow(_) => Marked::Yes,
            Revocation::Ignore { .. } => Marked::No,
        }
    }
}
