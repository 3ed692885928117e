//! The verdict on times, beside a second opinion.

use super::{FORMATS, ISSUER, exact, issuer, said, secs, trusting};
use chancery_verifier::{Format, FutureIat, UnixTime};
use proptest::prelude::*;

/// Instants of a case, in seconds since 1970, written with integers that cannot wrap or stop.
#[derive(Debug)]
struct Case {
    iat: u64,
    exp: u64,
    nbf: Option<u64>,
    now: u64,
    leeway: u64,
    max_lifetime: u64,
    future_iat: FutureIat,
    format: Format,
}

/// The rules of the documentation, in their order, with other arithmetic than the verifier's.
fn oracle(case: &Case) -> &'static str {
    let wide = i128::from;
    let (now, leeway) = (wide(case.now), wide(case.leeway));
    let lifetime = wide(case.exp) - wide(case.iat);
    if lifetime <= 0 {
        "ends_before_it_begins"
    } else if lifetime > wide(case.max_lifetime) {
        "lifetime_too_long"
    } else if now - leeway >= wide(case.exp) {
        "expired"
    } else if case.nbf.is_some_and(|nbf| now + leeway < wide(nbf)) {
        "not_yet_valid"
    } else if case.future_iat == FutureIat::Refuse && now + leeway < wide(case.iat) {
        "issued_in_future"
    } else {
        "ok"
    }
}

fn case() -> impl Strategy<Value = Case> {
    // Around three instants: the first second, an ordinary one, and the last that a token can carry.
    let base = prop_oneof![Just(0_u64), Just(1_795_305_600), Just(UnixTime::MAX.as_secs() - 200)];
    let near = || 0..200_u64;
    let policy = prop_oneof![Just(FutureIat::Accept), Just(FutureIat::Refuse)];
    let nbf = proptest::option::of(near());
    (
        base,
        near(),
        near(),
        nbf,
        0..400_u64,
        0..=60_u64,
        0..200_u64,
        (policy, proptest::sample::select(&FORMATS[..])),
    )
        .prop_map(|(base, iat, exp, nbf, now, leeway, max_lifetime, (future_iat, format))| Case {
            iat: base + iat,
            exp: base + exp,
            nbf: nbf.map(|nbf| base + nbf),
            // Before, among and after the token's own times.
            now: (base + now).saturating_sub(100),
            leeway,
            max_lifetime,
            future_iat,
            format,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn r_4_1_the_verdict_on_any_times_is_the_one_of_the_written_rules(case in case()) {
        let issuer = issuer().format(case.format);
        let mut token = issuer.token().time("iat", UnixTime::from_secs(case.iat));
        token = token.time("exp", UnixTime::from_secs(case.exp));
        if let Some(nbf) = case.nbf {
            token = token.time("nbf", UnixTime::from_secs(nbf));
        }
        let verifier = exact()
            .format(case.format)
            .leeway(secs(case.leeway))
            .max_lifetime(secs(case.max_lifetime))
            .future_iat(case.future_iat);
        let verifier = trusting(verifier, &issuer);
        let (token, now) = (token.sign(), UnixTime::from_secs(case.now));
        let expected = oracle(&case);
        prop_assert_eq!(said(&verifier.verify(&token, now)), expected);
        // The second answer may come from the cache.
        prop_assert_eq!(said(&verifier.verify(&token, now)), expected);
        prop_assert_eq!(verifier.issuer(), ISSUER);
    }

    #[test]
    fn r_4_4_the_cache_never_changes_a_verdict(case in case(), later in proptest::collection::vec(0..600_u64, 1..6)) {
        let issuer = issuer().format(case.format);
        let mut token = issuer.token().time("iat", UnixTime::from_secs(case.iat));
        token = token.time("exp", UnixTime::from_secs(case.exp));
        if let Some(nbf) = case.nbf {
            token = token.time("nbf", UnixTime::from_secs(nbf));
        }
        let told = exact().format(case.format).leeway(secs(case.leeway)).future_iat(case.future_iat);
        let cached = trusting(told.clone(), &issuer);
        let plain = trusting(told.cache_bytes(0), &issuer);
        let token = token.sign();
        // Clocks are set back, too.
        for later in later {
            let now = UnixTime::from_secs((case.now + later).saturating_sub(300));
            prop_assert_eq!(said(&cached.verify(&token, now)), said(&plain.verify(&token, now)));
        }
        prop_assert_eq!(plain.cached_bytes(), 0);
    }
}
