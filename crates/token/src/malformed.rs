//! Why a text is no access token at all, whoever reads it.

use std::fmt;

/// Why a text is no access token of the expected format, or not one that its key signed.
///
/// All of it is the fault of whoever made the token. [`Malformed::reason`] is stable and listed in
/// `docs/ERRORS.md`; the fields are evidence for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// `alg` names an algorithm that no Ed25519 key has (RFC 8725 section 3.1).
    #[error("the header asks for the algorithm '{alg}'; only EdDSA and Ed25519 are signed with these keys")]
    AlgorithmNotAllowed {
        /// The value of `alg`, at most 32 characters of it.
        alg: String,
    },
    /// No `alg`, or not a text (RFC 7515 section 4.1.1).
    #[error("the header has no 'alg'")]
    AlgorithmMissing,
    /// `alg: none`: the token is not signed (RFC 8725 section 3.2).
    #[error("the token is not signed: its 'alg' is 'none'")]
    AlgorithmNone,
    /// An HMAC: anybody who can verify could sign (RFC 8725 section 2.1).
    #[error("the header asks for a shared secret ('{alg}'); these tokens are signed with private keys")]
    AlgorithmSymmetric {
        /// The value of `alg`.
        alg: String,
    },
    /// A claim that is wrong in itself.
    #[error("the claim '{claim}' {fault}")]
    Claim {
        /// The name of the claim.
        claim: &'static str,
        /// What is wrong with it.
        fault: ClaimFault,
    },
    /// A number in the signed payload is beyond what a 64-bit float can hold.
    #[error("a number in the claims is too large to be read")]
    ClaimsNumberRange,
    /// The signed payload is not one JSON object.
    #[error("the claims are not a JSON object")]
    ClaimsNotJson,
    /// A member of the claims stands twice, at any level.
    #[error("the claims name one member twice")]
    ClaimsDuplicated,
    /// The signed payload nests too deeply or holds too many members.
    #[error("the claims are nested too deeply, or too many")]
    ClaimsTooComplex,
    /// The signed payload is not UTF-8 (RFC 8725 section 3.7).
    #[error("the claims are not UTF-8")]
    ClaimsNotUtf8,
    /// `crit` names extensions; there are none that we know (RFC 7515 section 4.1.11).
    #[error("the header demands extensions with 'crit'; none are known here")]
    Critical,
    /// Five segments: an encrypted token (RFC 7516).
    #[error("the token is encrypted; only signed tokens are read")]
    Encrypted,
    /// A part is not base64url without padding, in its one spelling.
    #[error("the {0} is not base64url without padding, in its one spelling")]
    Encoding(Part),
    /// The footer is not exactly the one that goes with the key (PASETO).
    #[error(r#"the footer is not {{"kid":"k4.pid.…","typ":"at+paseto"}}, to the byte"#)]
    Footer,
    /// No footer, so no key id (PASETO).
    #[error("the token has no footer, so it names no key")]
    FooterMissing,
    /// A character that no compact token holds.
    #[error("the token holds a character outside A-Z a-z 0-9 '-' '_' '.' at byte {at}")]
    ForbiddenCharacter {
        /// Where, counted in bytes from 0.
        at: usize,
    },
    /// The header is not one JSON object.
    #[error("the header is not a JSON object")]
    HeaderNotJson,
    /// The header nests too deeply or holds too many members.
    #[error("the header is nested too deeply, or holds too many members")]
    HeaderTooComplex,
    /// A header member stands twice (RFC 7515 section 4).
    #[error("the header names one member twice")]
    HeaderDuplicated,
    /// A header member has the wrong JSON type.
    #[error("the header member '{name}' has the wrong type")]
    HeaderType {
        /// The member.
        name: &'static str,
    },
    /// The JSON serialization of a JWS (RFC 7515 section 7.2): tokens are compact (RFC 7519 section 1).
    #[error("the token is in the JSON serialization; only the compact one is read")]
    JsonSerialization,
    /// `jwk`, `jku`, `x5u` or `x5c`: a token may not bring its own key (RFC 8725 section 3.10).
    #[error("the header brings key material in '{name}'")]
    KeyInHeader {
        /// The member.
        name: &'static str,
    },
    /// No `kid`.
    #[error("the header names no key: 'kid' is missing")]
    KidMissing,
    /// A `kid` that no key of ours can have: over 64 characters, or outside `[A-Za-z0-9_-]` (`.` too in PASERK).
    #[error("the key id is over 64 characters or has a character outside A-Z a-z 0-9 '-' '_'")]
    KidMalformed,
    /// `cty`: a token inside the token (RFC 7519 section 5.2).
    #[error("the header announces nested content with 'cty'")]
    Nested,
    /// Not three segments.
    #[error("a compact token has three segments, this one has {segments}")]
    NotCompact {
        /// How many there are.
        segments: usize,
    },
    /// The signature does not have 64 bytes.
    #[error("an Ed25519 signature has 64 bytes, this one has {bytes}")]
    SignatureLength {
        /// How many there are.
        bytes: usize,
    },
    /// The signature is not one of the key over these bytes, in its strict form.
    #[error("the signature does not match")]
    SignatureMismatch,
    /// Over [`crate::MAX_TOKEN_BYTES`]; nothing of it was read.
    #[error("the token has {bytes} bytes; at most 8192 are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// No `typ` (RFC 8725 section 3.11).
    #[error("the header does not say what kind of token this is: 'typ' is missing")]
    TypeMissing,
    /// Another kind: a proof, an assertion, a log document.
    #[error("the token is of the kind '{typ}', not an access token")]
    TypeNotAccessToken {
        /// The value of `typ`, at most 32 characters of it.
        typ: String,
    },
    /// `b64` (RFC 7797): the payload would not be encoded.
    #[error("the header changes the encoding of the payload with 'b64'")]
    UnencodedPayload,
    /// A PASETO of another version or purpose.
    #[error("only v4.public is read; this token says '{header}'")]
    Version {
        /// Its first two segments, at most 32 characters.
        header: String,
    },
    /// A JWT where a PASETO is expected, or the reverse.
    #[error("this audience takes {expected} tokens, and this is not one")]
    WrongFormat {
        /// What the audience takes.
        expected: crate::Format,
    },
}

