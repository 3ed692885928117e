//! When a token is good.

use super::{FORMATS, exact, issuer, said, secs, shifted, trusting};
use chancery_verifier::{DEFAULT_LEEWAY, DEFAULT_MAX_LIFETIME, FutureIat, MAX_LEEWAY, Rejection, Verifier};

/// What `verifier` says of a token of the issuer's instant, `seconds` later.
fn after(verifier: Verifier, token: &str, seconds: i64) -> &'static str {
    said(&trusting(verifier, &issuer()).verify(token, shifted(issuer().now(), seconds)))
}

#[test]
fn r05_exp_equal_to_now_is_expired_at_leeway_zero() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let verifier = trusting(exact().format(format), &issuer);
        let token = issuer.token().lifetime(secs(60)).sign();
        let at = |seconds| said(&verifier.verify(&token, shifted(issuer.now(), seconds)));
        assert_eq!([at(0), at(59), at(60), at(61)], ["ok", "ok", "expired", "expired"], "{format}");
    }
}

#[test]
fn leeway_moves_the_end_by_itself_and_not_a_second_more() {
    let token = issuer().token().lifetime(secs(60)).sign();
    for (leeway, last_good) in [(0, 59), (1, 60), (30, 89), (300, 359)] {
        let verifier = || exact().leeway(secs(leeway));
        assert_eq!(after(verifier(), &token, last_good), "ok", "leeway {leeway}");
        assert_eq!(after(verifier(), &token, last_good + 1), "expired", "leeway {leeway}");
    }
}

#[test]
fn r_4_1_one_leeway_serves_exp_and_nbf_alike() {
    let now = issuer().now();
    let token = issuer().token().lifetime(secs(600)).time("nbf", shifted(now, 100)).sign();
    for (leeway, first_good) in [(0, 100), (1, 99), (30, 70)] {
        let verifier = || exact().leeway(secs(leeway));
        assert_eq!(after(verifier(), &token, first_good - 1), "not_yet_valid", "leeway {leeway}");
        assert_eq!(after(verifier(), &token, first_good), "ok", "leeway {leeway}");
    }
}

#[test]
fn r_4_1_a_fraction_of_nbf_is_rounded_up_and_one_of_exp_down() {
    let now = issuer().now();
    let with = |claim: &str, seconds: &str| {
        let time: serde_json::Value = format!("{}.{seconds}", now.as_secs() + 100).parse().unwrap();
        issuer().token().lifetime(secs(600)).claim(claim, time).sign()
    };
    assert_eq!(after(exact(), &with("nbf", "5"), 100), "not_yet_valid");
    assert_eq!(after(exact(), &with("nbf", "5"), 101), "ok");
    assert_eq!(after(exact(), &with("exp", "9"), 99), "ok");
    assert_eq!(after(exact(), &with("exp", "9"), 100), "expired");
}

#[test]
fn r_4_1_a_future_iat_alone_never_refuses_unless_that_was_chosen() {
    let token = issuer().token().lifetime(secs(600)).sign();
    assert_eq!(after(exact(), &token, -1), "ok");
    assert_eq!(after(exact(), &token, -3000), "ok");
    let strict = |leeway| exact().future_iat(FutureIat::Refuse).leeway(secs(leeway));
    assert_eq!(after(strict(0), &token, 0), "ok");
    assert_eq!(after(strict(0), &token, -1), "issued_in_future");
    assert_eq!(after(strict(30), &token, -30), "ok");
    assert_eq!(after(strict(30), &token, -31), "issued_in_future");
}

#[test]
fn a_token_that_ends_before_it_begins_is_refused_whatever_the_clock_says() {
    for lifetime in [0, -1, -100] {
        let exp = shifted(issuer().now(), lifetime);
        let token = issuer().token().time("exp", exp).sign();
        for seconds in [-200, -1, 0, 1] {
            assert_eq!(after(exact(), &token, seconds), "ends_before_it_begins", "{lifetime} at {seconds}");
        }
    }
}

#[test]
fn r_3_8_the_longest_accepted_life_is_exact_and_one_hour_unless_said_otherwise() {
    let lives = |seconds| issuer().token().lifetime(secs(seconds)).sign();
    assert_eq!(DEFAULT_MAX_LIFETIME, secs(3600));
    assert_eq!(after(exact(), &lives(3600), 0), "ok");
    assert_eq!(after(exact(), &lives(3601), 0), "lifetime_too_long");
    let minute = || exact().max_lifetime(secs(60)).leeway(secs(30));
    assert_eq!(after(minute(), &lives(60), 0), "ok");
    assert_eq!(after(minute(), &lives(61), 0), "lifetime_too_long");
}

#[test]
fn thirty_seconds_is_the_leeway_of_whoever_chooses_none() {
    assert_eq!(DEFAULT_LEEWAY, secs(30));
    let token = issuer().token().lifetime(secs(60)).sign();
    let verifier = || Verifier::new(super::ISSUER, super::AUDIENCE, super::ignore()).unwrap();
    assert_eq!(after(verifier(), &token, 89), "ok");
    assert_eq!(after(verifier(), &token, 90), "expired");
}

#[test]
fn r_12_4_leeway_cannot_be_stretched_into_a_way_around_exp() {
    let token = issuer().token().lifetime(secs(60)).sign();
    let last_good = 59 + i64::try_from(MAX_LEEWAY.as_secs()).unwrap();
    for wish in [MAX_LEEWAY, secs(86_400), std::time::Duration::MAX] {
        assert_eq!(after(exact().leeway(wish), &token, last_good), "ok", "{wish:?}");
        assert_eq!(after(exact().leeway(wish), &token, last_good + 1), "expired", "{wish:?}");
    }
}

#[test]
fn r_4_5_a_refusal_for_time_measures_the_difference() {
    let now = issuer().now();
    let verifier = trusting(exact().leeway(secs(5)).future_iat(FutureIat::Refuse), &issuer());
    let text = |token: &str, seconds| verifier.verify(token, shifted(now, seconds)).unwrap_err().to_string();
    let plain = issuer().token().lifetime(secs(60)).sign();
    assert_eq!(text(&plain, 72), "the token expired 12s ago (leeway 5s, clock 2026-11-22T00:01:12Z)");
    assert_eq!(
        text(&plain, -40),
        "the token was issued 40s in the future (leeway 5s, clock 2026-11-21T23:59:20Z)"
    );
    let later = issuer().token().time("nbf", shifted(now, 50)).sign();
    assert_eq!(
        text(&later, 0),
        "the token is not valid for another 50s (leeway 5s, clock 2026-11-22T00:00:00Z)"
    );
}

#[test]
fn r_4_5_the_evidence_stands_in_fields_too() {
    let now = issuer().now();
    let token = issuer().token().lifetime(secs(60)).sign();
    let verdict = trusting(exact(), &issuer()).verify(&token, shifted(now, 61));
    let expected = Rejection::Expired { exp: shifted(now, 60), now: shifted(now, 61), leeway: secs(0) };
    assert_eq!(verdict.unwrap_err(), expected);
}
