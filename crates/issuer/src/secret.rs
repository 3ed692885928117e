//! Client secrets: made here, shown once, kept as digests (R08).

use crate::credential::{self, NotACredential};
use crate::master_key::MasterKey;
use chancery_token::encoding::{array_from_base64url, base64url};
use chancery_token::{Environment, UnixTime};
use chancery_verifier::entropy::Entropy;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::borrow::Cow;
use std::fmt;
use zeroize::Zeroizing;

/// Prefix of every secret of a live client.
pub const LIVE_PREFIX: &str = "chs_live_";
/// Prefix of every secret of a test client.
pub const TEST_PREFIX: &str = "chs_test_";

/// How digests are marked in stored records, so that a later kind can stand beside them.
const DIGEST_KIND: &str = "hmac-sha256:";

/// A client secret: `chs_live_` or `chs_test_`, 256 random bits, a checksum. Wiped when dropped; never printed.
pub struct ClientSecret {
    text: Zeroizing<String>,
}

/// Why a text is no secret of this issuer. Decided without a store, and said without the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASecret {
    /// It is of the right form, and a character of it is wrong.
    #[error("the client secret's checksum does not fit: a character was mistyped or lost in copying")]
    Checksum,
    /// It belongs to the other environment (R07).
    #[error("the client secret belongs to the {found} environment; this issuer is {expected}")]
    OtherEnvironment {
        /// Where it belongs.
        found: Environment,
        /// What this issuer is.
        expected: Environment,
    },
    /// It is no client secret at all.
    #[error(
        "a client secret begins with chs_live_ or chs_test_ and has 58 characters; this is something else"
    )]
    Shape,
}

impl NotASecret {
    /// Stable name for logs and metrics.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Checksum => "secret_checksum",
            Self::OtherEnvironment { .. } => "secret_of_other_environment",
            Self::Shape => "secret_malformed",
        }
    }
}

impl ClientSecret {
    /// Makes a new one. Nobody chooses a secret.
    pub fn generate(environment: Environment, entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(&mut *bytes);
        Self { text: credential::write(prefix(environment), &*bytes) }
    }

    /// Reads one that was presented to an issuer of `environment`.
    pub fn parse(text: &str, environment: Environment) -> Result<Self, NotASecret> {
        let found = if text.starts_with(LIVE_PREFIX) {
            Environment::Live
        } else if text.starts_with(TEST_PREFIX) {
            Environment::Test
        } else {
            return Err(NotASecret::Shape);
        };
        credential::read::<32>(prefix(found), text).map_err(|why| match why {
            NotACredential::Shape { .. } => NotASecret::Shape,
            NotACredential::Checksum => NotASecret::Checksum,
        })?;
        if found != environment {
            return Err(NotASecret::OtherEnvironment { found, expected: environment });
        }
        let mut own = Zeroizing::new(String::with_capacity(text.len()));
        own.push_str(text);
        Ok(Self { text: own })
    }

    /// The secret itself, for the one time it is handed to its owner.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is stored of it. Without the master key nobody can tell which secret a digest belongs to.
    pub fn digest(&self, hasher: &SecretHasher) -> [u8; 32] {
        hasher.0.clone().chain_update(self.text.as_bytes()).finalize().into_bytes().into()
    }

    /// The record of it.
    pub fn stored(&self, hasher: &SecretHasher, created_at: UnixTime) -> StoredSecret {
        let digest = self.digest(hasher);
        let name = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &digest);
        let number = name.as_ref().iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        StoredSecret { id: format!("{number:08x}"), digest, created_at }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(***)")
    }
}

const fn prefix(environment: Environment) -> &'static str {
    match environment {
        Environment::Live => LIVE_PREFIX,
        Environment::Test => TEST_PREFIX,
    }
}

/// Makes digests of secrets: HMAC-SHA-256 under a key that is derived from the master key. A fast one is right:
/// 256 random bits cannot be guessed, however fast one guesses.
///
/// It keeps what HMAC makes of its key, so that a digest costs the two blocks of a secret and no allocation.
#[derive(Clone)]
pub struct SecretHasher(Hmac<Sha256>);

impl SecretHasher {
    /// The hasher of an issuer.
    pub fn new(master: &MasterKey) -> Self {
        let derived = master.derive("client-secret");
        // RFC 2104 section 2: a key that is shorter than a block is filled up with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(derived.iter()).for_each(|(to, from)| *to = *from);
        Self(Hmac::new((&*block).into()))
    }
}

impl fmt::Debug for SecretHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHasher(***)")
    }
}

/// What a client's record holds of one secret.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredSecret {
    /// Its name for people; says nothing about the secret.
    pub id: String,
    /// See [`ClientSecret::digest`].
    #[serde(serialize_with = "write_digest", deserialize_with = "read_digest")]
    pub digest: [u8; 32],
    /// When it was made.
    pub created_at: UnixTime,
}

impl fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredSecret({} of {})", self.id, self.created_at)
    }
}

fn write_digest<S: serde::Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{DIGEST_KIND}{}", base64url(digest)))
}

fn read_digest<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    use serde::Deserialize as _;
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    let digest = text.strip_prefix(DIGEST_KIND).and_then(array_from_base64url);
    digest
        .ok_or_else(|| serde::de::Error::custom("a digest is 'hmac-sha256:' and 43 characters of base64url"))
}

#[cfg(test)]
mod tests;
