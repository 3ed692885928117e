//! The grants that are served.

use std::str::FromStr;

/// By which grant a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantType {
    /// A client asks on its own behalf (RFC 6749 section 4.4).
    ClientCredentials,
    /// A family goes on (RFC 6749 section 6).
    RefreshToken,
    /// A token is exchanged for a narrower one (RFC 8693).
    TokenExchange,
}

/// This issuer serves no grant of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this grant_type is not served")]
pub struct UnknownGrantType;

impl GrantType {
    /// All of them.
    pub const EVERY: [Self; 3] = [Self::ClientCredentials, Self::RefreshToken, Self::TokenExchange];

    /// Its name in requests and metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// The word for it in metrics and logs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::TokenExchange => "token_exchange",
        }
    }
}

impl FromStr for GrantType {
    type Err = UnknownGrantType;

    fn from_str(text: &str) -> Result<Self, UnknownGrantType> {
        Self::EVERY.into_iter().find(|grant| grant.as_str() == text).ok_or(UnknownGrantType)
    }
}
