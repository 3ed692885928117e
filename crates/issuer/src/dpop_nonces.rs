//! Nonces for DPoP proofs (RFC 9449 section 8), of which nobody keeps a list.
//!
//! A nonce is a MAC over the two minutes in which it was given out. So every issuer under the same master key takes what
//! any other gave out, after a restart too, and a proof that was made ahead of time is worth something for minutes only.

use crate::master_key::MasterKey;
use chancery_token::encoding::base64url;
use chancery_token::{Environment, UnixTime};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq as _;

/// For so many seconds the same nonce is given out. It is good until the end of the next such span.
const SPAN_SECS: u64 = 120;

/// Bytes of the MAC that a nonce has: nobody guesses 128 bits.
const BYTES: usize = 16;

/// Gives nonces out, and knows them again.
pub(crate) struct DpopNonces(Hmac<Sha256>);

/// The nonce of a proof is none that was given out lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StaleNonce;

impl DpopNonces {
    /// Those of the issuer with this name.
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    pub(crate) fn new(master: &MasterKey, issuer: &str, environment: Environment) -> Self {
        let key = master.derive("dpop-nonce");
        let hmac = Hmac::<Sha256>::new_from_slice(&*key).expect("HMAC takes any key");
        // A name of unknown length stands last but for numbers of known length.
        Self(hmac.chain_update(environment.as_str()).chain_update([0]).chain_update(issuer))
    }

    /// The one that is given out now.
    pub(crate) fn current(&self, now: UnixTime) -> String {
        self.of(now.as_secs() / SPAN_SECS)
    }

    /// Whether `nonce` was given out lately.
    pub(crate) fn expect_recent(&self, nonce: &str, now: UnixTime) -> Result<(), StaleNonce> {
        let span = now.as_secs() / SPAN_SECS;
        // The next one too: an issuer whose clock is ahead gives it out already.
        let recent = [span, span.saturating_sub(1), span.saturating_add(1)];
        let is_it = |span: u64| bool::from(self.of(span).as_bytes().ct_eq(nonce.as_bytes()));
        if recent.into_iter().any(is_it) { Ok(()) } else { Err(StaleNonce) }
    }

    fn of(&self, span: u64) -> String {
        let mac = self.0.clone().chain_update(span.to_be_bytes()).finalize().into_bytes();
        base64url(mac.get(..BYTES).unwrap_or_default())
    }
}

impl fmt::Debug for DpopNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DpopNonces(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_verifier::entropy::PredictableEntropy;

    fn nonces(seed: u64, issuer: &str, environment: Environment) -> DpopNonces {
        DpopNonces::new(&MasterKey::generate(&PredictableEntropy::new(seed)), issuer, environment)
    }

    fn ours() -> DpopNonces {
        nonces(1, "https://auth.example", Environment::Live)
    }

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn after(secs: u64) -> UnixTime {
        UnixTime::from_secs(NOW.as_secs() + secs)
    }

    #[test]
    fn a_nonce_is_good_for_two_minutes_at_least_and_four_at_most() {
        for given in 0..SPAN_SECS {
            let nonce = ours().current(after(given));
            for later in 0..=120 {
                assert_eq!(ours().expect_recent(&nonce, after(given + later)), Ok(()), "{given} {later}");
            }
            for later in [240, 241, 300, 86_400] {
                assert_eq!(
                    ours().expect_recent(&nonce, after(given + later)),
                    Err(StaleNonce),
                    "{given} {later}"
                );
            }
        }
    }

    #[test]
    fn an_issuer_whose_clock_is_behind_takes_the_nonce_of_one_that_is_ahead() {
        let nonce = ours().current(after(SPAN_SECS));
        assert_eq!(ours().expect_recent(&nonce, after(SPAN_SECS - 1)), Ok(()));
        assert_eq!(ours().expect_recent(&nonce, UnixTime::from_secs(NOW.as_secs() - 1)), Err(StaleNonce));
    }

    #[test]
    fn nonces_of_another_issuer_environment_or_master_key_are_none() {
        for other in [
            nonces(2, "https://auth.example", Environment::Live),
            nonces(1, "https://auth.example/", Environment::Live),
            nonces(1, "https://auth.example", Environment::Test),
        ] {
            assert_eq!(ours().expect_recent(&other.current(NOW), NOW), Err(StaleNonce));
        }
        for guessed in ["", "0", &ours().current(NOW)[1..], &format!("{}A", ours().current(NOW))] {
            assert_eq!(ours().expect_recent(guessed, NOW), Err(StaleNonce), "{guessed}");
        }
        // RFC 9449 section 8.1: what a nonce is made of.
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        assert!(ours().current(NOW).len() == 22 && ours().current(NOW).bytes().all(legal));
    }

    #[test]
    fn r08_the_key_of_the_nonces_is_not_printed() {
        assert_eq!(format!("{:?}", ours()), "DpopNonces(***)");
    }
}
