//! Sealing what rests in the store: AES-256-GCM (NIST SP 800-38D) under a key of its own.

use super::{Fingerprint, MasterKey};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use chancery_verifier::entropy::Entropy;
use zeroize::Zeroizing;

/// The layout below. A reader that meets another one says so.
const VERSION: u8 = 1;
/// Bytes of a fingerprint.
const FINGERPRINT: usize = 8;

/// Why sealed bytes do not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// Another master key sealed them.
    #[error(
        "this was sealed under the master key {sealed_under}; the one at hand is {at_hand}. Point keys.master_key_file to the first"
    )]
    OtherMasterKey {
        /// The key that sealed them.
        sealed_under: Fingerprint,
        /// The key that was tried.
        at_hand: Fingerprint,
    },
    /// They were changed, cut, or sealed for another purpose or issuer.
    #[error("the sealed bytes were changed, or belong to another issuer; restore the store from its backup")]
    Tampered,
    /// A later version of the program sealed them.
    #[error(
        "this was sealed in layout {found}, and this program knows layout 1; run the version that wrote it"
    )]
    UnknownLayout {
        /// Its number.
        found: u8,
    },
}

impl SealFault {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::OtherMasterKey { .. } => "other_master_key",
            Self::Tampered => "seal_broken",
            Self::UnknownLayout { .. } => "unknown_seal_layout",
        }
    }
}

impl MasterKey {
    /// Seals `plain` for one `purpose` of one `issuer`. The nonce is random: at one seal for each change of a
    /// keyring, the 2^32 after which random nonces become a risk (NIST SP 800-38D section 8.3) are never met.
    pub fn seal(&self, purpose: &str, issuer: &str, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let head = self.head();
        let body = self.encrypt(nonce, bound_to(&head, purpose, issuer), plain);
        [head.as_slice(), &nonce, &body].concat()
    }

    #[expect(clippy::expect_used, reason = "GCM fails only above 64 GiB (NIST SP 800-38D section 5.2.1.1)")]
    fn encrypt(&self, nonce: [u8; NONCE_LEN], bound: Vec<u8>, plain: &[u8]) -> Vec<u8> {
        // Room for all of it at once: growing would leave a copy behind that nobody wipes.
        let mut body = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
        body.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.sealing_key()
            .seal_in_place_append_tag(nonce, Aad::from(bound), &mut body)
            .expect("less than 64 GiB");
        body
    }

    /// Opens what [`MasterKey::seal`] made for the same purpose and issuer.
    pub fn open(&self, purpose: &str, issuer: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        let (head, rest) = sealed.split_at_checked(1 + FINGERPRINT).ok_or(SealFault::Tampered)?;
        let (version, fingerprint) = head.split_first().ok_or(SealFault::Tampered)?;
        if *version != VERSION {
            return Err(SealFault::UnknownLayout { found: *version });
        }
        let at_hand = self.fingerprint();
        let sealed_under = written(fingerprint);
        if sealed_under != at_hand {
            return Err(SealFault::OtherMasterKey { sealed_under, at_hand });
        }
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(SealFault::Tampered)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealFault::Tampered)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let bound = Aad::from(bound_to(head, purpose, issuer));
        let opened =
            self.sealing_key().open_in_place(nonce, bound, &mut plain).map_err(|_| SealFault::Tampered)?;
        let length = opened.len();
        plain.truncate(length);
        Ok(plain)
    }

    fn head(&self) -> Vec<u8> {
        let fingerprint = self.fingerprint();
        let digits = fingerprint.as_str().as_bytes().chunks_exact(2);
        let byte = |pair: &[u8]| str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        std::iter::once(VERSION).chain(digits.filter_map(byte)).collect()
    }

    #[expect(clippy::expect_used, reason = "AES-256 takes exactly the 32 bytes that are derived")]
    fn sealing_key(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*self.derive("seal")).expect("32 bytes"))
    }
}

