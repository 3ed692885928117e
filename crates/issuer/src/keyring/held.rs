//! A key in memory, ready to sign. aws-lc-rs signs, twice as fast as the library that makes and checks keys here.

use super::KeyringSetup;
use aws_lc_rs::signature::Ed25519KeyPair;
use chancery_token::jwk;
use chancery_token::{Format, PublicKey, SecretKey, Signer, TokenSigner, UnixTime, paserk};
use std::fmt;
use std::sync::Arc;

/// One key with everything that is computed once.
#[derive(Clone)]
pub(super) struct HeldKey {
    pub(super) kid: String,
    pub(super) created_at: UnixTime,
    pub(super) secret: SecretKey,
    pub(super) public: PublicKey,
    pub(super) signer: Arc<TokenSigner>,
}

/// The library that signs does not take the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsignable;

impl HeldKey {
    pub(super) fn new(
        secret: SecretKey,
        format: Format,
        created_at: UnixTime,
        setup: &KeyringSetup,
    ) -> Result<Self, Unsignable> {
        let public = secret.public();
        let kid = match format {
            Format::Jwt => jwk::thumbprint(&public),
            Format::Paseto => paserk::pid(&public),
        };
        let pair = Ed25519KeyPair::from_seed_and_public_key(&*secret.seed(), public.as_bytes());
        let signer = Arc::new(FastKey { kid: kid.clone(), pair: pair.map_err(|_| Unsignable)? });
        let signer = Arc::new(match format {
            Format::Jwt => TokenSigner::jwt(signer, setup.algorithm),
            Format::Paseto => TokenSigner::paseto(signer),
        });
        Ok(Self { kid, created_at, secret, public, signer })
    }
}

impl fmt::Debug for HeldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldKey({})", self.kid)
    }
}

struct FastKey {
    kid: String,
    pair: Ed25519KeyPair,
}

impl Signer for FastKey {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        // Ed25519 signatures have 64 bytes (RFC 8032 section 5.1.6), so nothing is cut.
        signature.iter_mut().zip(self.pair.sign(message).as_ref()).for_each(|(to, from)| *to = *from);
        signature
    }
}
