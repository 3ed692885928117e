//! The master key: what everything secret in the store hangs on.
//!
//! It is never used itself. Each purpose has a key of its own, derived from it with HKDF-SHA-256 (RFC 5869).

mod file;
mod seal;

pub use file::MasterKeyFault;
pub use seal::SealFault;

use crate::credential::{self, NotACredential};
use aws_lc_rs::{digest, hkdf};
use chancery_verifier::entropy::Entropy;
use std::borrow::Cow;
use std::fmt;
use zeroize::Zeroizing;

/// Prefix of a written master key.
pub const MASTER_KEY_PREFIX: &str = "chm_";

/// 32 random bytes. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Makes a new one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(&mut *bytes);
        Self(bytes)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, NotACredential> {
        credential::read(MASTER_KEY_PREFIX, text).map(Self)
    }

    fn reveal(&self) -> Zeroizing<String> {
        credential::write(MASTER_KEY_PREFIX, &*self.0)
    }

    /// The key for one purpose. Purposes are told apart by their names, which never change.
    #[expect(clippy::expect_used, reason = "32 bytes are far below the 8160 that HKDF-SHA-256 can expand to")]
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"chancery").extract(&*self.0);
        let info = [b"chancery/v1/".as_slice(), purpose.as_bytes()];
        let mut key = Zeroizing::new([0; 32]);
        let expanded = extracted.expand(&info, hkdf::HKDF_SHA256).expect("a length that HKDF can expand to");
        expanded.fill(&mut *key).expect("the length that was asked for");
        key
    }

    /// What may be said about it: two master keys are the same if and only if their fingerprints are.
    pub fn fingerprint(&self) -> Fingerprint {
        let hash = digest::digest(&digest::SHA256, &*self.derive("fingerprint"));
        Fingerprint(hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.fingerprint())
    }
}

/// The public name of a master key: 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Fingerprint(Box<str>);

impl Fingerprint {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads 16 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let legal = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 16 && text.bytes().all(legal)).then(|| Self(text.into()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a fingerprint is 16 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_verifier::entropy::PredictableEntropy;

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let master = MasterKey::generate(&PredictableEntropy::new(1));
        let keys = [master.derive("seal"), master.derive("client-secret"), master.derive("fingerprint")];
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
        assert_eq!(master.derive("seal"), keys[0]);
        assert!(keys.iter().all(|key| **key != *master.0));
    }

    #[test]
    fn a_derived_key_is_the_one_that_rfc_5869_says() {
        // Computed independently: HMAC-SHA-256 of the key under the salt "chancery", then of the info and 0x01.
        let master = MasterKey(Zeroizing::new([7; 32]));
        let hmac = |key: &[u8], data: &[u8]| {
            aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key), data)
        };
        let extracted = hmac(b"chancery", &[7; 32]);
        let expanded = hmac(extracted.as_ref(), b"chancery/v1/seal\x01");
        assert_eq!(*master.derive("seal"), expanded.as_ref());
    }

    #[test]
    fn r08_a_master_key_is_not_printed() {
        let master = MasterKey(Zeroizing::new([7; 32]));
        let printed = format!("{master:?}");
        assert_eq!(printed, format!("MasterKey({})", master.fingerprint()));
        assert!(!printed.contains(&master.reveal()[4..20]) && !printed.contains("0707"), "{printed}");
        assert_eq!(Fingerprint::parse(master.fingerprint().as_str()), Some(master.fingerprint()));
    }

    #[test]
    fn r55_a_master_key_is_recognised_and_a_mistyped_one_refused() {
        let master = MasterKey::generate(&PredictableEntropy::new(1));
        let text = master.reveal();
        assert!(text.starts_with("chm_") && text.len() == 53);
        assert_eq!(MasterKey::parse(&text).unwrap().fingerprint(), master.fingerprint());
        assert!(MasterKey::parse(&text.replace('_', "-")).is_err());
        assert!(MasterKey::parse(&text[..52]).is_err());
    }
}