/// What is authenticated beside the secret: a keyring that was moved to another place does not open there. A zero
/// byte ends the purpose; no purpose holds one.
fn bound_to(head: &[u8], purpose: &str, issuer: &str) -> Vec<u8> {
    [head, purpose.as_bytes(), b"\0", issuer.as_bytes()].concat()
}

fn written(fingerprint: &[u8]) -> Fingerprint {
    Fingerprint(fingerprint.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_verifier::entropy::PredictableEntropy;
    use proptest::prelude::*;

    const ISSUER: &str = "https://auth.example.com";

    fn master(seed: u64) -> MasterKey {
        MasterKey::generate(&PredictableEntropy::new(seed))
    }

    fn sealed() -> Vec<u8> {
        master(1).seal("keyring", ISSUER, b"thirty-two bytes of private key.", &PredictableEntropy::new(9))
    }

    #[test]
    fn what_is_sealed_opens_and_is_not_readable() {
        let sealed = sealed();
        assert_eq!(
            &**master(1).open("keyring", ISSUER, &sealed).unwrap(),
            b"thirty-two bytes of private key."
        );
        assert!(
            !sealed
                .windows(6)
                .any(|part| b"thirty-two bytes of private key.".windows(6).any(|plain| plain == part))
        );
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let sealed = sealed();
        for at in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(master(1).open("keyring", ISSUER, &changed).is_err(), "bit {at}");
        }
    }

    #[test]
    fn a_piece_that_is_missing_or_added_is_noticed() {
        let sealed = sealed();
        for length in 0..sealed.len() {
            assert!(master(1).open("keyring", ISSUER, &sealed[..length]).is_err(), "{length} bytes");
        }
        assert_eq!(
            master(1).open("keyring", ISSUER, &[&sealed[..], b"x"].concat()),
            Err(SealFault::Tampered)
        );
        assert_eq!(master(1).open("keyring", ISSUER, &[]), Err(SealFault::Tampered));
    }

    #[test]
    fn another_purpose_or_issuer_does_not_open_it() {
        let sealed = sealed();
        assert_eq!(master(1).open("keyrinh", ISSUER, &sealed), Err(SealFault::Tampered));
        assert_eq!(master(1).open("keyring", "https://auth.example.org", &sealed), Err(SealFault::Tampered));
    }

    #[test]
    fn a_wrong_master_key_is_refused_with_both_fingerprints() {
        let refused = master(2).open("keyring", ISSUER, &sealed()).unwrap_err();
        let (sealed_under, at_hand) = (master(1).fingerprint(), master(2).fingerprint());
        assert_eq!(refused, SealFault::OtherMasterKey { sealed_under, at_hand });
        for fingerprint in [master(1).fingerprint(), master(2).fingerprint()] {
            assert!(refused.to_string().contains(fingerprint.as_str()), "{refused}");
        }
    }

    #[test]
    fn a_later_layout_is_named() {
        let mut later = sealed();
        later[0] = 2;
        assert_eq!(master(1).open("keyring", ISSUER, &later), Err(SealFault::UnknownLayout { found: 2 }));
    }

    #[test]
    fn sealing_twice_gives_two_texts() {
        let entropy = PredictableEntropy::new(9);
        let seal = || master(1).seal("keyring", ISSUER, b"same", &entropy);
        assert_ne!(seal(), seal());
    }

    proptest! {
        #[test]
        fn any_bytes_survive(plain in proptest::collection::vec(any::<u8>(), 0..300), seed in any::<u64>()) {
            let sealed = master(seed).seal("p", "i", &plain, &PredictableEntropy::new(seed ^ 1));
            prop_assert_eq!(&**master(seed).open("p", "i", &sealed).unwrap(), &plain);
        }

        #[test]
        fn garbage_never_opens(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(master(1).open("keyring", ISSUER, &bytes).is_err());
        }
    }
}
