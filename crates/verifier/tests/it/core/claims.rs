//! Whose tokens, for whom.

use super::{AUDIENCE, FORMATS, ISSUER, exact, ignore, issuer, said, trusting};
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use chancery_verifier::{Environment, Format, Rejection, Verifier};
use serde_json::json;

fn verdict(token: TokenBuilder) -> &'static str {
    said(&trusting(exact(), &issuer()).verify(&token.sign(), issuer().now()))
}

#[test]
fn r_5_6_the_issuer_is_compared_byte_for_byte() {
    let near_misses = [
        "https://auth.example.com/",
        "https://auth.example.com ",
        "https://Auth.example.com",
        "HTTPS://auth.example.com",
        "http://auth.example.com",
        "https://auth.example.com:443",
        "https://auth.example.com.evil.test",
        "https://auth.example.co",
        "https://auth.ex\u{430}mple.com",
    ];
    for near_miss in near_misses {
        assert_eq!(verdict(issuer().token().claim("iss", near_miss)), "issuer_mismatch", "{near_miss}");
        // And the other way about: the near miss is what was configured.
        let verifier = trusting(Verifier::new(near_miss, AUDIENCE, ignore()).unwrap(), &issuer());
        assert_eq!(
            said(&verifier.verify(&issuer().token().sign(), issuer().now())),
            "issuer_mismatch",
            "{near_miss}"
        );
    }
    assert_eq!(verdict(issuer().token()), "ok");
}

#[test]
fn r_5_6_the_audience_is_compared_byte_for_byte() {
    for near_miss in [
        "https://api.example.com/",
        "https://API.example.com",
        "https://api.example.com/v1",
        "https://api.example.co",
        " https://api.example.com",
        "*",
    ] {
        assert_eq!(verdict(issuer().token().claim("aud", near_miss)), "audience_mismatch", "{near_miss}");
        let verifier = trusting(Verifier::new(ISSUER, near_miss, ignore()).unwrap(), &issuer());
        assert_eq!(
            said(&verifier.verify(&issuer().token().sign(), issuer().now())),
            "audience_mismatch",
            "{near_miss}"
        );
    }
}

#[test]
fn r_5_4_one_audience_may_stand_in_a_list_and_several_are_none() {
    assert_eq!(verdict(issuer().token().claim("aud", json!([AUDIENCE]))), "ok");
    assert_eq!(
        verdict(issuer().token().claim("aud", json!([AUDIENCE, "https://other.example.com"]))),
        "audience_not_single"
    );
    assert_eq!(verdict(issuer().token().claim("aud", json!([AUDIENCE, AUDIENCE]))), "audience_not_single");
    assert_eq!(
        verdict(issuer().token().claim("aud", json!(["https://other.example.com"]))),
        "audience_mismatch"
    );
}

#[test]
fn r_5_4_a_token_without_issuer_or_audience_is_refused() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let verifier = trusting(exact().format(format), &issuer);
        for claim in ["iss", "aud"] {
            let absent = verifier.verify(&issuer.token().without(claim).sign(), issuer.now()).unwrap_err();
            assert_eq!((absent.reason(), absent.claim()), ("claim_missing", Some(claim)), "{format}");
            let empty = verifier.verify(&issuer.token().claim(claim, "").sign(), issuer.now()).unwrap_err();
            assert_eq!((empty.reason(), empty.claim()), ("claim_malformed", Some(claim)), "{format}");
        }
        let none = verifier.verify(&issuer.token().claim("aud", json!([])).sign(), issuer.now());
        assert!(none.is_err(), "{format}");
    }
}

#[test]
fn r02_both_sides_of_a_mismatch_are_in_the_evidence() {
    let verifier = trusting(exact(), &issuer());
    let refused = |claim: &str| {
        verifier.verify(&issuer().token().claim(claim, "x").sign(), issuer().now()).unwrap_err()
    };
    assert_eq!(refused("iss"), Rejection::WrongIssuer { expected: ISSUER.into(), found: "x".into() });
    assert_eq!(refused("aud"), Rejection::WrongAudience { expected: AUDIENCE.into(), found: "x".into() });
    assert_eq!(
        refused("aud").to_string(),
        format!("the token is for the audience 'x', not for '{AUDIENCE}'")
    );
}

