//! A key in memory, ready to sign. aws-lc-rs signs, twice as fast as the library that makes and checks keys here.

use super::KeyringSetup;
use aws_lc_rs::signature::Ed25519KeyPair;
use chancery_revocation::DocumentSigner;
use chancery_token::jwk;
use chancery_token::{Format, PublicKey, SecretKey, Signer, TokenSigner, UnixTime, paserk};
use std::fmt;
use std::sync::Arc;

/// One key with everything that is computed once. What it signs with is its type, so that no key signs both.
pub(super) struct HeldKey<S> {
    pub(super) kid: String,
    pub(super) created_at: UnixTime,
    pub(super) secret: SecretKey,
    pub(super) public: PublicKey,
    pub(super) signer: Arc<S>,
}

/// A key that signs tokens.
pub(super) type TokenKey = HeldKey<TokenSigner>;

/// A key that signs documents of the revocation log.
pub(super) type LogKey = HeldKey<DocumentSigner>;

/// The library that signs does not take the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsignable;

impl TokenKey {
    pub(super) fn for_tokens(
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
        let signer = fast(&kid, &secret, &public)?;
        let signer = Arc::new(match format {
            Format::Jwt => TokenSigner::jwt(signer, setup.algorithm),
            Format::Paseto => TokenSigner::paseto(signer),
        });
        Ok(Self { kid, created_at, secret, public, signer })
    }
}

impl LogKey {
    pub(super) fn for_the_log(
        secret: SecretKey,
        created_at: UnixTime,
        setup: &KeyringSetup,
    ) -> Result<Self, Unsignable> {
        let public = secret.public();
        let kid = jwk::thumbprint(&public);
        let signer = Arc::new(DocumentSigner::new(&setup.issuer, fast(&kid, &secret, &public)?));
        Ok(Self { kid, created_at, secret, public, signer })
    }
}

fn fast(kid: &str, secret: &SecretKey, public: &PublicKey) -> Result<Arc<FastKey>, Unsignable> {
    let pair = Ed25519KeyPair::from_seed_and_public_key(&*secret.seed(), public.as_bytes());
    Ok(Arc::new(FastKey { kid: kid.to_owned(), pair: pair.map_err(|_| Unsignable)? }))
}

// By hand, for a copy of the key needs no copy of what signs with it.
impl<S> Clone for HeldKey<S> {
    fn clone(&self) -> Self {
        Self {
            kid: self.kid.clone(),
            created_at: self.created_at,
            secret: self.secret.clone(),
            public: self.public.clone(),
            signer: Arc::clone(&self.signer),
        }
    }
}

impl<S> fmt::Debug for HeldKey<S> {
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
