//! `POST /oauth2/revoke`, decided: what a client may end, and what is over without that (RFC 7009 section 2).

mod tally;

pub use tally::{MOST_BY_NAME, MOST_SINGLE, Quota, RevokedTooOften, Tally};

use super::OwnKeys;
use crate::grant::Settings;
use chancery_revocation::{Kill, Log, Sequence, Standing, TokenMarks};
use chancery_token::{Claims, ClientId, NotAuthentic, TokenId, UnixTime};

/// What is to be done about a token that a client wants revoked.
#[derive(Debug)]
pub enum Decision {
    /// It is to be ended.
    Append {
        /// What is to be appended.
        kill: Kill,
        /// What the token says.
        claims: Box<Claims>,
    },
    /// Nobody accepts it anyway: that is what the client wants (RFC 7009 section 2.2).
    Needless(Needless),
}

/// Why nothing is to be ended.
#[derive(Debug)]
pub enum Needless {
    /// It is no token, or none of this issuer's keys signed it.
    NotAuthentic(NotAuthentic),
    /// One of our keys signed it, in another issuer's name.
    AnotherIssuer,
    /// One of our keys signed it, for the other world.
    AnotherEnvironment,
    /// It is over, also for the slowest clock.
    Expired {
        /// Which it was.
        jti: TokenId,
    },
    /// The log ends it already.
    Over {
        /// Which it is.
        jti: TokenId,
        /// How it stands.
        standing: Standing,
    },
}

impl Needless {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotAuthentic(why) => why.reason(),
            Self::AnotherIssuer => "issuer_mismatch",
            Self::AnotherEnvironment => "environment_mismatch",
            Self::Expired { .. } => "expired",
            Self::Over { standing: Standing::BelowFloor { .. }, .. } => "issued_below_floor",
            Self::Over { .. } => "revoked",
        }
    }

    /// How far the log must be sure to outlive its store before the client is told that the token is over.
    pub fn rests_on(&self, log: &Log) -> Option<Sequence> {
        let tail = log.position().sequence;
        match self {
            // Of an id only its block is remembered, which may end later than the log does.
            Self::Over { standing: Standing::Revoked(ended), .. } => Some(ended.at.min(tail)),
            Self::Over { .. } => Some(tail),
            Self::NotAuthentic(_) | Self::AnotherIssuer | Self::AnotherEnvironment | Self::Expired { .. } => {
                None
            }
        }
    }

    /// The token, where it is one of ours.
    pub const fn token(&self) -> Option<TokenId> {
        match self {
            Self::Expired { jti } | Self::Over { jti, .. } => Some(*jti),
            Self::NotAuthentic(_) | Self::AnotherIssuer | Self::AnotherEnvironment => None,
        }
    }
}

/// The token was issued to another client: it is not the caller's to end (RFC 7009 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token was issued to another client; revoke it as that client, or ask an administrator")]
pub struct TokenOfAnotherClient {
    /// Which it is.
    pub jti: TokenId,
}

impl TokenOfAnotherClient {
    /// Stable name for logs and answers.
    pub const fn reason(&self) -> &'static str {
        "token_of_another_client"
    }
}

/// What the decision rests on besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The issuer.
    pub settings: &'k Settings,
    /// The keys that it believes.
    pub keys: &'k OwnKeys,
    /// Its log, as far as it is applied.
    pub log: &'k Log,
    /// Whether the caller may revoke one more token by itself.
    pub quota: Quota,
}

/// Decides at `now` about a token that `caller` presents, who proved who it is. The signature is checked before
/// anything that the token says is looked at.
///
/// A token counts as over only when it is for every verifier, so with their leeway.
///
/// # Errors
/// The token is another client's, and lives.
pub fn decide(
    token: &str,
    caller: &ClientId,
    known: &Known<'_>,
    now: UnixTime,
) -> Result<Decision, TokenOfAnotherClient> {
    let needless = |why| Ok(Decision::Needless(why));
    let token = match known.keys.open(token) {
        Ok(token) => token,
        Err(why) => return needless(Needless::NotAuthentic(why)),
    };
    let claims = token.claims();
    let jti = claims.jti;
    if claims.iss != known.settings.issuer {
        return needless(Needless::AnotherIssuer);
    }
    if claims.env != known.settings.environment {
        return needless(Needless::AnotherEnvironment);
    }
    let retention = known.log.retention();
    if now >= claims.exp.plus(retention.skew) {
        return needless(Needless::Expired { jti });
    }
    if claims.client_id != *caller {
        return Err(TokenOfAnotherClient { jti });
    }
    let standing = known.log.published().judge(&TokenMarks::of(claims, token.kid()));
    if let Standing::Revoked(_) | Standing::BelowFloor { .. } = standing {
        return needless(Needless::Over { jti, standing });
    }
    let kill = match known.quota {
        Quota::Left => Kill::token(jti, claims.exp),
        Quota::Spent => Kill::client(caller, retention.family_end(now)),
    };
    Ok(Decision::Append { kill, claims: Box::new(token.into_parts().0) })
}

#[cfg(test)]
mod tests;