/// A part of a token that is base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The JOSE header.
    Header,
    /// The claims.
    Payload,
    /// The signature.
    Signature,
    /// The PASETO footer.
    Footer,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
            Self::Footer => "footer",
        })
    }
}

/// What is wrong with one claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimFault {
    /// It has the right type and breaks the rule for its values.
    Malformed,
    /// It is not there.
    Missing,
    /// A time before 1970.
    Negative,
    /// A time after the year 9999.
    OutOfRange,
    /// Several audiences; a token is for one.
    Several,
    /// A delegation chain over four actors, or over eight ancestors.
    TooLong,
    /// Another JSON type than the claim has.
    WrongType,
}

impl fmt::Display for ClaimFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "breaks the rule for its values",
            Self::Missing => "is missing",
            Self::Negative => "is before 1970",
            Self::OutOfRange => "is after the year 9999",
            Self::Several => "names several audiences",
            Self::TooLong => "is too long a chain",
            Self::WrongType => "has the wrong JSON type",
        })
    }
}

impl Malformed {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::AlgorithmMissing => "alg_missing",
            Self::AlgorithmNone => "alg_none",
            Self::AlgorithmNotAllowed { .. } => "alg_not_allowed",
            Self::AlgorithmSymmetric { .. } => "alg_symmetric",
            Self::Claim { fault, .. } => match fault {
                ClaimFault::Malformed => "claim_malformed",
                ClaimFault::Missing => "claim_missing",
                ClaimFault::Negative => "claim_time_negative",
                ClaimFault::OutOfRange => "claim_time_out_of_range",
                ClaimFault::Several => "audience_not_single",
                ClaimFault::TooLong => "delegation_too_deep",
                ClaimFault::WrongType => "claim_wrong_type",
            },
            Self::ClaimsDuplicated => "claim_duplicated",
            Self::ClaimsNotJson => "claims_not_json",
            Self::ClaimsNotUtf8 => "claims_not_utf8",
            Self::ClaimsNumberRange => "claims_number_out_of_range",
            Self::ClaimsTooComplex => "claims_too_complex",
            Self::Critical => "crit_present",
            Self::Encoding(_) => "encoding_invalid",
            Self::Encrypted => "token_encrypted",
            Self::Footer => "footer_invalid",
            Self::FooterMissing => "footer_missing",
            Self::ForbiddenCharacter { .. } => "character_forbidden",
            Self::HeaderDuplicated => "header_duplicated",
            Self::HeaderNotJson => "header_not_json",
            Self::HeaderTooComplex => "header_too_complex",
            Self::HeaderType { .. } => "header_wrong_type",
            Self::JsonSerialization => "json_serialization",
            Self::KeyInHeader { .. } => "key_in_header",
            Self::KidMalformed => "kid_malformed",
            Self::KidMissing => "kid_missing",
            Self::Nested => "nested_token",
            Self::NotCompact { .. } => "segment_count",
            Self::SignatureLength { .. } => "signature_length",
            Self::SignatureMismatch => "signature_invalid",
            Self::TooLarge { .. } => "token_too_large",
            Self::TypeMissing => "typ_missing",
            Self::TypeNotAccessToken { .. } => "typ_not_access_token",
            Self::UnencodedPayload => "b64_present",
            Self::Version { .. } => "paseto_version",
            Self::WrongFormat { .. } => "wrong_format",
        }
    }

    /// The claim at fault, if it is one.
    pub const fn claim(&self) -> Option<&'static str> {
        match self {
            Self::Claim { claim, .. } => Some(claim),
            _ => None,
        }
    }
}

impl From<crate::ed25519::BadSignature> for Malformed {
    fn from(bad: crate::ed25519::BadSignature) -> Self {
        match bad {
            crate::ed25519::BadSignature::Length(bytes) => Self::SignatureLength { bytes },
            crate::ed25519::BadSignature::Mismatch => Self::SignatureMismatch,
        }
    }
}

/// At most 32 characters of something a stranger wrote, for evidence.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(32).collect()
}
