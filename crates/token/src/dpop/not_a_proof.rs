//! Why a text is no proof for a request.

use crate::ed25519::UnusableKey;
use crate::malformed::ClaimFault;
use std::fmt;
use std::time::Duration;

/// Why a text is no proof for a request. It is the sender's fault, always: `invalid_dpop_proof` (RFC 9449 section 5).
///
/// What a stranger wrote stands in it at most 32 characters long, and is for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAProof {
    /// `alg` is none that proofs are signed with.
    #[error("the DPoP proof says it is signed with '{alg}'; sign it with ES256 or EdDSA (Ed25519)")]
    Algorithm {
        /// The value of `alg`, empty where there is none.
        alg: String,
    },
    /// `ath` is the hash of another token.
    #[error(
        "the DPoP proof is for another access token; 'ath' is the base64url of the SHA-256 of the one that is sent"
    )]
    AnotherToken,
    /// Something is wrong with a claim.
    #[error("the claim '{claim}' of the DPoP proof {fault}")]
    Claim {
        /// Which.
        claim: &'static str,
        /// What.
        fault: ClaimFault,
    },
    /// `crit`, `b64`, `cty` or `enc`: the header asks for what no proof needs.
    #[error("the header of the DPoP proof has '{name}', which no proof needs; leave it out")]
    Extended {
        /// Which member.
        name: &'static str,
    },
    /// Made later than now and the window.
    #[error("the DPoP proof was made in the future, {} s beyond what is accepted; set the clock", .by.as_secs())]
    InFuture {
        /// By how much.
        by: Duration,
    },
    /// `jwk` is not there.
    #[error("the header of the DPoP proof has no 'jwk'; put the public key there")]
    KeyMissing,
    /// `jwk` holds a private key, which is known to whoever saw the request.
    #[error(
        "the DPoP proof gives its private key away, in '{member}'; throw the key away, and send public members only"
    )]
    KeyPrivate {
        /// The member.
        member: &'static str,
    },
    /// `jwk` is no key that proofs of this `alg` are made with.
    #[error("the 'jwk' of the DPoP proof cannot be used: {0}")]
    KeyUnusable(UnusableProofKey),
    /// It is none of the two forms that are read.
    #[error("the DPoP proof is malformed: {0}")]
    Malformed(ProofPart),
    /// `htm` is another method.
    #[error("the DPoP proof is for the method '{htm}', not for that of this request")]
    Method {
        /// The value of `htm`.
        htm: String,
    },
    /// The key did not make it.
    #[error("the signature of the DPoP proof is not that of the key in its header")]
    Signature,
    /// Over [`super::MAX_PROOF_BYTES`]; nothing of it was read.
    #[error("the DPoP proof has {bytes} bytes; 4096 are read")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Made too long before now.
    #[error("the DPoP proof is too old by {} s; make one for each request, and set the clock", .by.as_secs())]
    TooOld {
        /// By how much.
        by: Duration,
    },
    /// `typ` is not `dpop+jwt`: another kind of document.
    #[error("the header of the DPoP proof says '{typ}'; its 'typ' is dpop+jwt")]
    Type {
        /// The value of `typ`, empty where there is none.
        typ: String,
    },
    /// `htu` is another address.
    #[error("the DPoP proof is for '{htu}', not for the address of this request")]
    Url {
        /// The value of `htu`.
        htu: String,
    },
}

impl NotAProof {
    pub(super) const fn missing(claim: &'static str) -> Self {
        Self::Claim { claim, fault: ClaimFault::Missing }
    }

    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Algorithm { .. } => "dpop_alg_not_allowed",
            Self::AnotherToken => "dpop_token_mismatch",
            Self::Claim { fault: ClaimFault::Missing, .. } => "dpop_claim_missing",
            Self::Claim { .. } => "dpop_claim_malformed",
            Self::Extended { .. } => "dpop_header_extended",
            Self::InFuture { .. } => "dpop_proof_in_future",
            Self::KeyMissing => "dpop_key_missing",
            Self::KeyPrivate { .. } => "dpop_key_private",
            Self::KeyUnusable(_) => "dpop_key_unusable",
            Self::Malformed(_) => "dpop_proof_malformed",
            Self::Method { .. } => "dpop_method_mismatch",
            Self::Signature => "dpop_signature_invalid",
            Self::TooLarge { .. } => "dpop_proof_too_large",
            Self::TooOld { .. } => "dpop_proof_too_old",
            Self::Type { .. } => "dpop_typ",
            Self::Url { .. } => "dpop_url_mismatch",
        }
    }
}

/// What of a proof cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofPart {
    /// Not three segments with dots between.
    Segments,
    /// The header is not base64url of one JSON object with unique names.
    Header,
    /// Nor are the claims.
    Claims,
    /// The signature is not 64 bytes in base64url.
    Signature,
}

impl fmt::Display for ProofPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Segments => "it is not three segments with dots between",
            Self::Header => "its header is not base64url of one plain JSON object",
            Self::Claims => "its claims are not base64url of one plain JSON object",
            Self::Signature => "its signature is not 64 bytes in base64url",
        })
    }
}

/// Why a JWK is no key that proofs are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableProofKey {
    /// `jwk` is no object.
    #[error("it is not an object")]
    NotAnObject,
    /// The key is of another kind than `alg`.
    #[error(
        "its 'kty' and 'crv' are not those of the 'alg': OKP and Ed25519 for EdDSA, EC and P-256 for ES256"
    )]
    Kind,
    /// The key says that it is for something else.
    #[error("its 'alg', 'use' or 'key_ops' is for something else")]
    Purpose,
    /// `x` or `y` are not 32 bytes.
    #[error("its coordinates are not 32 bytes each in base64url")]
    Coordinates,
    /// No point of P-256.
    #[error("its coordinates are no point of the curve")]
    NotAPoint,
    /// No usable Ed25519 key.
    #[error(transparent)]
    Ed25519(#[from] UnusableKey),
}
