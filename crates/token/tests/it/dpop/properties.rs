//! Whatever a stranger sends.

use super::{NOW, REQUEST, WINDOW, WITH_TOKEN, claims, good, good_es256, header, okp, signed};
use chancery_token::dpop::verify;
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", dots in "[A-Za-z0-9_.-]{0,200}") {
        for text in [&text, &dots] {
            prop_assert!(verify(text, &REQUEST, NOW, WINDOW).is_err());
        }
    }

    #[test]
    fn no_header_and_no_claims_make_it_panic(
        name in "typ|alg|jwk|crit|x",
        claim in "jti|htm|htu|iat|ath|nonce",
        value in "[\\[\\]{}\",:a-z0-9.e-]{0,24}",
    ) {
        let with_header = signed(&header("EdDSA", &okp()).with(&name, &value), &claims());
        let with_claim = signed(&header("EdDSA", &okp()), &claims().with(&claim, &value));
        for request in [REQUEST, WITH_TOKEN] {
            let _ = verify(&with_header, &request, NOW, WINDOW);
            let _ = verify(&with_claim, &request, NOW, WINDOW);
        }
    }

    #[test]
    fn a_changed_character_makes_it_another_proof_or_none(
        at in any::<proptest::sample::Index>(),
        by in "[A-Za-z0-9_.-]",
        es256 in any::<bool>(),
    ) {
        let good = if es256 { good_es256() } else { good() };
        let mut changed = good.clone();
        let at = at.index(good.len());
        changed.replace_range(at..=at, &by);
        let verdict = verify(&changed, &REQUEST, NOW, WINDOW);
        prop_assert_eq!(verdict.is_ok(), changed == good, "{:?}", verdict);
    }

    #[test]
    fn times_at_the_ends_of_time_are_compared(iat in any::<u64>(), now in any::<u64>(), window in any::<u64>()) {
        let proof = signed(&header("EdDSA", &okp()), &claims().with("iat", &iat.to_string()));
        let now = chancery_token::UnixTime::from_secs(now);
        let window = std::time::Duration::from_secs(window);
        if let Ok(proof) = verify(&proof, &REQUEST, now, window) {
            prop_assert!(proof.acceptable_until() > now);
        }
    }
}