#[test]
fn r07_test_tokens_are_worth_nothing_in_live_and_the_other_way_about() {
    let test = issuer().token().claim("env", "test").sign();
    let live = issuer().token().sign();
    let (in_live, in_test) =
        (trusting(exact(), &issuer()), trusting(exact().environment(Environment::Test), &issuer()));
    let now = issuer().now();
    assert_eq!(
        [said(&in_live.verify(&live, now)), said(&in_live.verify(&test, now))],
        ["ok", "environment_mismatch"]
    );
    assert_eq!(
        [said(&in_test.verify(&live, now)), said(&in_test.verify(&test, now))],
        ["environment_mismatch", "ok"]
    );
    let refused = in_live.verify(&test, now).unwrap_err();
    assert_eq!(
        refused,
        Rejection::WrongEnvironment { expected: Environment::Live, found: Environment::Test }
    );
}

#[test]
fn the_subject_is_the_client_or_a_person_or_one_for_whom_the_client_acts() {
    let subject = |sub: &str| verdict(issuer().token().claim("sub", sub));
    assert_eq!(subject("test-client"), "ok");
    assert_eq!(subject("user:alice"), "ok");
    for other in ["another-client", "Test-client", "alice", "users:alice", "group:admins", "user-alice"] {
        assert_eq!(subject(other), "subject_mismatch", "{other}");
    }
    let acting =
        |act: serde_json::Value| verdict(issuer().token().claim("sub", "another-client").claim("act", act));
    assert_eq!(acting(json!({ "sub": "test-client", "act": { "sub": "third" } })), "ok");
    assert_eq!(acting(json!({ "sub": "third", "act": { "sub": "test-client" } })), "subject_mismatch");
}

#[test]
fn r02_a_token_says_only_what_was_signed() {
    let token = issuer()
        .token()
        .client("invoice-sync")
        .tenant("globex")
        .scope("invoices:read invoices:export")
        .number(9);
    let verified = trusting(exact(), &issuer()).verify(&token.sign(), issuer().now()).unwrap();
    assert_eq!(verified.client_id().as_str(), "invoice-sync");
    assert_eq!(verified.subject().as_str(), "invoice-sync");
    assert_eq!(verified.tenant().as_str(), "globex");
    assert_eq!(verified.scopes().as_str(), "invoices:read invoices:export");
    assert_eq!(verified.kid(), issuer().kid());
    assert_eq!(verified.claims().exp, issuer().now().plus(super::secs(900)));
    let has = |scope: &str| verified.has(&scope.parse().unwrap());
    assert!(has("invoices:read") && has("invoices:export"));
    assert!(!has("invoices:create") && !has("invoices:rea") && !has("orders:read"));
}

#[test]
fn r06_scopes_come_from_the_token_alone_before_and_after_it_was_cached() {
    let verifier = trusting(exact(), &issuer());
    let narrow = issuer().token().scope("invoices:read").number(1).sign();
    let wide = issuer().token().scope("invoices:read invoices:delete").number(2).sign();
    // The client was widened: its next token says so, the one that is out does not.
    for _ in 0..2 {
        let now = issuer().now();
        let scopes = |token: &str| verifier.verify(token, now).unwrap().scopes().as_str().to_owned();
        assert_eq!(scopes(&narrow), "invoices:read");
        assert_eq!(scopes(&wide), "invoices:read invoices:delete");
        assert_eq!(scopes(&narrow), "invoices:read");
    }
}

#[test]
fn a_token_of_the_other_format_is_named_as_such() {
    let jwt = issuer().token().sign();
    let paseto = issuer().format(Format::Paseto).token().sign();
    let of = |format| {
        let issuer: TestIssuer = issuer().format(format);
        trusting(exact().format(format), &issuer)
    };
    let now = issuer().now();
    assert_eq!(
        [said(&of(Format::Jwt).verify(&jwt, now)), said(&of(Format::Jwt).verify(&paseto, now))],
        ["ok", "wrong_format"]
    );
    assert_eq!(
        [said(&of(Format::Paseto).verify(&jwt, now)), said(&of(Format::Paseto).verify(&paseto, now))],
        ["wrong_format", "ok"]
    );
}
