//! Whether a token is one of this issuer's own, by its signature.

use crate::keyring::Keyring;
use chancery_token::{Authentic, Format, KeySet, MAX_TOKEN_BYTES, Malformed, NotAuthentic, UnixTime};

/// The keys whose tokens are believed at one instant, of both formats.
#[derive(Clone, Debug)]
pub struct OwnKeys {
    sets: Vec<KeySet>,
}

impl OwnKeys {
    /// Those that `keyring` publishes at `now`.
    pub fn believed(keyring: &Keyring, now: UnixTime) -> Self {
        let set = |format: Format| {
            let keys = keyring.believed(format, now).into_iter().map(|(_, key)| key);
            KeySet::from_keys(format, keys)
        };
        Self::new([Format::Jwt, Format::Paseto].into_iter().filter_map(set))
    }

    /// Those of `sets`, at most one of each format.
    pub fn new(sets: impl IntoIterator<Item = KeySet>) -> Self {
        Self { sets: sets.into_iter().collect() }
    }

    /// The keys of one format.
    pub fn of(&self, format: Format) -> Option<&KeySet> {
        self.sets.iter().find(|set| set.format() == format)
    }

    /// Checks size, form, key and signature of a token, whatever its format, and reads its claims.
    ///
    /// # Errors
    /// It is no token, or none of these keys signed it. Nothing that it says is to be believed.
    pub fn open(&self, token: &str) -> Result<Authentic, NotAuthentic> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Malformed::TooLarge { bytes: token.len() }.into());
        }
        let mut refused = NotAuthentic::Malformed(Malformed::WrongFormat { expected: Format::Jwt });
        for set in &self.sets {
            match set.open(token) {
                Err(other @ NotAuthentic::Malformed(Malformed::WrongFormat { .. })) => refused = other,
                opened => return opened,
            }
        }
        Err(refused)
    }
}
