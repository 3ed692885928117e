//! Every refusal: what it is called, and whose fault it is.

use super::{FORMATS, exact, issuer, secs, shifted, trusting};
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use chancery_verifier::{Blame, Environment, FutureIat, KeysUnavailable, Rejection, Verifier};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// One token for each refusal that a token can bring upon itself.
fn faults(issuer: &TestIssuer) -> Vec<(&'static str, TokenBuilder)> {
    let now = issuer.now();
    let token = || issuer.token();
    vec![
        ("audience_mismatch", token().claim("aud", "https://other.example.com")),
        ("ends_before_it_begins", token().lifetime(Duration::ZERO)),
        ("environment_mismatch", token().claim("env", "test")),
        ("expired", token().time("iat", shifted(now, -20)).time("exp", shifted(now, -10))),
        ("issued_in_future", token().time("iat", shifted(now, 10))),
        ("issuer_mismatch", token().claim("iss", "https://other.example.com")),
        ("lifetime_too_long", token().lifetime(secs(7200))),
        ("not_yet_valid", token().time("nbf", shifted(now, 10))),
        (
            "proof_required",
            token().claim("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })),
        ),
        ("signature_invalid", token().signed_by(&issuer.clone().key_number(2))),
        ("subject_mismatch", token().claim("sub", "another-client")),
        ("unknown_key", issuer.clone().key_number(2).token()),
    ]
}

fn strict(issuer: &TestIssuer, format: chancery_verifier::Format) -> Verifier {
    trusting(exact().format(format).future_iat(FutureIat::Refuse), issuer)
}

#[test]
fn every_refusal_of_a_token_has_its_own_reason_and_blames_the_token() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let verifier = strict(&issuer, format);
        for (reason, token) in faults(&issuer) {
            let refused = verifier.verify(&token.sign(), issuer.now()).unwrap_err();
            assert_eq!((refused.reason(), refused.blame()), (reason, Blame::Token), "{format}: {refused}");
        }
    }
}

#[test]
fn every_claim_that_must_be_there_is_missed_by_name() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let verifier = strict(&issuer, format);
        let claims = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope", "tenant", "rvs", "env"];
        for claim in claims {
            let refused = verifier.verify(&issuer.token().without(claim).sign(), issuer.now()).unwrap_err();
            assert_eq!((refused.reason(), refused.claim()), ("claim_missing", Some(claim)), "{format}");
            let refused =
                verifier.verify(&issuer.token().claim(claim, json!({})).sign(), issuer.now()).unwrap_err();
            assert_eq!((refused.reason(), refused.claim()), ("claim_wrong_type", Some(claim)), "{format}");
        }
    }
}

#[test]
fn reasons_are_stable_words_and_no_two_refusals_share_one() {
    let leeway = secs(0);
    let (exp, iat, nbf, now) = Default::default();
    let (expected, found) = (String::new(), String::new());
    let all = [
        Rejection::EndsBeforeItBegins { iat, exp },
        Rejection::Expired { exp, now, leeway },
        Rejection::IssuedInFuture { iat, now, leeway },
        Rejection::KeysUnavailable(KeysUnavailable::NeverInstalled),
        Rejection::LifetimeTooLong { lifetime: leeway, most: leeway },
        Rejection::NotYetValid { nbf, now, leeway },
        Rejection::ProofRequired,
        Rejection::SubjectMismatch,
        Rejection::UnknownKey { kid: String::new() },
        Rejection::WrongAudience { expected: expected.clone(), found: found.clone() },
        Rejection::WrongEnvironment { expected: Environment::Live, found: Environment::Test },
        Rejection::WrongIssuer { expected, found },
    ];
    let reasons: BTreeSet<&str> = all.iter().map(Rejection::reason).collect();
    assert_eq!(reasons.len(), all.len());
    for rejection in &all {
        let word = rejection.reason();
        assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{word}");
        let verifiers_own = matches!(rejection, Rejection::KeysUnavailable(_));
        assert_eq!(rejection.blame() == Blame::Verifier, verifiers_own, "{word}");
        assert_eq!(rejection.claim(), None);
    }
}

#[test]
fn missing_keys_say_why_they_are_missing() {
    let good_until = issuer().now();
    for (why, text) in [
        (KeysUnavailable::NeverInstalled, "none were installed yet"),
        (KeysUnavailable::FetchFailed, "did not answer"),
        (KeysUnavailable::Stale { good_until }, "until 2026-11-22T00:00:00Z only"),
    ] {
        let rejection = Rejection::KeysUnavailable(why);
        assert_eq!(rejection.reason(), "keys_unavailable");
        assert!(rejection.to_string().contains(text), "{rejection}");
    }
}

#[test]
fn r_12_4_the_most_generous_verifier_still_checks_signature_audience_and_exp() {
    let issuer = issuer();
    let generous = exact().leeway(Duration::MAX).max_lifetime(Duration::MAX).future_iat(FutureIat::Accept);
    let verifier = trusting(generous, &issuer);
    let long_ago = shifted(issuer.now(), -400);
    for (reason, token) in [
        ("signature_invalid", issuer.token().signed_by(&issuer.clone().key_number(2)).sign()),
        ("alg_none", issuer.token().unsigned()),
        ("audience_mismatch", issuer.token().claim("aud", "https://other.example.com").sign()),
        ("issuer_mismatch", issuer.token().claim("iss", "https://other.example.com").sign()),
        ("claim_missing", issuer.token().without("exp").sign()),
        ("expired", issuer.token().time("iat", shifted(long_ago, -1)).time("exp", long_ago).sign()),
        ("unknown_key", issuer.clone().key_number(3).token().sign()),
    ] {
        assert_eq!(verifier.verify(&token, issuer.now()).unwrap_err().reason(), reason);
    }
}
