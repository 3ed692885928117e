//! With which keys, and until when.

use super::{FORMATS, exact, issuer, said, shifted, trusting};
use chancery_verifier::token::{KeySet, SecretKey};
use chancery_verifier::{Blame, Format, KeysUnavailable, Rejection, WrongFormat};

#[test]
fn without_keys_every_text_is_answered_with_keys_unavailable() {
    for format in FORMATS {
        let verifier = exact().format(format);
        for token in [issuer().format(format).token().sign().as_str(), "garbage", ""] {
            let refused = verifier.verify(token, issuer().now()).unwrap_err();
            assert_eq!(refused, Rejection::KeysUnavailable(KeysUnavailable::NeverInstalled), "{token}");
            assert_eq!((refused.reason(), refused.blame()), ("keys_unavailable", Blame::Verifier));
        }
        assert!(verifier.kids().is_empty());
    }
}

#[test]
fn r_6_3_a_text_over_the_limit_is_refused_unread_even_without_keys() {
    for length in [8192, 8193] {
        let refused = exact().verify(&"a".repeat(length), issuer().now()).unwrap_err();
        assert_eq!(refused.reason(), if length > 8192 { "token_too_large" } else { "keys_unavailable" });
    }
}

#[test]
fn r_1_6_keys_serve_until_their_bound_and_not_a_second_longer() {
    let (verifier, now) = (exact(), issuer().now());
    let good_until = shifted(now, 100);
    verifier.install_keys_until(issuer().keys(), good_until).unwrap();
    let token = issuer().token().sign();
    let at = |seconds| verifier.verify(&token, shifted(now, seconds));
    assert_eq!([said(&at(0)), said(&at(99))], ["ok", "ok"]);
    for seconds in [100, 101, 800] {
        let refused = at(seconds).unwrap_err();
        assert_eq!(refused, Rejection::KeysUnavailable(KeysUnavailable::Stale { good_until }), "{seconds}");
        assert_eq!(refused.blame(), Blame::Verifier);
    }
    // The same keys, confirmed: they serve on, and what is cached is good again.
    verifier.install_keys_until(issuer().keys(), shifted(now, 500)).unwrap();
    assert_eq!([said(&at(100)), said(&at(499)), said(&at(500))], ["ok", "ok", "keys_unavailable"]);
    verifier.install_keys(issuer().keys()).unwrap();
    assert_eq!(said(&at(800)), "ok");
}

#[test]
fn keys_of_the_other_format_are_refused_and_change_nothing() {
    let (jwt, paseto) = (issuer(), issuer().format(Format::Paseto));
    let verifier = trusting(exact(), &jwt);
    let refused = verifier.install_keys(paseto.keys()).unwrap_err();
    assert_eq!(refused, WrongFormat { expected: Format::Jwt, found: Format::Paseto });
    assert_eq!(refused.to_string(), "these are paseto keys; the verifier takes jwt tokens");
    assert!(verifier.install_keys_until(paseto.keys(), jwt.now()).is_err());
    assert_eq!(said(&verifier.verify(&jwt.token().sign(), jwt.now())), "ok");
}

#[test]
fn a_key_that_is_not_installed_is_named_in_the_refusal() {
    for format in FORMATS {
        let (known, other) = (issuer().format(format), issuer().format(format).key_number(2));
        let verifier = trusting(exact().format(format), &known);
        let refused = verifier.verify(&other.token().sign(), other.now()).unwrap_err();
        assert_eq!(refused, Rejection::UnknownKey { kid: other.kid() });
        assert_eq!((refused.reason(), refused.blame()), ("unknown_key", Blame::Token));
    }
}

#[test]
fn a_key_cannot_borrow_the_name_of_another() {
    for format in FORMATS {
        let (known, other) = (issuer().format(format), issuer().format(format).key_number(2));
        let verifier = trusting(exact().format(format), &known);
        let forged = known.token().signed_by(&other).sign();
        assert_eq!(said(&verifier.verify(&forged, known.now())), "signature_invalid");
        assert_eq!(verifier.cached_bytes(), 0);
    }
}

#[test]
fn r_1_7_a_key_stops_when_a_set_without_it_is_installed() {
    for format in FORMATS {
        let (old, new) = (issuer().format(format), issuer().format(format).key_number(2));
        let verifier = trusting(exact().format(format), &old);
        let token = old.token().sign();
        assert_eq!(said(&verifier.verify(&token, old.now())), "ok");
        verifier.install_keys(new.keys()).unwrap();
        assert_eq!(said(&verifier.verify(&token, old.now())), "unknown_key");
        assert_eq!(said(&verifier.verify(&new.token().sign(), new.now())), "ok");
    }
}

#[test]
fn r52_both_keys_of_a_rotation_verify_side_by_side() {
    let (old, new) = (issuer(), issuer().key_number(2));
    let public = |number| SecretKey::from_seed(&[number; 32]).public();
    let verifier = exact();
    verifier.install_keys(KeySet::from_keys(Format::Jwt, [public(1), public(2)]).unwrap()).unwrap();
    assert_eq!(said(&verifier.verify(&old.token().sign(), old.now())), "ok");
    assert_eq!(said(&verifier.verify(&new.token().sign(), new.now())), "ok");
    let kids: Vec<String> = verifier.kids().iter().map(ToString::to_string).collect();
    assert_eq!(kids, [old.kid(), new.kid()]);
}

#[test]
fn r_1_7_keys_come_from_a_published_document_too() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let verifier = exact().format(format);
        let document = KeySet::read(format, issuer.key_document().as_bytes()).unwrap();
        assert!(document.skipped.is_empty());
        verifier.install_keys(document.keys).unwrap();
        assert_eq!(said(&verifier.verify(&issuer.token().sign(), issuer.now())), "ok");
    }
}
