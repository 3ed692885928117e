//! Why it is not known who is asking.

use crate::assertion::{NotAnAssertion, Unproven};
use crate::issuer::Unread;
use crate::secret::NotASecret;

/// Why nobody is authenticated. From outside, all that somebody who guesses could learn from looks the same (rule
/// ); the log tells it apart.
#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum AuthenticationFault {
    /// No mechanism was used.
    #[error("the request holds no client credentials")]
    NoCredentials,
    /// An `Authorization` header of another scheme.
    #[error("the authorization scheme is not Basic")]
    Scheme,
    /// A Basic header that is not base64 of two form-encoded texts with a colon between.
    #[error("the Basic credentials are not base64 of id:secret, both form-encoded")]
    BasicMalformed,
    /// The secret is none of this issuer's, which shows without asking a store.
    #[error(transparent)]
    Secret(#[from] NotASecret),
    /// No client has this id.
    #[error("no client has this id")]
    UnknownClient,
    /// The client has other secrets.
    #[error("the secret is not one of the client's")]
    WrongSecret,
    /// The client proves who it is in another way than this.
    #[error("the client is registered with another way of authentication")]
    OtherMethod,
    /// Two mechanisms at once (RFC 6749 section 2.3).
    #[error("two ways of client authentication were used at once; use one")]
    TwoMethods,
    /// Two `Authorization` headers.
    #[error("there is more than one Authorization header; send one")]
    RepeatedHeader,
    /// `client_id` in the body, and another in the credentials.
    #[error("client_id in the body differs from the one in the credentials")]
    DifferentIds,
    /// The assertion is not for this issuer, or for no issuer: which shows without asking a store.
    #[error(transparent)]
    Assertion(#[from] NotAnAssertion),
    /// No key of the client made the assertion.
    #[error(transparent)]
    Unproven(#[from] Unproven),
    /// An assertion was used before (RFC 7523 section 3).
    #[error("the assertion was used before; sign a new one, with a jti of its own, for each request")]
    Replayed,
}

impl AuthenticationFault {
    /// For logs and metrics: tells apart what answers do not.
    pub(in crate::http) const fn reason(&self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::Scheme => "authorization_scheme",
            Self::BasicMalformed => "basic_malformed",
            Self::Secret(why) => why.reason(),
            Self::UnknownClient => "unknown_client",
            Self::WrongSecret => "wrong_secret",
            Self::OtherMethod => "authentication_method",
            Self::TwoMethods => "two_authentication_methods",
            Self::RepeatedHeader => "authorization_repeated",
            Self::DifferentIds => "different_client_ids",
            Self::Assertion(why) => why.reason(),
            Self::Unproven(why) => why.reason(),
            Self::Replayed => "assertion_replayed",
        }
    }

    /// Whether it says something of who is registered: of the client's being, its keys, its way to authenticate.
    pub(in crate::http) const fn tells_of_a_client(&self) -> bool {
        match self {
            Self::UnknownClient | Self::WrongSecret | Self::OtherMethod | Self::Unproven(_) => true,
            Self::NoCredentials
            | Self::Scheme
            | Self::BasicMalformed
            | Self::Secret(_)
            | Self::TwoMethods
            | Self::RepeatedHeader
            | Self::DifferentIds
            | Self::Assertion(_)
            | Self::Replayed => false,
        }
    }
}

/// No client: its own fault, or nobody's, for the store could not be asked.
pub(in crate::http) enum NotAuthenticated {
    Fault(AuthenticationFault),
    Unread(Unread),
}

impl<F: Into<AuthenticationFault>> From<F> for NotAuthenticated {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}
