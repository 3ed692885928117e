//! Ed25519, strict (RFC 8032, and the checks that it leaves open).

use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{SigningKey, Verifier as _, VerifyingKey};
use sha2::Sha512;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A public key that may verify: 32 bytes, canonical, a point of the curve, not of low order.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why 32 bytes are no key that we verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// Not 32 bytes long (RFC 8037 section 2).
    #[error("an Ed25519 public key has 32 bytes, this one has {0}")]
    Length(usize),
    /// Not the encoding of a point, or not its canonical encoding (RFC 8032 section 5.1.3).
    #[error("the bytes are not the canonical encoding of a curve point")]
    NotAPoint,
    /// A point of low order: anybody can make signatures that it accepts.
    #[error("the key is a point of low order, for which signatures can be forged")]
    LowOrder,
}

impl PublicKey {
    /// Loads a key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnusableKey> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| UnusableKey::Length(bytes.len()))?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| UnusableKey::NotAPoint)?;
        if key.is_weak() {
            return Err(UnusableKey::LowOrder);
        }
        // The decompression of the library reduces y modulo p; encoding the point again shows whether it had to.
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(UnusableKey::NotAPoint);
        }
        Ok(Self(key))
    }

    /// The 32 bytes of RFC 8032 section 5.1.2.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Checks `signature` over `message`: 64 bytes, `S` below the group order, neither `A` nor `R` of low
    /// order, and the cofactorless equation of RFC 8032 section 5.1.7.
    ///
    /// The verdict of `VerifyingKey::verify_strict`, in nine tenths of its time. That function decompresses `R`
    /// only to see whether its order is low. But the equation compares `R` byte by byte with the encoding of the
    /// point that it arrives at, so an `R` that passes is canonical, and then low order is a matter of eight
    /// spellings. The order of `A` was looked at when the key was loaded.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<SignatureValid, BadSignature> {
        let bytes: &[u8; 64] = signature.try_into().map_err(|_| BadSignature::Length(signature.len()))?;
        let signature = ed25519_dalek::Signature::from_bytes(bytes);
        if low_order(signature.r_bytes()) {
            return Err(BadSignature::Mismatch);
        }
        self.0.verify(message, &signature).map_err(|_| BadSignature::Mismatch)?;
        Ok(SignatureValid(()))
    }
}

/// The `y` of the eight points whose order divides the cofactor 8, little endian: 1 (the neutral point), -1, 0
/// twice, and two others twice each. Whether the sign of `x` is one that the point can have, the equation decides.
const LOW_ORDER: [[u8; 32]; 5] = [
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = [0xff; 32];
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        minus_one
    },
    [0; 32],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

fn low_order(point: &[u8; 32]) -> bool {
    let mut y = *point;
    y[31] &= 0x7f;
    LOW_ORDER.contains(&y)
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", crate::encoding::base64url(self.as_bytes()))
    }
}

/// Proof that [`PublicKey::verify`] said yes; nothing else makes one.
#[derive(Debug)]
#[must_use = "a signature that nobody looks at proves nothing"]
pub struct SignatureValid(());

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// Not 64 bytes (RFC 8032 section 5.1.6).
    #[error("an Ed25519 signature has 64 bytes, this one has {0}")]
    Length(usize),
    /// The key did not make it over these bytes, or it is not in its only accepted form.
    #[error("the signature does not match")]
    Mismatch,
}

/// Whoever holds a private key: the keyring of an issuer, an HSM, a test.
pub trait Signer: Send + Sync {
    /// The name of the key in tokens (see [`crate::jwk::thumbprint`] and [`crate::paserk::pid`]).
    fn kid(&self) -> &str;

    /// Signs `message` (RFC 8032 section 5.1.6).
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// A private key, as the 32-byte seed of RFC 8032 section 5.1.5. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct SecretKey {
    key: SigningKey,
    /// What the seed hashes to. Every signature needs it: kept, it saves a fiftieth of each.
    expanded: Arc<ExpandedSecretKey>,
}

impl SecretKey {
    /// Derives the key from `seed`, which must be 32 uniformly random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(seed), expanded: Arc::new(ExpandedSecretKey::from(seed)) }
    }

    /// The seed, for whoever seals or exports the key.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The public half. A seed never yields a low-order point: the scalar is clamped to a multiple of the
    /// cofactor that is not zero modulo the group order.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.key.verifying_key())
    }

    /// Signs `message` (RFC 8032 section 5.1.6); deterministic.
    ///
    /// The raw operation gives the key away when the public key is not the one of the private key; here both come
    /// from the same seed, and nothing can replace one of them.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        raw_sign::<Sha512>(&self.expanded, message, &self.key.verifying_key()).to_bytes()
    }

    /// A [`Signer`] under the name `kid`.
    pub fn named(self, kid: impl Into<String>) -> NamedKey {
        NamedKey { kid: kid.into(), key: self }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(***)")
    }
}

/// A private key with its name; signs with ed25519-dalek.
#[derive(Clone, Debug)]
pub struct NamedKey {
    kid: String,
    key: SecretKey,
}

impl Signer for NamedKey {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message)
    }
}

#[cfg(test)]
mod tests;
