//! The text of a refresh token: which family, which number, and a MAC over all that it is good for.

use super::record::Generation;
use crate::credential::{self, NotACredential};
use crate::master_key::MasterKey;
use chancery_token::{ClientId, Environment, FamilyId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Prefix of every refresh token of a live client.
pub const LIVE_PREFIX: &str = "chr_live_";
/// Prefix of every refresh token of a test client.
pub const TEST_PREFIX: &str = "chr_test_";
/// What the MAC is over begins with this; another form of token would begin otherwise.
const VERSION: &[u8] = b"chancery-refresh-1\0";
/// Bytes of the MAC that are written: 128 bits cannot be guessed by asking an issuer (NIST SP 800-107 section 5.3.3).
const MAC: usize = 16;
/// Family, epoch, generation, MAC.
const BODY: usize = 16 + 4 + 8 + MAC;

/// Which refresh key: each is derived from the master key by its number. A leaked one is revoked by its number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Epoch(pub u32);

/// The key of one epoch, for one issuer. Never printed.
#[derive(Clone)]
pub struct RefreshKey {
    epoch: Epoch,
    environment: Environment,
    /// With version, environment, issuer and epoch taken in already.
    begun: Hmac<Sha256>,
}

impl RefreshKey {
    /// Derives it.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "HMAC takes keys of any length")]
    pub fn derive(master: &MasterKey, epoch: Epoch, environment: Environment, issuer: &str) -> Self {
        let key = master.derive(&format!("refresh-token/{}", epoch.0));
        let mut begun = Hmac::<Sha256>::new_from_slice(&*key).expect("a key of 32 bytes");
        begun.update(VERSION);
        part(&mut begun, environment.as_str().as_bytes());
        part(&mut begun, issuer.as_bytes());
        begun.update(&epoch.0.to_be_bytes());
        Self { epoch, environment, begun }
    }

    /// Which one it is.
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Writes the token of a generation. The same family and generation give the same text.
    pub fn write(&self, family: FamilyId, client: &ClientId, generation: Generation) -> Zeroizing<String> {
        let mut body = Zeroizing::new([0; BODY]);
        let head = [family.as_bytes().as_slice(), &self.epoch.0.to_be_bytes(), &generation.0.to_be_bytes()];
        let mac = self.mac(family, client, generation).finalize().into_bytes();
        let bytes = head.into_iter().flatten().chain(mac.iter().take(MAC));
        body.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        credential::write(prefix(self.environment), &*body)
    }

    /// Whether `token` was written under this key for `client`. Takes as long whatever it finds.
    pub fn is_of(&self, token: &RefreshToken, client: &ClientId) -> bool {
        self.epoch == token.epoch
            && self.mac(token.family, client, token.generation).verify_truncated_left(&*token.mac).is_ok()
    }

    fn mac(&self, family: FamilyId, client: &ClientId, generation: Generation) -> Hmac<Sha256> {
        let mut mac = self.begun.clone();
        part(&mut mac, client.as_str().as_bytes());
        mac.update(family.as_bytes());
        mac.update(&generation.0.to_be_bytes());
        mac
    }
}

impl fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshKey").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// With its length, so that no two lists of parts look the same.
fn part(mac: &mut Hmac<Sha256>, bytes: &[u8]) {
    mac.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    mac.update(bytes);
}

/// A text of the right form: what it says is believed once [`RefreshKey::is_of`] agrees. Never printed.
pub struct RefreshToken {
    /// Which family it says it is of.
    pub family: FamilyId,
    /// Under which key it says it was written.
    pub epoch: Epoch,
    /// Which number it says it has.
    pub generation: Generation,
    mac: Zeroizing<[u8; MAC]>,
}

/// Why a text is no refresh token of this issuer. Decided without a store, and said without the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARefreshToken {
    /// It is of the right form, and a character of it is wrong.
    #[error("the refresh token's checksum does not fit: a character was mistyped or lost in copying")]
    Checksum,
    /// It belongs to the other environment (R07).
    #[error("the refresh token belongs to the {found} environment; this issuer is {expected}")]
    OtherEnvironment {
        /// Where it belongs.
        found: Environment,
        /// What this issuer is.
        expected: Environment,
    },
    /// It is no refresh token at all.
    #[error(
        "a refresh token begins with chr_live_ or chr_test_ and has 74 characters; this is something else"
    )]
    Shape,
}

impl RefreshToken {
    /// Whether a text is meant to be one; else it may be an access token.
    pub fn is_one(text: &str) -> bool {
        text.starts_with(LIVE_PREFIX) || text.starts_with(TEST_PREFIX)
    }

    /// Reads one that was presented to an issuer of `environment`.
    pub fn parse(text: &str, environment: Environment) -> Result<Self, NotARefreshToken> {
        let found = if text.starts_with(LIVE_PREFIX) {
            Environment::Live
        } else if text.starts_with(TEST_PREFIX) {
            Environment::Test
        } else {
            return Err(NotARefreshToken::Shape);
        };
        let body = credential::read::<BODY>(prefix(found), text).map_err(|why| match why {
            NotACredential::Shape { .. } => NotARefreshToken::Shape,
            NotACredential::Checksum => NotARefreshToken::Checksum,
        })?;
        if found != environment {
            return Err(NotARefreshToken::OtherEnvironment { found, expected: environment });
        }
        let mut at = 0;
        let family = FamilyId::from_bytes(next(&*body, &mut at));
        let epoch = Epoch(u32::from_be_bytes(next(&*body, &mut at)));
        let generation = Generation(u64::from_be_bytes(next(&*body, &mut at)));
        Ok(Self { family, epoch, generation, mac: Zeroizing::new(next(&*body, &mut at)) })
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("family", &self.family).finish_non_exhaustive()
    }
}

/// The next bytes of a body that is long enough for all of them.
fn next<const N: usize>(body: &[u8], at: &mut usize) -> [u8; N] {
    let end = *at + N;
    let bytes = body.get(*at..end).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N]);
    *at = end;
    bytes
}

const fn prefix(environment: Environment) -> &'static str {
    match environment {
        Environment::Live => LIVE_PREFIX,
        Environment::Test => TEST_PREFIX,
    }
}
