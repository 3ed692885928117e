//! Signatures that some verifiers accept and a strict one does not, made with the secret key in hand.
//!
//! `S = r + k·a` solves the equation of RFC 8032 section 5.1.7 for whatever stands in the place of `R`; so a signer
//! can choose an `R`, or a key, that honest ones never have.

use super::mint::secret;
use chancery_verifier::token::Signer;
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use sha2::{Digest as _, Sha512};

/// The group order, little endian (RFC 8032 section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// How a signature is made.
#[derive(Clone, Copy)]
pub(super) enum Crooked {
    /// Well, and then one bit is turned.
    Bit(usize),
    /// Well, and then the group order is added to `S`: the equation does not mind.
    LargeS,
    /// With the neutral point as `R`: the equation holds.
    NeutralR,
    /// With a point of order 8 added to `R`: the equation holds when it is multiplied by 8.
    MixedR,
    /// Well, for a key with a point of order 8 in it: as above.
    MixedKey,
    /// For the key that is the neutral point, in this spelling: the equation holds for every message.
    NeutralKey,
    /// Of these bytes alone.
    Filled(u8),
}

/// A signer with a secret key and a purpose.
pub(super) struct Signature(pub(super) u8, pub(super) Crooked);

impl Signer for Signature {
    fn kid(&self) -> &'static str {
        "nobody asks"
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        let honest = secret(self.0).sign(message);
        let public = *secret(self.0).public().as_bytes();
        let r = Scalar::from(1_000_003_u64);
        match self.1 {
            Crooked::Bit(bit) => {
                let mut signature = honest;
                signature[bit / 8] ^= 1 << (bit % 8);
                signature
            }
            Crooked::LargeS => with_the_order_added(honest),
            Crooked::NeutralR => solve(self.0, Scalar::ZERO, EIGHT_TORSION[0], &public, message),
            Crooked::MixedR => solve(self.0, r, EIGHT_TORSION[1], &public, message),
            Crooked::MixedKey => solve(self.0, r, EIGHT_TORSION[0], &mixed_key(self.0), message),
            Crooked::NeutralKey => joined(EdwardsPoint::mul_base(&r), r),
            Crooked::Filled(byte) => [byte; 64],
        }
    }
}

/// The public key of a number, plus a point of order 8.
pub(super) fn mixed_key(number: u8) -> [u8; 32] {
    (EdwardsPoint::mul_base(&private(number)) + EIGHT_TORSION[1]).compress().to_bytes()
}

fn private(number: u8) -> Scalar {
    let hash: [u8; 64] = Sha512::digest([number; 32]).into();
    let (half, _) = hash.split_first_chunk::<32>().unwrap();
    Scalar::from_bytes_mod_order(clamp_integer(*half))
}

fn solve(number: u8, r: Scalar, beside: EdwardsPoint, public: &[u8; 32], message: &[u8]) -> [u8; 64] {
    let point = EdwardsPoint::mul_base(&r) + beside;
    let hash =
        Sha512::new().chain_update(point.compress().as_bytes()).chain_update(public).chain_update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    joined(point, r + k * private(number))
}

fn joined(point: EdwardsPoint, s: Scalar) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(point.compress().as_bytes());
    signature[32..].copy_from_slice(s.as_bytes());
    signature
}

fn with_the_order_added(mut signature: [u8; 64]) -> [u8; 64] {
    let mut carry = 0_u16;
    for (s, l) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*s) + u16::from(l) + carry;
        *s = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    signature
}

/// The equation of RFC 8032 section 5.1.7 for a message and its signature; multiplied by 8, or as it is.
fn holds(public: &[u8; 32], message: &[u8], signature: [u8; 64], times_eight: bool) -> bool {
    use curve25519_dalek::edwards::CompressedEdwardsY;
    let point = |bytes: &[u8]| CompressedEdwardsY::from_slice(bytes).unwrap().decompress().unwrap();
    let hash = Sha512::new().chain_update(&signature[..32]).chain_update(public).chain_update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s = Scalar::from_bytes_mod_order(signature[32..].try_into().unwrap());
    let (left, right) = (EdwardsPoint::mul_base(&s), point(&signature[..32]) + point(public) * k);
    if times_eight { left.mul_by_cofactor() == right.mul_by_cofactor() } else { left == right }
}

#[test]
fn r_12_5_a_crooked_signature_is_one_that_a_careless_verifier_accepts() {
    let public = *secret(1).public().as_bytes();
    let mut neutral = [0; 32];
    neutral[0] = 1;
    for (crooked, public, bare) in [
        (Crooked::LargeS, public, true),
        (Crooked::NeutralR, public, true),
        (Crooked::NeutralKey, neutral, true),
        (Crooked::MixedR, public, false),
        (Crooked::MixedKey, mixed_key(1), false),
    ] {
        let signature = Signature(1, crooked).sign(b"message");
        assert!(holds(&public, b"message", signature, true));
        assert_eq!(holds(&public, b"message", signature, false), bare);
    }
    let turned = Signature(1, Crooked::Bit(300)).sign(b"message");
    assert!(!holds(&public, b"message", turned, true));
}
