//! Whether a key of a client made a signature. `jsonwebtoken` verifies; what it is told comes from the registered key.

use super::Unproven;
use crate::client::{ClientKey, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey};

pub(super) fn verify(key: &ClientKey, message: &str, signature: &str) -> Result<(), Unproven> {
    let member = |name| key.jwk.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let (decoding, algorithm) = match key.algorithm {
        KeyAlgorithm::EdDsa => (DecodingKey::from_ed_components(member("x")), Algorithm::EdDSA),
        KeyAlgorithm::Es256 => (DecodingKey::from_ec_components(member("x"), member("y")), Algorithm::ES256),
        KeyAlgorithm::Rs256 => (DecodingKey::from_rsa_components(member("n"), member("e")), Algorithm::RS256),
    };
    let checked =
        decoding.and_then(|key| jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm));
    match checked {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Unproven::Signature),
    }
}
