//! PASERK: how PASETO keys are written (`k4.public`, `k4.secret`) and named (`k4.pid`, `k4.sid`).

use crate::ed25519::{PublicKey, SecretKey, UnusableKey};
use crate::encoding::{array_from_base64url, base64url, from_base64url};
use blake2::digest::consts::U33;
use blake2::{Blake2b, Digest as _};
use zeroize::Zeroizing;

const PUBLIC: &str = "k4.public.";
const SECRET: &str = "k4.secret.";
const PUBLIC_ID: &str = "k4.pid.";
const SECRET_ID: &str = "k4.sid.";

/// Why a text is no PASERK of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPaserk {
    /// Another version or type; a key is for one version and one purpose.
    #[error("expected a PASERK that begins with '{expected}'")]
    Kind {
        /// What it should begin with.
        expected: &'static str,
    },
    /// Not base64url without padding.
    #[error("the key is not base64url without padding")]
    Encoding,
    /// Not 64 bytes.
    #[error("a v4 secret key has 64 bytes: the seed and the public key")]
    SecretLength,
    /// The public half does not belong to the seed.
    #[error("the second half of the secret key is not the public key of its seed")]
    Mismatch,
    /// A public key that we do not verify with.
    #[error(transparent)]
    Key(#[from] UnusableKey),
}

/// Writes `k4.public`.
pub fn public(key: &PublicKey) -> String {
    format!("{PUBLIC}{}", base64url(key.as_bytes()))
}

/// Reads `k4.public`.
pub fn from_public(text: &str) -> Result<PublicKey, InvalidPaserk> {
    let data = text.strip_prefix(PUBLIC).ok_or(InvalidPaserk::Kind { expected: PUBLIC })?;
    Ok(PublicKey::from_bytes(&from_base64url(data).ok_or(InvalidPaserk::Encoding)?)?)
}

/// Writes `k4.secret`: the private key itself. For export to a file that only its owner can read.
pub fn secret(key: &SecretKey) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 64]);
    let (seed, public) = bytes.split_at_mut(32);
    seed.copy_from_slice(&*key.seed());
    public.copy_from_slice(key.public().as_bytes());
    let encoded = Zeroizing::new(base64url(&*bytes));
    Zeroizing::new([SECRET, &encoded].concat())
}

/// Reads `k4.secret`.
pub fn from_secret(text: &str) -> Result<SecretKey, InvalidPaserk> {
    let data = text.strip_prefix(SECRET).ok_or(InvalidPaserk::Kind { expected: SECRET })?;
    let bytes = Zeroizing::new(from_base64url(data).ok_or(InvalidPaserk::Encoding)?);
    let (seed, public) = bytes.split_at_checked(32).ok_or(InvalidPaserk::SecretLength)?;
    let seed: &[u8; 32] = seed.try_into().map_err(|_| InvalidPaserk::SecretLength)?;
    if public.len() != 32 {
        return Err(InvalidPaserk::SecretLength);
    }
    let key = SecretKey::from_seed(seed);
    if key.public().as_bytes() == public { Ok(key) } else { Err(InvalidPaserk::Mismatch) }
}

/// The `k4.pid` of a public key: the `kid` of its tokens.
pub fn pid(key: &PublicKey) -> String {
    id(PUBLIC_ID, &public(key))
}

/// The `k4.sid` of a private key.
pub fn sid(key: &SecretKey) -> String {
    id(SECRET_ID, &secret(key))
}

/// PASERK "ID" operation: BLAKE2b with 33 bytes of output over the prefix and the PASERK text.
fn id(prefix: &str, paserk: &str) -> String {
    let digest = Blake2b::<U33>::new().chain_update(prefix).chain_update(paserk).finalize();
    format!("{prefix}{}", base64url(&digest))
}

/// Whether a text has the shape of a `k4.pid`.
pub(crate) fn legal_pid(text: &str) -> bool {
    text.strip_prefix(PUBLIC_ID).is_some_and(|id| array_from_base64url::<33>(id).is_some())
}
