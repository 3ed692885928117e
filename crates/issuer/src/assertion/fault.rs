//! Why an assertion says nothing of who sent it.

/// Why a text is no assertion for this issuer and this moment. It shows from the text alone, so whoever wrote it may be
/// told. Its own words are not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAnAssertion {
    /// `client_assertion_type` is missing, or another (RFC 7523 section 2.2).
    #[error("client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    Kind,
    /// Over 8 KiB; nothing of it was read.
    #[error("the client assertion is over 8 KiB")]
    TooLong,
    /// It is no JWS in compact form.
    #[error("the client assertion is no compact JWS: three parts in base64url, with dots between")]
    Form,
    /// The header is no JSON object, or demands what nobody here does.
    #[error("the header of the client assertion is no JSON object, or has crit, b64 or cty")]
    Header,
    /// An algorithm that no key of a client has.
    #[error("alg of the client assertion must be EdDSA, Ed25519, ES256 or RS256")]
    Algorithm,
    /// It is another kind of document.
    #[error("typ of the client assertion must be client-authentication+jwt or JWT, or left out")]
    Type,
    /// The claims are no JSON object, or one of them has the wrong JSON type or stands there twice.
    #[error(
        "the claims of the client assertion are no JSON object, or one has the wrong type or stands there twice"
    )]
    Claims,
    /// `iss` and `sub` are not one client.
    #[error("iss and sub of the client assertion must both be the client id")]
    Client,
    /// It is not for this issuer alone. The URL of an endpoint would let whoever runs another one use it here.
    #[error("aud of the client assertion must be this issuer alone, as its metadata writes it: {issuer}")]
    Audience {
        /// What it should say.
        issuer: String,
    },
    /// `exp` is missing or too far ahead.
    #[error("exp of the client assertion must be there, and at most 5 minutes ahead")]
    Lifetime,
    /// Its time is over.
    #[error("the client assertion has expired; sign a new one for each request, and check the clock")]
    Expired,
    /// `iat` or `nbf` lies ahead.
    #[error("iat or nbf of the client assertion lies in the future, or iat after exp; check the clock")]
    NotYet,
    /// `jti` is missing or too long.
    #[error("jti of the client assertion must be there, with 1 to 128 bytes, another for each request")]
    Name,
}

impl NotAnAssertion {
    /// Stable name for answers, logs and metrics.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Kind => "assertion_type_unsupported",
            Self::TooLong => "assertion_too_large",
            Self::Form => "assertion_malformed",
            Self::Header => "assertion_header",
            Self::Algorithm => "assertion_algorithm",
            Self::Type => "assertion_typ",
            Self::Claims => "assertion_claims",
            Self::Client => "assertion_subject",
            Self::Audience { .. } => "assertion_audience",
            Self::Lifetime => "assertion_lifetime",
            Self::Expired => "assertion_expired",
            Self::NotYet => "assertion_not_yet_valid",
            Self::Name => "assertion_jti",
        }
    }
}

/// Why no key of the client made it. Who guesses is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unproven {
    /// The client has no key of this `kid`, or without a `kid` none of this algorithm.
    #[error("the client has no such key")]
    Key,
    /// The key that it names has another algorithm than it says (RFC 8725 section 3.1).
    #[error("the key has another algorithm than the assertion")]
    Algorithm,
    /// The signature is not the key's over these bytes.
    #[error("the signature is not the key's")]
    Signature,
}

impl Unproven {
    /// Stable name for logs.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Key => "assertion_key_unknown",
            Self::Algorithm => "assertion_key_algorithm",
            Self::Signature => "assertion_signature",
        }
    }
}
