//! DPoP proofs (RFC 9449 section 4): whoever sends a request holds a key.
//!
//! What a proof alone can show is decided here. That it was never seen before, and that its nonce is one of the server's,
//! only the server can say: [`Proof::id`] and [`Proof::nonce`] are for that, **after** everything else was looked at, so
//! that nobody burns an identifier with a proof that is not good (section 11.1).

mod draft;
mod htu;
mod key;
mod not_a_proof;
mod read;

pub use draft::Draft;
pub use not_a_proof::{NotAProof, ProofPart, UnusableProofKey};

use crate::encoding::base64url;
use crate::time::UnixTime;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// Longest proof that is looked at. One with a P-256 key has about 500 bytes, and then there are its URL and a nonce.
pub const MAX_PROOF_BYTES: usize = 4 * 1024;

/// Longest `jti`, in characters: a UUID has 36 of them, and whoever keeps them pays for each.
pub const MAX_JTI_CHARS: usize = 128;

/// The algorithms that proofs may be signed with, as metadata lists them (RFC 9449 section 5.1). Two are one: `EdDSA` with an
/// Ed25519 key and `Ed25519` (RFC 9864 section 2.2).
pub const ALGORITHMS: [&str; 3] = ["EdDSA", "Ed25519", "ES256"];

/// The request that a proof came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'r> {
    /// The method, as it stands in the request: `htm` names it.
    pub method: &'r str,
    /// The address under which clients know what they called, with scheme and host: `htu` names it. A query and a fragment
    /// are read over, on both sides.
    pub url: &'r str,
    /// The access token that the request carries: `ath` must then be its hash. `None` where none is needed, as at a token
    /// endpoint.
    pub access_token: Option<&'r str>,
}

/// A proof that [`verify`] accepted; nothing else makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    key: [u8; 32],
    nonce: Option<Box<str>>,
    issued_at: UnixTime,
    acceptable_until: UnixTime,
    id: [u8; 32],
}

impl Proof {
    /// The RFC 7638 thumbprint of the key, SHA-256: what `cnf.jkt` of a token must be (RFC 9449 section 6.1).
    pub const fn key(&self) -> [u8; 32] {
        self.key
    }

    /// What the server had given out, if the client was told one. Whether it is a good one, the server knows (RFC 9449
    /// section 8).
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// When the client says that it made it.
    pub const fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// From this second on it is too old: so long its [`Proof::id`] is to be remembered.
    pub const fn acceptable_until(&self) -> UnixTime {
        self.acceptable_until
    }

    /// Its name: SHA-256 over its key, its URL and its `jti`. Who meets the same one again meets a replay (RFC 9449 section
    /// 11.1).
    pub const fn id(&self) -> [u8; 32] {
        self.id
    }
}

/// Reads a proof, and holds it against the request that it came with (RFC 9449 section 4.3). Its `iat` is at most `window`
/// before or after `now`.
pub fn verify(
    text: &str,
    request: &Request<'_>,
    now: UnixTime,
    window: Duration,
) -> Result<Proof, NotAProof> {
    let read::Said { key, claims } = read::signed(text)?;
    let said = claims.read()?;
    if *said.htm != *request.method {
        return Err(NotAProof::Method { htm: crate::malformed::excerpt(&said.htm) });
    }
    let Some(url) = htu::normal(&said.htu).filter(|htu| htu::normal(request.url).as_ref() == Some(htu))
    else {
        return Err(NotAProof::Url { htu: crate::malformed::excerpt(&said.htu) });
    };
    if let Some(token) = request.access_token {
        let ath = said.ath.ok_or(NotAProof::missing("ath"))?;
        if *ath != *base64url(&Sha256::digest(token)) {
            return Err(NotAProof::AnotherToken);
        }
    }
    let acceptable_until = said.iat.plus(window).plus(Duration::from_secs(1));
    if now >= acceptable_until {
        return Err(NotAProof::TooOld { by: now.since(said.iat.plus(window)) });
    }
    if said.iat > now.plus(window) {
        return Err(NotAProof::InFuture { by: said.iat.since(now.plus(window)) });
    }
    let key = key.thumbprint();
    let id = id(&key, &url, &said.jti);
    Ok(Proof { key, nonce: said.nonce, issued_at: said.iat, acceptable_until, id })
}

fn id(key: &[u8; 32], url: &str, jti: &str) -> [u8; 32] {
    let hash = Sha256::new().chain_update(key).chain_update(Sha256::digest(url));
    hash.chain_update(jti).finalize().into()
}
