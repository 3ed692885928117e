//! Tokens that were verified a moment ago.

use crate::verified::Verified;
use chancery_token::Claims;
use chancery_token::bounds::Bound;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, Equivalent, Weighter};
use std::fmt;
use std::hash::{Hash, Hasher};

/// What an entry takes beside the texts: the claims, the allocations, the slots of the cache. Measured and rounded
/// up; `tests/alloc.rs` holds the cache to it.
const ENTRY_BYTES: u64 = 640;
/// What one bound takes beside its text: at worst a map of its own, with room for eleven.
const BOUND_BYTES: u64 = 640;
/// What one value of a bound takes beside its text.
const VALUE_BYTES: u64 = 64;
/// What the marks of a token take that the revocation log is asked about: two allocations, and one mark of each kind.
const MARKS_BYTES: u64 = 256;
/// What each actor and each ancestor adds to them.
const MARK_BYTES: u64 = 40;
/// The end of a token that is hashed. The signature lies in it, before the footer of about a hundred characters
/// if there is one; nothing tells two tokens apart better.
const HASHED_BYTES: usize = 192;

/// Verified tokens by their whole text, bounded by bytes.
///
/// An entry says that the signature and the fixed claims were good under one generation of keys. Expiry and the
/// generation are looked at again at every hit; a token that differs in one byte is another key.
pub(crate) struct VerifiedTokens {
    cache: Cache<Text<Box<str>>, Entry, Weight>,
}

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) verified: Verified,
    pub(crate) generation: u64,
}

/// A token as a key: compared to the last byte, hashed by its end.
///
/// Whoever sends tokens cannot aim at one slot of the cache: what gets in was signed by the issuer, and nobody
/// else can choose a signature.
struct Text<T>(T);

impl<T: AsRef<str>> Hash for Text<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bytes = self.0.as_ref().as_bytes();
        state.write(bytes.last_chunk::<HASHED_BYTES>().map_or(bytes, <[u8; HASHED_BYTES]>::as_slice));
    }
}

impl<T: AsRef<str>> PartialEq for Text<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref() == other.0.as_ref()
    }
}

impl<T: AsRef<str>> Eq for Text<T> {}

impl Equivalent<Text<Box<str>>> for Text<&str> {
    fn equivalent(&self, key: &Text<Box<str>>) -> bool {
        *self.0 == *key.0
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Text<Box<str>>, Entry> for Weight {
    fn weight(&self, token: &Text<Box<str>>, entry: &Entry) -> u64 {
        let marks = entry.verified.marks().map_or(0, |_| marks_weight(entry.verified.claims()));
        weight(token.0.len(), entry.verified.claims()) + marks
    }
}

/// The claims hold the texts of the token once more, decoded.
fn weight(token_bytes: usize, claims: &Claims) -> u64 {
    let bounds = claims.bounds.iter().map(|(_, _, bound)| match bound {
        Bound::AnyOf(values) => BOUND_BYTES + VALUE_BYTES * count(values.len()),
        Bound::AtMost(_) => BOUND_BYTES,
    });
    ENTRY_BYTES + 2 * count(token_bytes) + bounds.sum::<u64>()
}

fn marks_weight(claims: &Claims) -> u64 {
    MARKS_BYTES + MARK_BYTES * count(claims.anc.len() + claims.act.len())
}

/// No token is so large that this stops anywhere.
fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::from(u32::MAX))
}

impl VerifiedTokens {
    pub(crate) fn new(bytes: u64) -> Self {
        // A token of ours has about 700 bytes and a bound.
        let items = usize::try_from(bytes / (ENTRY_BYTES + 2 * 700 + BOUND_BYTES)).unwrap_or(usize::MAX / 2);
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self { cache: Cache::with(items, bytes, Weight, hasher, lifecycle) }
    }

    pub(crate) fn find(&self, token: &str) -> Option<Entry> {
        self.cache.get(&Text(token))
    }

    pub(crate) fn keep(&self, token: &str, entry: Entry) {
        self.cache.insert(Text(token.into()), entry);
    }

    pub(crate) fn forget(&self, token: &str) {
        self.cache.remove(&Text(token));
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.cache.weight()
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedTokens({} tokens, {} bytes)", self.cache.len(), self.cache.weight())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_4_4_two_texts_are_equal_when_every_byte_is() {
        let token = "abc.".repeat(100);
        let key = |text: &str| Text(Box::<str>::from(text));
        assert!(Text(&*token).equivalent(&key(&token)) && key(&token) == key(&token));
        for at in 0..token.len() {
            let mut other = token.clone();
            other.replace_range(at..=at, "x");
            assert!(!Text(&*other).equivalent(&key(&token)) && key(&other) != key(&token), "byte {at}");
        }
        let shorter = token.get(1..).unwrap();
        assert!(!Text(shorter).equivalent(&key(&token)) && key(shorter) != key(&token));
    }
}
