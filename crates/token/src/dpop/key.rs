//! The key that a proof brings along (RFC 9449 section 4.2, RFC 7517, RFC 8037, RFC 7518 section 6.2).

use super::not_a_proof::{NotAProof, UnusableProofKey};
use crate::ed25519::PublicKey;
use crate::encoding::{array_from_base64url, base64url};
use crate::json::{Json, Members, member};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// Members that no public key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What proofs are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Ed25519,
    Es256,
}

impl Algorithm {
    /// Names are compared letter by letter (RFC 7515 section 4.1.1).
    pub(super) fn named(alg: &str) -> Option<Self> {
        match alg {
            "EdDSA" | "Ed25519" => Some(Self::Ed25519),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// A public key that may have signed a proof.
pub(super) enum ProofKey {
    Ed25519(PublicKey),
    P256 { key: Box<VerifyingKey>, x: [u8; 32], y: [u8; 32] },
}

impl ProofKey {
    /// Reads `jwk`, which must be a key of this algorithm.
    pub(super) fn read(jwk: &Json<'_>, algorithm: Algorithm) -> Result<Self, NotAProof> {
        let Json::Object(jwk) = jwk else { return Err(UnusableProofKey::NotAnObject.into()) };
        if let Some(member) = PRIVATE.into_iter().find(|name| member(jwk, name).is_some()) {
            return Err(NotAProof::KeyPrivate { member });
        }
        if !is_for_proofs(jwk, algorithm) {
            return Err(UnusableProofKey::Purpose.into());
        }
        match (algorithm, text(jwk, "kty"), text(jwk, "crv")) {
            (Algorithm::Ed25519, Some("OKP"), Some("Ed25519")) => Ok(Self::ed25519(jwk)?),
            (Algorithm::Es256, Some("EC"), Some("P-256")) => Ok(Self::p256(jwk)?),
            _ => Err(UnusableProofKey::Kind.into()),
        }
    }

    fn ed25519(jwk: &Members<'_>) -> Result<Self, UnusableProofKey> {
        Ok(Self::Ed25519(PublicKey::from_bytes(&coordinate(jwk, "x")?)?))
    }

    fn p256(jwk: &Members<'_>) -> Result<Self, UnusableProofKey> {
        let (x, y) = (coordinate(jwk, "x")?, coordinate(jwk, "y")?);
        // SEC 1 section 2.3.3: an uncompressed point.
        let point = [[4].as_slice(), &x, &y].concat();
        let key = VerifyingKey::from_sec1_bytes(&point).map_err(|_| UnusableProofKey::NotAPoint)?;
        Ok(Self::P256 { key: Box::new(key), x, y })
    }

    /// Checks a signature: `R` and `S` in a row for ES256 (RFC 7518 section 3.4), RFC 8032 section 5.1.6 for Ed25519.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        match self {
            Self::Ed25519(key) => key.verify(message, signature).is_ok(),
            Self::P256 { key, .. } => Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }

    /// RFC 7638 section 3.
    pub(super) fn thumbprint(&self) -> [u8; 32] {
        let required = match self {
            Self::Ed25519(key) => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url(key.as_bytes()))
            }
            Self::P256 { x, y, .. } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, base64url(x), base64url(y))
            }
        };
        Sha256::digest(required).into()
    }
}

impl From<UnusableProofKey> for NotAProof {
    fn from(why: UnusableProofKey) -> Self {
        Self::KeyUnusable(why)
    }
}

/// What a key says of its own use binds it (RFC 7517 sections 4.2 to 4.4); most say nothing.
fn is_for_proofs(jwk: &Members<'_>, algorithm: Algorithm) -> bool {
    let alg = member(jwk, "alg").is_none() || text(jwk, "alg").and_then(Algorithm::named) == Some(algorithm);
    let usage = member(jwk, "use").is_none() || text(jwk, "use") == Some("sig");
    let operations = match member(jwk, "key_ops") {
        None => true,
        Some(Json::List(operations)) => {
            operations.iter().any(|operation| matches!(operation, Json::Text(text) if text == "verify"))
        }
        Some(_) => false,
    };
    alg && usage && operations
}

fn coordinate(jwk: &Members<'_>, name: &str) -> Result<[u8; 32], UnusableProofKey> {
    text(jwk, name).and_then(array_from_base64url).ok_or(UnusableProofKey::Coordinates)
}

fn text<'m>(members: &'m Members<'_>, name: &str) -> Option<&'m str> {
    match member(members, name) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    }
}
