//! PASERK: how PASETO keys are written (`k4.public`, `k4.secret`) and named (`k4.pid`, `k4.sid`).

use crate::ed25519::{PublicKey, SecretKey, UnusableKey};
use crate::encoding::{array_from_base64url, base64url, base64url_in, fill_from_base64url, from_base64url};
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
    public_of(key.as_bytes())
}

/// Reads `k4.public`.
pub fn from_public(text: &str) -> Result<PublicKey, InvalidPaserk> {
    Ok(PublicKey::from_bytes(&public_bytes(text)?)?)
}

/// Writes `k4.public` of any 32 bytes, whether or not they are a key that we verify with.
pub fn public_of(key: &[u8; 32]) -> String {
    format!("{PUBLIC}{}", base64url(key))
}

/// Reads the bytes of a `k4.public`. Good for comparing; to verify with them, see [`from_public`].
pub fn public_bytes(text: &str) -> Result<[u8; 32], InvalidPaserk> {
    let data = text.strip_prefix(PUBLIC).ok_or(InvalidPaserk::Kind { expected: PUBLIC })?;
    let bytes = from_base64url(data).ok_or(InvalidPaserk::Encoding)?;
    bytes.try_into().map_err(|bytes: Vec<u8>| UnusableKey::Length(bytes.len()).into())
}

/// Writes `k4.secret`: the private key itself. For export to a file that only its owner can read.
pub fn secret(key: &SecretKey) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 64]);
    let (seed, public) = bytes.split_at_mut(32);
    seed.copy_from_slice(&*key.seed());
    public.copy_from_slice(key.public().as_bytes());
    let mut room = Zeroizing::new([0; 88]);
    // One allocation of the right size: a string that grows leaves its old copy behind, unwiped.
    Zeroizing::new([SECRET, base64url_in(&*bytes, &mut *room)].concat())
}

/// Reads `k4.secret`.
pub fn from_secret(text: &str) -> Result<SecretKey, InvalidPaserk> {
    let data = text.strip_prefix(SECRET).ok_or(InvalidPaserk::Kind { expected: SECRET })?;
    let mut bytes = Zeroizing::new([0; 64]);
    if data.len() != 86 {
        return Err(InvalidPaserk::SecretLength);
    }
    if !fill_from_base64url(data, &mut *bytes) {
        return Err(InvalidPaserk::Encoding);
    }
    let (seed, public) = bytes.split_first_chunk::<32>().ok_or(InvalidPaserk::SecretLength)?;
    let key = SecretKey::from_seed(seed);
    if key.public().as_bytes() == public { Ok(key) } else { Err(InvalidPaserk::Mismatch) }
}

/// The `k4.pid` of a public key: the `kid` of its tokens.
pub fn pid(key: &PublicKey) -> String {
    pid_of(key.as_bytes())
}

/// The `k4.pid` of any 32 bytes.
pub fn pid_of(key: &[u8; 32]) -> String {
    id(PUBLIC_ID, &public_of(key))
}

/// The `k4.sid` of a private key.
pub fn sid(key: &SecretKey) -> String {
    id(SECRET_ID, &secret(key))
}

/// PASERK "ID" operation: BLAKE2b with 33 bytes of output over the prefix and the PASERK text. The state of the
/// hash wipes itself.
fn id(prefix: &str, paserk: &str) -> String {
    let digest = Blake2b::<U33>::new().chain_update(prefix).chain_update(paserk).finalize();
    format!("{prefix}{}", base64url(&digest))
}

/// Whether a text has the shape of a `k4.pid`.
pub(crate) fn legal_pid(text: &str) -> bool {
    text.strip_prefix(PUBLIC_ID).is_some_and(|id| array_from_base64url::<33>(id).is_some())
}
