//! Nonces that nobody keeps a list of (RFC 9449 section 9).

use chancery_token::UnixTime;
use chancery_token::encoding::base64url;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

/// For so many seconds the same nonce is given out. It is good until the end of the next such span.
const SPAN_SECS: u64 = 120;
/// Bytes of the MAC that a nonce has: nobody guesses 128 bits.
const BYTES: usize = 16;

/// A nonce is a MAC over the two minutes in which it was given out.
#[derive(Clone)]
pub(super) struct Nonces(Hmac<Sha256>);

/// How a nonce stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recency {
    /// It is the one that is given out now.
    Current,
    /// It was, until lately; or will be, by a clock that is ahead of ours.
    Lately,
    /// It is none of ours, or too old.
    Stale,
}

impl Nonces {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let begun = Hmac::<Sha256>::new_from_slice(key).expect("a key of 32 bytes");
        Self(begun.chain_update(b"chancery-guard-nonce-1\0"))
    }

    pub(super) fn current(&self, now: UnixTime) -> String {
        self.of(now.as_secs() / SPAN_SECS)
    }

    pub(super) fn recency(&self, nonce: &str, now: UnixTime) -> Recency {
        let span = now.as_secs() / SPAN_SECS;
        // In no secret time: a nonce is told to whoever asks.
        if self.of(span) == nonce {
            return Recency::Current;
        }
        let near = [span.saturating_sub(1), span.saturating_add(1)];
        if near.into_iter().any(|span| self.of(span) == nonce) { Recency::Lately } else { Recency::Stale }
    }

    fn of(&self, span: u64) -> String {
        let mac = self.0.clone().chain_update(span.to_be_bytes()).finalize().into_bytes();
        base64url(mac.get(..BYTES).unwrap_or_default())
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonces(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn after(secs: u64) -> UnixTime {
        UnixTime::from_secs(NOW.as_secs() + secs)
    }

    #[test]
    fn a_nonce_is_good_for_two_minutes_at_least_and_four_at_most() {
        let ours = Nonces::new(&[1; 32]);
        for given in 0..SPAN_SECS {
            let nonce = ours.current(after(given));
            assert_eq!(ours.recency(&nonce, after(given)), Recency::Current);
            assert!((0..=120).all(|later| ours.recency(&nonce, after(given + later)) != Recency::Stale));
            assert_eq!(ours.recency(&nonce, after(given + 240)), Recency::Stale);
        }
        assert_eq!(ours.recency(&ours.current(after(120)), after(119)), Recency::Lately);
    }

    #[test]
    fn what_another_key_made_is_none() {
        let (ours, theirs) = (Nonces::new(&[1; 32]), Nonces::new(&[2; 32]));
        assert_eq!(ours.recency(&theirs.current(NOW), NOW), Recency::Stale);
        assert_eq!(ours.recency("", NOW), Recency::Stale);
        assert_eq!(format!("{ours:?}"), "Nonces(***)");
    }
}
