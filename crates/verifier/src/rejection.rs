//! Why a token is not accepted.

use chancery_revocation::{Over, Unknown};
use chancery_token::{Environment, Malformed, NotAuthentic, UnixTime};
use std::time::Duration;

/// Whose fault a refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The token: its holder gets a 401 and must get another.
    Token,
    /// This verifier: the holder gets a 503 and may try the same token again.
    Verifier,
}

/// Why a token is not accepted. [`Rejection::reason`] is stable; the fields are evidence for logs and are not
/// shown to whoever presented the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It expires before it was issued.
    #[error("the token expires at {exp}, before it was issued at {iat}")]
    EndsBeforeItBegins {
        /// Its `iat`.
        iat: UnixTime,
        /// Its `exp`.
        exp: UnixTime,
    },
    /// Its time is over (RFC 7519 section 4.1.4: on its `exp` second too).
    #[error("the token expired {}s ago (leeway {}s, clock {now})", now.since(*exp).as_secs(), leeway.as_secs())]
    Expired {
        /// Its `exp`.
        exp: UnixTime,
        /// The verifier's clock.
        now: UnixTime,
        /// The leeway that was granted.
        leeway: Duration,
    },
    /// It says it was issued later than now, and this verifier minds.
    #[error("the token was issued {}s in the future (leeway {}s, clock {now})", iat.since(*now).as_secs(), leeway.as_secs())]
    IssuedInFuture {
        /// Its `iat`.
        iat: UnixTime,
        /// The verifier's clock.
        now: UnixTime,
        /// The leeway that was granted.
        leeway: Duration,
    },
    /// There are no keys to verify with.
    #[error("no keys to verify with: {0}")]
    KeysUnavailable(KeysUnavailable),
    /// It lives longer than this verifier allows any token to.
    #[error("the token lives {}s; at most {}s are accepted", lifetime.as_secs(), most.as_secs())]
    LifetimeTooLong {
        /// `exp − iat`.
        lifetime: Duration,
        /// The limit.
        most: Duration,
    },
    /// It is no token, or its key did not sign it.
    #[error(transparent)]
    Malformed(Malformed),
    /// It came with proof of a key, and is bound to none (RFC 9449 section 7.1): whoever stole it could have made that proof.
    #[error("the token is bound to no key, and was presented with proof of one")]
    NotBound,
    /// Its time has not come.
    #[error("the token is not valid for another {}s (leeway {}s, clock {now})", nbf.since(*now).as_secs(), leeway.as_secs())]
    NotYetValid {
        /// Its `nbf`.
        nbf: UnixTime,
        /// The verifier's clock.
        now: UnixTime,
        /// The leeway that was granted.
        leeway: Duration,
    },
    /// It is bound to another key than the one that was proved (RFC 9449 section 7.1).
    #[error("the token is bound to another key than the one that was proved")]
    OtherKeyProved,
    /// The revocation log ended it.
    #[error(transparent)]
    Over(Over),
    /// It is bound to a key (`cnf`), and no proof of that key came with it (RFC 9449 section 7.1).
    #[error("the token is bound to a key, and was presented without proof of it")]
    ProofRequired,
    /// Nobody can say whether it is revoked: what is known of the log is missing, or too old, or behind the token.
    #[error("revocation status unknown: {0}")]
    RevocationUnknown(Unknown),
    /// Its `sub` is neither its client nor a person, and no other client for whom its client says that it acts.
    #[error("the subject is neither the client itself nor a person, nor one for whom the client acts")]
    SubjectMismatch,
    /// Its key is not in the key set.
    #[error("no key '{kid}' is known")]
    UnknownKey {
        /// The key it names.
        kid: String,
    },
    /// It is for another resource server.
    #[error("the token is for the audience '{found}', not for '{expected}'")]
    WrongAudience {
        /// Ours.
        expected: String,
        /// Its `aud`.
        found: String,
    },
    /// It is of the other world.
    #[error("the token is of the {found} environment; this verifier serves {expected}")]
    WrongEnvironment {
        /// Ours.
        expected: Environment,
        /// Its `env`.
        found: Environment,
    },
    /// It is from another issuer.
    #[error("the token is from the issuer '{found}', not from '{expected}'")]
    WrongIssuer {
        /// Ours.
        expected: String,
        /// Its `iss`.
        found: String,
    },
}

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysUnavailable {
    /// The issuer was asked for a key just now, and did not answer in time.
    #[error("the issuer was asked for them and did not answer")]
    FetchFailed,
    /// None were ever installed.
    #[error("none were installed yet")]
    NeverInstalled,
    /// The last good ones are older than the bound.
    #[error("the last good ones might be used until {good_until} only")]
    Stale {
        /// When their use ended.
        good_until: UnixTime,
    },
}

impl Rejection {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::EndsBeforeItBegins { .. } => "ends_before_it_begins",
            Self::Expired { .. } => "expired",
            Self::IssuedInFuture { .. } => "issued_in_future",
            Self::KeysUnavailable(_) => "keys_unavailable",
            Self::LifetimeTooLong { .. } => "lifetime_too_long",
            Self::Malformed(malformed) => malformed.reason(),
            Self::NotBound => "token_not_bound",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::OtherKeyProved => "other_key_proved",
            Self::Over(over) => over.reason(),
            Self::ProofRequired => "proof_required",
            Self::RevocationUnknown(unknown) => unknown.reason(),
            Self::SubjectMismatch => "subject_mismatch",
            Self::UnknownKey { .. } => "unknown_key",
            Self::WrongAudience { .. } => "audience_mismatch",
            Self::WrongEnvironment { .. } => "environment_mismatch",
            Self::WrongIssuer { .. } => "issuer_mismatch",
        }
    }

    /// Whose fault it is.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::KeysUnavailable(_) | Self::RevocationUnknown(_) => Blame::Verifier,
            Self::EndsBeforeItBegins { .. }
            | Self::Expired { .. }
            | Self::IssuedInFuture { .. }
            | Self::LifetimeTooLong { .. }
            | Self::Malformed(_)
            | Self::NotBound
            | Self::NotYetValid { .. }
            | Self::OtherKeyProved
            | Self::Over(_)
            | Self::ProofRequired
            | Self::SubjectMismatch
            | Self::UnknownKey { .. }
            | Self::WrongAudience { .. }
            | Self::WrongEnvironment { .. }
            | Self::WrongIssuer { .. } => Blame::Token,
        }
    }

    /// The claim at fault, where the reason alone does not say.
    pub const fn claim(&self) -> Option<&'static str> {
        match self {
            Self::Malformed(malformed) => malformed.claim(),
            _ => None,
        }
    }
}

impl From<NotAuthentic> for Rejection {
    fn from(fault: NotAuthentic) -> Self {
        match fault {
            NotAuthentic::Malformed(malformed) => Self::Malformed(malformed),
            NotAuthentic::UnknownKey { kid } => Self::UnknownKey { kid },
        }
    }
}
