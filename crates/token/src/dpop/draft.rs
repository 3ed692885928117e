//! How a proof is made, by whoever holds an Ed25519 key.

use super::{Request, htu};
use crate::ed25519::SecretKey;
use crate::encoding::base64url;
use crate::time::UnixTime;
use crate::{jwk, jws};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// A proof to be made, for one request.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'d> {
    /// The request that it goes with.
    pub request: Request<'d>,
    /// Fresh for each proof: random, at least 96 bits (RFC 9449 section 4.2).
    pub jti: &'d str,
    /// Now.
    pub iat: UnixTime,
    /// What the server gave out last in `DPoP-Nonce`, if it did (RFC 9449 section 8).
    pub nonce: Option<&'d str>,
}

impl Draft<'_> {
    /// The proof, for the header `DPoP`. Its `alg` is `EdDSA`.
    pub fn sign(&self, key: &SecretKey) -> String {
        let public = key.public();
        let header = json!({
            "typ": "dpop+jwt",
            "alg": "EdDSA",
            "jwk": { "kty": "OKP", "crv": "Ed25519", "x": base64url(public.as_bytes()) },
        });
        let mut claims = json!({
            "jti": self.jti,
            "htm": self.request.method,
            "htu": htu::plain(self.request.url),
            "iat": self.iat.as_secs(),
        });
        if let Some(token) = self.request.access_token {
            claims["ath"] = base64url(&Sha256::digest(token)).into();
        }
        if let Some(nonce) = self.nonce {
            claims["nonce"] = nonce.into();
        }
        let signer = key.clone().named(jwk::thumbprint(&public));
        jws::sign(&header.to_string(), claims.to_string().as_bytes(), &signer)
    }
}
