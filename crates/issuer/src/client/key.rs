//! Public keys of clients: by them it shows who signed an assertion (RFC 7517, RFC 7523 section 3).

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use chancery_token::PublicKey;
use chancery_token::encoding::{array_from_base64url, base64url, from_base64url};
use chancery_token::jwk::thumbprint_of;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Fewest bits of an RSA key (RFC 7518 section 3.3).
const FEWEST_BITS: usize = 2048;
/// Most bits of an RSA key: what AWS-LC verifies (`RSA_PKCS1_2048_8192_SHA256`).
const MOST_BITS: usize = 8192;

/// A public key of a client, by which it signs its assertions (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKey {
    /// Its RFC 7638 thumbprint, base64url without padding.
    pub kid: String,
    /// The one algorithm that it signs with. What an assertion says of itself is compared with this.
    pub algorithm: KeyAlgorithm,
    /// The public key as a JWK: required members only (RFC 7638 section 3.2).
    pub jwk: Value,
}

/// An algorithm that client assertions may be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// Ed25519, written `EdDSA` or `Ed25519` (RFC 8037, RFC 9864).
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256 (RFC 7518 section 3.4).
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits and more (RFC 7518 section 3.3).
    #[serde(rename = "RS256")]
    Rs256,
}

impl KeyAlgorithm {
    /// As a header writes them (RFC 8414 section 2, `token_endpoint_auth_signing_alg_values_supported`).
    pub(crate) const NAMES: [&str; 4] = ["EdDSA", "Ed25519", "ES256", "RS256"];

    /// The word for it in requests and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm that a header calls `alg`.
    pub(crate) fn named(alg: &str) -> Option<Self> {
        match alg {
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a JWK is no key of a client. Nothing of the JWK is repeated: it may be the private one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAClientKey {
    /// It is no JSON object with a key type.
    #[error("it is no JWK: a JSON object with kty")]
    NotAJwk,
    /// It is secret. Whoever has read it on its way can sign as the client.
    #[error(
        "it is a private key, and has been shown to somebody by now: make a new one, keep its private part where it is used, and give the public part here"
    )]
    Private,
    /// A type or curve that no algorithm here is for.
    #[error("it is of another kind than Ed25519 (OKP), P-256 (EC) and RSA")]
    Kind,
    /// `alg` names another algorithm than keys of this kind have here.
    #[error("its alg must be EdDSA or Ed25519 for Ed25519, ES256 for P-256, RS256 for RSA, or left out")]
    Algorithm,
    /// It is for something else: `use` or `key_ops` (RFC 7517 section 4).
    #[error("its use or key_ops says that it is not for signatures")]
    Use,
    /// A member is missing, or is no base64url of the right length.
    #[error("a member of it is missing, or is not base64url without padding and leading zeros")]
    Member,
    /// No point of the curve, or of low order, or an even modulus.
    #[error("it is no usable key: no point of its curve, or no modulus that two primes have")]
    Unusable,
    /// An RSA key of too few or too many bits, or with a small exponent.
    #[error("an RSA key has 2048 to 8192 bits and the exponent 65537 or above; this one has {bits} bits")]
    Size {
        /// How many it has.
        bits: usize,
    },
}

impl NotAClientKey {
    /// Stable name for answers and logs.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotAJwk => "key_not_a_jwk",
            Self::Private => "key_private",
            Self::Kind => "key_kind",
            Self::Algorithm => "key_algorithm",
            Self::Use => "key_use",
            Self::Member => "key_member",
            Self::Unusable => "key_unusable",
            Self::Size { .. } => "key_size",
        }
    }
}

impl ClientKey {
    /// Reads a JWK that was handed in, and keeps the members that make the key.
    pub fn read(jwk: &Value) -> Result<Self, NotAClientKey> {
        let members = jwk.as_object().ok_or(NotAClientKey::NotAJwk)?;
        // RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2.
        if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| members.contains_key(*name)) {
            return Err(NotAClientKey::Private);
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let kty = text("kty").ok_or(NotAClientKey::NotAJwk)?;
        let (algorithm, bare) = match (kty, text("crv")) {
            ("OKP", Some("Ed25519")) => (KeyAlgorithm::EdDsa, ed25519(jwk)?),
            ("EC", Some("P-256")) => (KeyAlgorithm::Es256, p256(jwk)?),
            ("RSA", _) => (KeyAlgorithm::Rs256, rsa(jwk)?),
            _ => return Err(NotAClientKey::Kind),
        };
        if members.contains_key("alg") && text("alg").and_then(KeyAlgorithm::named) != Some(algorithm) {
            return Err(NotAClientKey::Algorithm);
        }
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|listed| listed.iter().any(|operation| operation == "verify"))
        };
        if members.get("use").is_some_and(|usage| usage != "sig")
            || members.get("key_ops").is_some_and(|operations| !verifies(operations))
        {
            return Err(NotAClientKey::Use);
        }
        let thumbprint = thumbprint_of(&bare).ok_or(NotAClientKey::Member)?;
        Ok(Self { kid: base64url(&thumbprint), algorithm, jwk: bare })
    }
}

fn member<const N: usize>(jwk: &Value, name: &str) -> Result<[u8; N], NotAClientKey> {
    let text = jwk.get(name).and_then(Value::as_str).ok_or(NotAClientKey::Member)?;
    array_from_base64url(text).ok_or(NotAClientKey::Member)
}

/// RFC 8037 section 2.
fn ed25519(jwk: &Value) -> Result<Value, NotAClientKey> {
    let x: [u8; 32] = member(jwk, "x")?;
    PublicKey::from_bytes(&x).map_err(|_| NotAClientKey::Unusable)?;
    Ok(json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(&x) }))
}

/// RFC 7518 section 6.2.1.
fn p256(jwk: &Value) -> Result<Value, NotAClientKey> {
    let (x, y): ([u8; 32], [u8; 32]) = (member(jwk, "x")?, member(jwk, "y")?);
    let point = [&[4], &x[..], &y[..]].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| NotAClientKey::Unusable)?;
    Ok(json!({ "kty": "EC", "crv": "P-256", "x": base64url(&x), "y": base64url(&y) }))
}

/// RFC 7518 section 6.3.1.
fn rsa(jwk: &Value) -> Result<Value, NotAClientKey> {
    let number = |name: &str| {
        let bytes = jwk.get(name).and_then(Value::as_str).and_then(from_base64url);
        bytes.filter(|bytes| bytes.first().is_some_and(|first| *first != 0)).ok_or(NotAClientKey::Member)
    };
    let (n, e) = (number("n")?, number("e")?);
    let bits = |number: &[u8]| {
        let zeros = number.first().map_or(0, |first| first.leading_zeros());
        number.len() * 8 - usize::try_from(zeros).unwrap_or(0)
    };
    // Beyond 33 bits AWS-LC takes no exponent.
    if !(FEWEST_BITS..=MOST_BITS).contains(&bits(&n)) || !(17..=33).contains(&bits(&e)) {
        return Err(NotAClientKey::Size { bits: bits(&n) });
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    if !is_odd(&n) || !is_odd(&e) {
        return Err(NotAClientKey::Unusable);
    }
    let (n_text, e_text) = (base64url(&n), base64url(&e));
    let der = PublicKeyComponents { n, e }.as_der().map_err(|_| NotAClientKey::Unusable)?;
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()).map_err(|_| NotAClientKey::Unusable)?;
    Ok(json!({ "kty": "RSA", "n": n_text, "e": e_text }))
}

#[cfg(test)]
mod tests;
