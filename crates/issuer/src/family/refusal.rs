//! Why a family does not go on, or none begins.

use super::present::Refused;
use super::record::WhyEnded;
use super::refresh_token::NotARefreshToken;
use chancery_revocation::Ended;

/// Why there is no refresh token. The description of each says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshRefusal {
    /// There is none in the request.
    #[error("refresh_token is missing; send the newest one that you were given")]
    Missing,
    /// What is there is no refresh token of this issuer.
    #[error("{0}; send the newest refresh token as it was given, or begin a new session")]
    NotAToken(NotARefreshToken),
    /// Its MAC is not one for this client: it was issued to another, by another issuer, or by nobody.
    #[error(
        "the refresh token was not issued to this client by this issuer; send this client's own, or begin a new session"
    )]
    AnotherClients,
    /// The key that it was written under was revoked.
    #[error("all refresh tokens of this age were revoked; begin a new session")]
    EpochRevoked,
    /// Its family is long over, or was lost.
    #[error("the session of this refresh token is not known any more; begin a new one")]
    Unknown,
    /// The revocation log ends its family, or all that its client, tenant or subject had.
    #[error("the session was revoked; begin a new one")]
    Revoked(Ended),
    /// Its family does not take it.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// It was rotated away too long ago for a lost answer: somebody has a copy.
    #[error(
        "the refresh token was used before, long ago, so somebody may have a copy; {}",
        if *.is_over { "the session was ended, begin a new one" } else { "send the newest one that you were given" }
    )]
    Replayed {
        /// Whether the family ended with it.
        is_over: bool,
    },
    /// The client is not registered to refresh, or no longer.
    #[error("the client gets no refresh tokens; its owner allows refresh, or ask with client_credentials")]
    NotGranted,
    /// As many families live as may.
    #[error(
        "the client has {live} live sessions in this tenant and may have no more; go on with one of them, revoke one \
         that is not needed, or have its owner raise most_families"
    )]
    TooMany {
        /// How many.
        live: u32,
    },
}

impl RefreshRefusal {
    /// Stable name, for answers, logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "refresh_token_missing",
            Self::NotAToken(NotARefreshToken::Shape) => "refresh_token_malformed",
            Self::NotAToken(NotARefreshToken::Checksum) => "refresh_token_checksum",
            Self::NotAToken(NotARefreshToken::OtherEnvironment { .. }) => "refresh_token_other_environment",
            Self::AnotherClients | Self::Refused(Refused::OtherClient) => "refresh_token_other_client",
            Self::EpochRevoked => "refresh_token_epoch_revoked",
            Self::Unknown => "refresh_token_unknown",
            Self::Revoked(_) | Self::Refused(Refused::Ended(WhyEnded::Revoked)) => "refresh_token_ended",
            Self::Refused(Refused::Expired) => "refresh_token_expired",
            Self::Refused(Refused::OtherKey) => "refresh_token_other_key",
            Self::Refused(Refused::TooOften { .. }) => "refreshed_too_often",
            Self::Replayed { .. } | Self::Refused(Refused::Ended(WhyEnded::Replayed)) => {
                "refresh_token_replayed"
            }
            Self::NotGranted => "refresh_not_granted",
            Self::TooMany { .. } => "too_many_families",
        }
    }

    /// The code of RFC 6749 section 5.2.
    pub const fn error(&self) -> &'static str {
        match self {
            Self::Missing => "invalid_request",
            Self::NotGranted | Self::TooMany { .. } => "unauthorized_client",
            Self::Refused(Refused::TooOften { .. }) => "temporarily_unavailable",
            Self::NotAToken(_)
            | Self::AnotherClients
            | Self::EpochRevoked
            | Self::Unknown
            | Self::Revoked(_)
            | Self::Refused(_)
            | Self::Replayed { .. } => "invalid_grant",
        }
    }
}

impl From<NotARefreshToken> for RefreshRefusal {
    fn from(why: NotARefreshToken) -> Self {
        Self::NotAToken(why)
    }
}
