//! The issuer for the tests of services.

use super::{AUDIENCE, FORMATS, ISSUER, exact, issuer, said, secs, shifted, trusting};
use chancery_verifier::Format;
use chancery_verifier::token::KeySet;
use serde_json::{Value, json};

/// The claims of a token, read without a look at the signature.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&chancery_verifier::token::encoding::from_base64url(payload).unwrap()).unwrap()
}

#[test]
fn r_12_2_a_token_is_good_as_it_comes_in_either_format() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let verifier = trusting(exact().format(format), &issuer);
        let token = issuer.token().sign();
        assert_eq!(said(&verifier.verify(&token, issuer.now())), "ok", "{format}");
        assert_eq!(said(&verifier.verify(&token, shifted(issuer.now(), 899))), "ok", "{format}");
        assert_eq!(said(&verifier.verify(&token, shifted(issuer.now(), 900))), "expired", "{format}");
    }
}

#[test]
fn r_12_2_keys_of_equal_numbers_are_equal_and_others_are_not() {
    for format in FORMATS {
        let numbered = |number| issuer().format(format).key_number(number);
        assert_eq!(numbered(3).keys(), numbered(3).keys());
        assert_eq!(numbered(3).kid(), numbered(3).kid());
        assert_eq!(numbered(3).key_document(), numbered(3).key_document());
        assert_eq!(numbered(3).token().sign(), numbered(3).token().sign());
        assert_ne!(numbered(3).keys(), numbered(4).keys());
        assert_ne!(numbered(3).kid(), numbered(4).kid());
        // Number one is the key of an issuer that was given none.
        assert_eq!(numbered(1).keys(), issuer().format(format).keys());
        let read = KeySet::read(format, numbered(3).key_document().as_bytes()).unwrap();
        assert_eq!(read.keys, numbered(3).keys());
    }
}

#[test]
fn r_12_2_every_claim_can_be_set_and_left_out() {
    let names = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope", "tenant", "rvs", "env"];
    for name in names {
        assert_eq!(
            claims(&issuer().token().claim(name, json!(["anything", 1])).sign())[name],
            json!(["anything", 1])
        );
        assert_eq!(claims(&issuer().token().without(name).sign()).get(name), None);
    }
    assert_eq!(claims(&issuer().token().claim("made_up", true).sign())["made_up"], true);
    let plain = claims(&issuer().token().sign());
    assert_eq!(plain.as_object().unwrap().len(), names.len());
}

#[test]
fn r_12_2_the_faults_that_services_test_for_take_one_call_each() {
    let now = issuer().now();
    let verifier = trusting(exact(), &issuer());
    let other = issuer().key_number(2);
    for (reason, token) in [
        ("expired", issuer().token().time("iat", shifted(now, -900)).time("exp", now).sign()),
        ("not_yet_valid", issuer().token().time("nbf", shifted(now, 60)).sign()),
        ("audience_mismatch", issuer().token().claim("aud", "https://other.example.com").sign()),
        ("unknown_key", issuer().token().header("kid", other.kid()).sign()),
        ("unknown_key", other.token().sign()),
        ("signature_invalid", issuer().token().signed_by(&other).sign()),
        ("alg_symmetric", issuer().token().header("alg", "HS256").sign()),
        ("alg_not_allowed", issuer().token().header("alg", "RS256").sign()),
        ("alg_none", issuer().token().unsigned()),
        ("typ_not_access_token", issuer().token().header("typ", "JWT").sign()),
        ("typ_missing", issuer().token().without_header("typ").sign()),
        ("kid_missing", issuer().token().without_header("kid").sign()),
        ("crit_present", issuer().token().header("crit", json!(["exp"])).sign()),
        ("claims_not_json", issuer().token().sign_payload(b"{")),
        ("claims_not_utf8", issuer().token().sign_payload(b"{\"a\":\"\xff\"}")),
    ] {
        assert_eq!(verifier.verify(&token, now).unwrap_err().reason(), reason);
    }
}

#[test]
fn r_12_2_paseto_tokens_can_be_bent_too() {
    let issuer = issuer().format(Format::Paseto);
    let verifier = trusting(exact().format(Format::Paseto), &issuer);
    for (reason, token) in [
        ("typ_not_access_token", issuer.token().header("typ", "at+jwt")),
        ("typ_missing", issuer.token().without_header("typ")),
        ("kid_missing", issuer.token().without_header("kid")),
        ("footer_invalid", issuer.token().header("more", 1)),
        ("claim_wrong_type", issuer.token().claim("exp", issuer.now().as_secs() + 60)),
        ("claim_malformed", issuer.token().claim("exp", "tomorrow")),
        (
            "expired",
            issuer.token().lifetime(secs(60)).time("iat", shifted(issuer.now(), -70)).lifetime(secs(0)),
        ),
    ] {
        assert_eq!(verifier.verify(&token.sign(), issuer.now()).unwrap_err().reason(), reason);
    }
}

#[test]
fn r_12_2_an_issuer_stands_at_the_instant_it_is_given() {
    let later = shifted(issuer().now(), 86_400);
    for format in FORMATS {
        let issuer = issuer().format(format).at(later);
        let verifier = trusting(exact().format(format), &issuer);
        let verified = verifier.verify(&issuer.token().lifetime(secs(60)).sign(), later).unwrap();
        assert_eq!((verified.claims().iat, verified.claims().exp), (later, shifted(later, 60)));
    }
}

#[test]
fn r_12_2_tokens_of_equal_numbers_share_a_name_and_others_do_not() {
    let id = |number| claims(&issuer().token().number(number).sign())["jti"].clone();
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

#[test]
fn a_test_token_is_written_as_an_issuer_writes_it() {
    let token = issuer().token().sign();
    let header =
        chancery_verifier::token::encoding::from_base64url(token.split('.').next().unwrap()).unwrap();
    let expected = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}"}}"#, issuer().kid());
    assert_eq!(String::from_utf8(header).unwrap(), expected);
    let beginning = format!(
        r#"{{"iss":"{ISSUER}","aud":"{AUDIENCE}","sub":"test-client","client_id":"test-client","iat":"#
    );
    assert!(issuer().token().claims_json().starts_with(&beginning));
}

#[test]
fn the_private_key_of_a_test_issuer_is_not_printed() {
    let printed = format!("{:?} {:?}", issuer(), issuer().token());
    assert!(printed.contains("SecretKey(***)"), "{printed}");
}
