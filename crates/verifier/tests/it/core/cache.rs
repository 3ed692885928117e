//! Tokens that were verified a moment ago.

use super::{FORMATS, exact, issuer, said, secs, shifted, trusting};
use chancery_verifier::token::KeySet;
use chancery_verifier::{FutureIat, Verifier};

const BYTES: u64 = 1024 * 1024;

#[test]
fn r_4_4_a_cached_token_dies_on_the_second_it_expires() {
    for format in FORMATS {
        for leeway in [0, 30] {
            let issuer = issuer().format(format);
            let verifier = trusting(exact().format(format).leeway(secs(leeway)), &issuer);
            let token = issuer.token().lifetime(secs(60)).sign();
            let end = 60 + i64::try_from(leeway).unwrap();
            let at = |seconds| said(&verifier.verify(&token, shifted(issuer.now(), seconds)));
            assert_eq!([at(0), at(end - 1), at(end), at(end + 1)], ["ok", "ok", "expired", "expired"]);
            assert_eq!(verifier.cached_bytes(), 0, "an expired token stays in the cache");
        }
    }
}

#[test]
fn r_4_4_a_cached_token_is_refused_again_when_the_clock_is_set_back() {
    let verifier = trusting(exact().future_iat(FutureIat::Refuse), &issuer());
    let now = issuer().now();
    let token = issuer().token().time("nbf", shifted(now, 10)).sign();
    let at = |seconds| said(&verifier.verify(&token, shifted(now, seconds)));
    assert_eq!([at(10), at(9), at(-1), at(10)], ["ok", "not_yet_valid", "not_yet_valid", "ok"]);
}

#[test]
fn r_4_4_a_cached_token_dies_with_its_key() {
    for format in FORMATS {
        let (first, second) = (issuer().format(format), issuer().format(format).key_number(2));
        let verifier = trusting(exact().format(format), &first);
        let token = first.token().sign();
        assert_eq!(said(&verifier.verify(&token, first.now())), "ok");
        assert!(verifier.cached_bytes() > 0);
        verifier.install_keys(second.keys()).unwrap();
        assert_eq!(said(&verifier.verify(&token, first.now())), "unknown_key");
        // It is back: so is the token, after a new verification.
        verifier.install_keys(first.keys()).unwrap();
        assert_eq!(said(&verifier.verify(&token, first.now())), "ok");
    }
}

#[test]
fn r_4_4_a_cached_token_dies_when_other_key_material_takes_its_kid() {
    let (genuine, impostor) = (issuer(), issuer().key_number(2));
    // A document may name keys as it likes: here the second key under the first one's name.
    let renamed = impostor.key_document().replace(&impostor.kid(), &genuine.kid());
    let verifier = trusting(exact(), &genuine);
    let token = genuine.token().sign();
    assert_eq!(said(&verifier.verify(&token, genuine.now())), "ok");
    let document = KeySet::read(chancery_verifier::Format::Jwt, renamed.as_bytes()).unwrap();
    assert!(document.keys.contains(&genuine.kid()));
    verifier.install_keys(document.keys).unwrap();
    assert_eq!(said(&verifier.verify(&token, genuine.now())), "signature_invalid");
}

#[test]
fn r_4_4_a_token_that_differs_in_one_byte_never_hits() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let verifier = trusting(exact().format(format), &issuer);
        let token = issuer.token().sign();
        assert_eq!(said(&verifier.verify(&token, issuer.now())), "ok");
        for at in 0..token.len() {
            for other in [b'A', b'_', b'.', token.as_bytes()[at] ^ 1] {
                let mut bytes = token.clone().into_bytes();
                bytes[at] = other;
                let changed = String::from_utf8(bytes).unwrap();
                if changed != token {
                    assert!(
                        verifier.verify(&changed, issuer.now()).is_err(),
                        "byte {at} as {}",
                        char::from(other)
                    );
                }
            }
        }
        for cut in 0..token.len() {
            assert!(verifier.verify(&token[..cut], issuer.now()).is_err(), "cut at {cut}");
            assert!(verifier.verify(&token[cut + 1..], issuer.now()).is_err(), "cut to {cut}");
        }
        for longer in ["=", "A", ".", " ", "\n"] {
            assert!(verifier.verify(&format!("{token}{longer}"), issuer.now()).is_err(), "{longer:?}");
        }
        assert_eq!(said(&verifier.verify(&token, issuer.now())), "ok");
    }
}

#[test]
fn only_verified_tokens_are_cached() {
    let verifier = trusting(exact(), &issuer());
    let now = issuer().now();
    let refused = [
        issuer().token().signed_by(&issuer().key_number(2)).sign(),
        issuer().key_number(2).token().sign(),
        issuer().token().claim("aud", "https://other.example.com").sign(),
        issuer().token().claim("iss", "https://other.example.com").sign(),
        issuer().token().claim("env", "test").sign(),
        issuer().token().claim("sub", "other").sign(),
        issuer().token().lifetime(secs(7200)).sign(),
        issuer().token().time("nbf", shifted(now, 5)).sign(),
        issuer().token().time("iat", shifted(now, -20)).time("exp", shifted(now, -10)).sign(),
        issuer().token().unsigned(),
        issuer().token().sign_payload(b"not json"),
    ];
    for token in refused {
        assert!(verifier.verify(&token, now).is_err());
        assert_eq!(verifier.cached_bytes(), 0, "{token}");
    }
    assert!(verifier.verify(&issuer().token().sign(), now).is_ok() && verifier.cached_bytes() > 0);
}

#[test]
fn a_flood_of_verified_tokens_stays_within_the_bytes_that_were_given() {
    let verifier = trusting(exact().cache_bytes(BYTES), &issuer());
    let mut most = 0;
    for number in 0..5_000 {
        let token = issuer().token().number(number).sign();
        assert_eq!(said(&verifier.verify(&token, issuer().now())), "ok");
        most = most.max(verifier.cached_bytes());
    }
    assert!(most <= BYTES, "{most}");
    assert!(most > BYTES / 2, "the cache holds next to nothing: {most}");
}

#[test]
fn a_cache_too_small_for_one_token_holds_none_and_changes_no_verdict() {
    for bytes in [0, 1, 100, 1000] {
        let verifier = trusting(exact().cache_bytes(bytes), &issuer());
        for _ in 0..3 {
            assert_eq!(said(&verifier.verify(&issuer().token().sign(), issuer().now())), "ok", "{bytes}");
        }
        assert_eq!(verifier.cached_bytes(), 0, "{bytes}");
    }
}

#[test]
fn clones_share_keys_and_cache_and_an_option_begins_anew() {
    let verifier = trusting(exact(), &issuer());
    let clone: Verifier = verifier.clone();
    let token = issuer().token().sign();
    assert_eq!(said(&clone.verify(&token, issuer().now())), "ok");
    assert_eq!(verifier.cached_bytes(), clone.cached_bytes());
    assert!(verifier.cached_bytes() > 0);
    let other = clone.leeway(secs(1));
    assert_eq!((other.cached_bytes(), said(&other.verify(&token, issuer().now()))), (0, "keys_unavailable"));
}

#[test]
fn the_cache_is_never_printed() {
    let verifier = trusting(exact(), &issuer());
    let token = issuer().token().sign();
    let verified = verifier.verify(&token, issuer().now()).unwrap();
    let signature = token.rsplit_once('.').unwrap().1;
    for printed in [format!("{verifier:?}"), format!("{verified:?}")] {
        assert!(!printed.contains(signature) && !printed.contains(&token), "{printed}");
    }
}
