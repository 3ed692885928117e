//! Why a token is not exchanged.

use crate::client::Unusable;
use crate::grant::GrantRefusal;

/// Why a client that proved who it is gets no token for another (RFC 8693 section 2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeRefusal {
    /// What any grant may be refused for.
    #[error(transparent)]
    Grant(#[from] GrantRefusal),
    /// The client that the token was issued to does not name this one in `may_delegate_to`.
    #[error(
        "the client that the subject token was issued to does not delegate to this one; its owner adds it to may_delegate_to"
    )]
    NotListed,
    /// The client that the token was issued to is switched off, or past its end.
    #[error("the client that the subject token was issued to gets no tokens any more")]
    ParentClientOver,
    /// `audience` or `resource` is not that of the subject token.
    #[error(
        "the subject token is for {audience}, and is exchanged for a token for the same; leave audience and resource out"
    )]
    OtherTarget {
        /// What it is for.
        audience: String,
    },
    /// The catalog knows no product of this audience any more.
    #[error("nothing serves the audience of the subject token any more")]
    NoSuchTarget,
    /// A token for the administration of the issuer.
    #[error("administration is not delegated; whoever administers asks for a token of its own")]
    Administration,
    /// `tenant` is not that of the subject token.
    #[error("the subject token is for another tenant; leave tenant out")]
    OtherTenant,
    /// The exchanging client does not serve the tenant of the subject token.
    #[error("the client does not serve the tenant of the subject token")]
    TenantNotServed,
    /// The subject token is bound to a key, and the request does not prove to have it.
    #[error("the subject token is bound to a key; send a DPoP proof of that key")]
    KeyNotProved,
    /// More actors, or more ancestors, than a token holds.
    #[error("the subject token was handed on too often; exchange one that is nearer to the first")]
    TooDeep,
    /// `delegate` from a client that gets no refresh tokens.
    #[error("the client gets no refresh tokens; its owner allows refresh, or leave delegate out")]
    NoRefresh,
    /// `delegate`, and the subject token comes from no family.
    #[error("the subject token comes from no session that a new one could be part of; leave delegate out")]
    NoFamily,
    /// `delegate`, and the family that the subject token comes from is over.
    #[error("the session that the subject token comes from is over; begin a new one")]
    FamilyOver,
}

impl From<Unusable> for ExchangeRefusal {
    fn from(why: Unusable) -> Self {
        Self::Grant(why.into())
    }
}

impl ExchangeRefusal {
    /// Stable name, for answers, logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Grant(refusal) => refusal.reason(),
            Self::NotListed => "delegation_not_allowed",
            Self::ParentClientOver => "subject_token_client_over",
            Self::OtherTarget { .. } => "target_not_of_subject_token",
            Self::NoSuchTarget => "subject_token_target_unknown",
            Self::Administration => "administration_not_delegated",
            Self::OtherTenant => "tenant_not_of_subject_token",
            Self::TenantNotServed => "tenant_not_allowed",
            Self::KeyNotProved => "subject_token_key_not_proved",
            Self::TooDeep => "delegation_too_deep",
            Self::NoRefresh => "refresh_not_granted",
            Self::NoFamily => "subject_token_without_session",
            Self::FamilyOver => "subject_token_session_over",
        }
    }

    /// The code of RFC 8693 section 2.2.2, RFC 8707 section 2 or RFC 6749 section 5.2. What any grant may be refused for has
    /// a code of its own, which is not told here.
    pub const fn error(&self) -> &'static str {
        match self {
            Self::NotListed | Self::NoRefresh => "unauthorized_client",
            Self::OtherTarget { .. } | Self::NoSuchTarget | Self::Administration => "invalid_target",
            Self::Grant(_)
            | Self::ParentClientOver
            | Self::OtherTenant
            | Self::TenantNotServed
            | Self::KeyNotProved
            | Self::TooDeep
            | Self::NoFamily
            | Self::FamilyOver => "invalid_request",
        }
    }
}
