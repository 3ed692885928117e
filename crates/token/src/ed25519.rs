//! Ed25519, strict (RFC 8032, and the checks that it leaves open).

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use std::fmt;
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
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<SignatureValid, BadSignature> {
        let bytes: &[u8; 64] = signature.try_into().map_err(|_| BadSignature::Length(signature.len()))?;
        let signature = ed25519_dalek::Signature::from_bytes(bytes);
        self.0.verify_strict(message, &signature).map_err(|_| BadSignature::Mismatch)?;
        Ok(SignatureValid(()))
    }
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
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Derives the key from `seed`, which must be 32 uniformly random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, for whoever seals or exports the key.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half. A seed never yields a low-order point: the scalar is clamped to a multiple of the
    /// cofactor that is not zero modulo the group order.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs `message` (RFC 8032 section 5.1.6); deterministic.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
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
mod tests {
    use super::*;

    fn key() -> SecretKey {
        SecretKey::from_seed(&[7; 32])
    }

    #[test]
    fn r_9_3_a_signature_of_another_length_is_refused() {
        let signature = key().sign(b"message");
        for length in [0, 1, 63, 65, 128] {
            let other: Vec<u8> = signature.iter().copied().cycle().take(length).collect();
            assert_eq!(key().public().verify(b"message", &other).unwrap_err(), BadSignature::Length(length));
        }
    }

    #[test]
    fn r_9_3_an_s_above_the_group_order_is_refused() {
        // The group order, little endian (RFC 8032 section 5.1): S + L satisfies the equation as well as S.
        let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
        let mut signature = key().sign(b"message");
        let mut carry = 0u16;
        for (s, l) in signature[32..].iter_mut().zip(&order) {
            let sum = u16::from(*s) + u16::from(*l) + carry;
            *s = u8::try_from(sum & 0xff).unwrap();
            carry = sum >> 8;
        }
        assert_eq!(key().public().verify(b"message", &signature).unwrap_err(), BadSignature::Mismatch);
    }

    #[test]
    fn r_9_3_keys_of_low_order_and_other_spellings_are_refused() {
        // The eight points of low order, and their encodings with y >= p or with the sign bit of x = 0 set.
        for hex in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ] {
            assert!(PublicKey::from_bytes(&hex::decode(hex).unwrap()).is_err(), "{hex}");
        }
        // y = p + 3 spells the point with y = 3 a second time, if there is one; y = p + 4 likewise.
        for low in 0xf0..=0xff_u8 {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, 0x7f);
            assert_eq!(PublicKey::from_bytes(&bytes), Err(UnusableKey::NotAPoint), "{low:02x}");
        }
    }

    #[test]
    fn r_9_3_a_key_of_another_length_is_refused_without_a_panic() {
        for length in [0, 31, 33, 64] {
            assert_eq!(PublicKey::from_bytes(&vec![9; length]), Err(UnusableKey::Length(length)));
        }
    }

    #[test]
    fn the_rfc_8032_vectors_hold() {
        for (seed, public, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let seed: [u8; 32] = hex::decode(seed).unwrap().try_into().unwrap();
            let (key, message) = (SecretKey::from_seed(&seed), hex::decode(message).unwrap());
            assert_eq!(hex::encode(key.public().as_bytes()), public);
            assert_eq!(hex::encode(key.sign(&message)), signature);
            let _: SignatureValid = key.public().verify(&message, &hex::decode(signature).unwrap()).unwrap();
        }
    }

    #[test]
    fn a_private_key_cannot_be_printed() {
        let named = key().named("kid");
        let printed = format!("{named:?}");
        assert!(printed.contains("***") && !printed.contains("0707") && !printed.contains("7, 7"), "{printed}");
    }
}
