//! JSON Web Keys (RFC 7517), Ed25519 only (RFC 8037), and their thumbprints (RFC 7638).

use crate::ed25519::{PublicKey, UnusableKey};
use crate::encoding::{base64url, from_base64url};
use crate::jwt::AlgorithmName;
use sha2::{Digest as _, Sha256};

/// The RFC 7638 thumbprint of an Ed25519 key, base64url: the `kid` of its tokens.
pub fn thumbprint(key: &PublicKey) -> String {
    let required = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url(key.as_bytes()));
    base64url(&Sha256::digest(required))
}

/// The RFC 7638 thumbprint of any JWK: of its required members, in the order of their names (section 3.2).
/// `None` when the key type is not OKP, EC, RSA or oct, or a required member is missing or no text.
pub fn thumbprint_of(jwk: &serde_json::Value) -> Option<[u8; 32]> {
    let required: &[&str] = match jwk.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        "oct" => &["k", "kty"],
        _ => return None,
    };
    let members = required
        .iter()
        .map(|name| Some(format!("\"{name}\":{}", serde_json::Value::from(jwk.get(name)?.as_str()?))))
        .collect::<Option<Vec<_>>>()?;
    Some(Sha256::digest(format!("{{{}}}", members.join(","))).into())
}

/// A public key as it is published. It has no room for a private member.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Jwk {
    kty: &'static str,
    crv: &'static str,
    x: String,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    kid: String,
}

impl Jwk {
    /// Publishes `key` under its thumbprint, for tokens whose header says `alg`.
    pub fn new(key: &PublicKey, alg: AlgorithmName) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            x: base64url(key.as_bytes()),
            usage: "sig",
            alg: alg.as_str(),
            kid: thumbprint(key),
        }
    }
}

/// Why one entry of a key set is left out. The rest of the set stands (RFC 7517 section 5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SkippedKey {
    /// `alg` names an algorithm that Ed25519 is not.
    #[error("'alg' is not EdDSA or Ed25519")]
    Algorithm,
    /// Another key stands under the same `kid`; neither is used, for nobody can tell which is meant.
    #[error("two different keys share this key id")]
    AmbiguousKid,
    /// `crv` is not Ed25519.
    #[error("'crv' is not Ed25519")]
    Curve,
    /// The 32 bytes are no key that we verify with.
    #[error(transparent)]
    Key(#[from] UnusableKey),
    /// `kid` is missing, over 64 characters, or outside `[A-Za-z0-9_-]`.
    #[error("'kid' is missing, over 64 characters, or has a character outside A-Z a-z 0-9 '-' '_'")]
    Kid,
    /// The PASERK id is not the one of its key.
    #[error("the 'kid' is not the k4.pid of the key")]
    KidOfAnotherKey,
    /// `key_ops` is there without `verify`.
    #[error("'key_ops' does not allow to verify")]
    KeyOperations,
    /// `kty` is not OKP.
    #[error("'kty' is not OKP")]
    KeyType,
    /// The entry is no JSON object.
    #[error("the entry is not an object")]
    NotAnObject,
    /// Not a `k4.public` PASERK.
    #[error("the 'key' is not a k4.public PASERK")]
    Paserk,
    /// `d` is published: the private key is out, whoever made it.
    #[error("the private part 'd' is published; the key is compromised")]
    PrivatePart,
    /// `use` is not `sig`.
    #[error("'use' is not sig")]
    Use,
    /// `x` is not base64url.
    #[error("'x' is not base64url without padding")]
    X,
}

/// Reads one entry of a JWK Set.
pub(crate) fn read(jwk: &serde_json::Value) -> Result<(String, PublicKey), SkippedKey> {
    let jwk = jwk.as_object().ok_or(SkippedKey::NotAnObject)?;
    let text = |name: &str| jwk.get(name).and_then(serde_json::Value::as_str);
    if text("kty") != Some("OKP") {
        return Err(SkippedKey::KeyType);
    }
    if text("crv") != Some("Ed25519") {
        return Err(SkippedKey::Curve);
    }
    if jwk.contains_key("alg") && !matches!(text("alg"), Some("EdDSA" | "Ed25519")) {
        return Err(SkippedKey::Algorithm);
    }
    if jwk.contains_key("use") && text("use") != Some("sig") {
        return Err(SkippedKey::Use);
    }
    if let Some(operations) = jwk.get("key_ops") {
        let verify =
            |operations: &Vec<serde_json::Value>| operations.iter().any(|operation| operation == "verify");
        if !operations.as_array().is_some_and(verify) {
            return Err(SkippedKey::KeyOperations);
        }
    }
    if jwk.contains_key("d") {
        return Err(SkippedKey::PrivatePart);
    }
    let kid = text("kid").filter(|kid| legal_kid(kid)).ok_or(SkippedKey::Kid)?;
    let x = text("x").and_then(from_base64url).ok_or(SkippedKey::X)?;
    Ok((kid.to_owned(), PublicKey::from_bytes(&x)?))
}

/// R-9.6: a key id is a map key and nothing else, so it stays small and plain.
pub(crate) fn legal_kid(kid: &str) -> bool {
    (1..=64).contains(&kid.len())
        && kid.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
