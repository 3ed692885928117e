//! What the verifier takes from the allocator, counted by an allocator of this test binary's own.

#![cfg(test)]

use allocation_counter::measure;
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use chancery_verifier::{Format, Freshness, Revocation, UnixTime, Verifier};
use serde_json::json;

fn issuer(format: Format) -> TestIssuer {
    TestIssuer::new("https://auth.example.com", "https://api.example.com").format(format)
}

fn verifier(issuer: &TestIssuer, format: Format, cache_bytes: u64) -> Verifier {
    let ignore = Revocation::Ignore { reason: "the tests are not about revocation" };
    let verifier = Verifier::new(issuer.issuer(), issuer.audience(), ignore).unwrap();
    let verifier = verifier.format(format).cache_bytes(cache_bytes);
    verifier.install_keys(issuer.keys()).unwrap();
    verifier
}

/// About as large as ours are in the field.
fn token(issuer: &TestIssuer, number: u64) -> TokenBuilder {
    let scope = "invoices:read invoices:create orders:read orders:update";
    let bounds = json!({ "region": ["eu-west", "eu-north"] });
    issuer.token().client("invoice-sync-7f3a").scope(scope).claim("bounds", bounds).number(number)
}

#[test]
fn a_hit_of_the_cache_allocates_nothing() {
    for format in [Format::Jwt, Format::Paseto] {
        let issuer = issuer(format);
        let verifier = verifier(&issuer, format, 1024 * 1024);
        let tokens: Vec<String> = (0..100).map(|number| token(&issuer, number).sign()).collect();
        let verify_all = || tokens.iter().all(|token| verifier.verify(token, issuer.now()).is_ok());
        let first = measure(|| assert!(verify_all()));
        assert!(first.count_total > 500, "this allocator counts nothing: {first:?}");
        let second = measure(|| assert!(verify_all()));
        assert_eq!((second.count_total, second.bytes_total), (0, 0), "{format}");
    }
}

/// A verifier that asks the log about every token, and knows of two hundred that are revoked.
fn follower(issuer: &TestIssuer, format: Format, cache_bytes: u64) -> Verifier {
    let hour = Revocation::Follow(Freshness::MaxStaleness(std::time::Duration::from_hours(1)));
    let clock = std::sync::Arc::new(chancery_verifier::clock::FixedClock::new(issuer.now()));
    let verifier = Verifier::new(issuer.issuer(), issuer.audience(), hour).unwrap();
    let verifier = verifier.format(format).cache_bytes(cache_bytes).clock(clock);
    verifier.install_keys(issuer.keys()).unwrap();
    let mut log = issuer.log();
    for number in 1_000_000..1_000_200 {
        log.revoke_token(&issuer.token().number(number).sign());
    }
    log.install(&verifier);
    verifier
}

#[test]
fn r50_a_hit_of_the_cache_asks_the_log_and_allocates_nothing() {
    for format in [Format::Jwt, Format::Paseto] {
        let issuer = issuer(format);
        let verifier = follower(&issuer, format, 1024 * 1024);
        let token = token(&issuer, 1).sign();
        assert!(verifier.verify(&token, issuer.now()).is_ok());
        let hit = measure(|| assert!(verifier.verify(&token, issuer.now()).is_ok()));
        assert_eq!((hit.count_total, hit.bytes_total), (0, 0), "{format}");
        let refused = issuer.token().number(1_000_007).sign();
        assert_eq!(verifier.verify(&refused, issuer.now()).unwrap_err().reason(), "revoked");
    }
}

#[test]
fn tokens_that_the_log_is_asked_about_take_no_more_memory_than_was_given() {
    const GIVEN: u64 = 2 * 1024 * 1024;
    let issuer = issuer(Format::Jwt);
    let delegated = |number| {
        let chain = json!({ "sub": "a", "act": { "sub": "b", "act": { "sub": "c" } } });
        let ancestors = vec!["AAAAAAAAAAAAAAAAAAAAAA"; 8];
        issuer.token().number(number).claim("act", chain).claim("anc", ancestors)
    };
    let bare = |number| issuer.token().number(number);
    let shapes: [&dyn Fn(u64) -> TokenBuilder; 2] = [&delegated, &bare];
    for (at, shape) in shapes.iter().enumerate() {
        let verifier = follower(&issuer, Format::Jwt, GIVEN);
        let flood = measure(|| {
            for number in 0..5_000 {
                verifier.verify(&shape(number).sign(), issuer.now()).unwrap();
            }
        });
        let taken = u64::try_from(flood.bytes_current).unwrap();
        assert!(taken <= GIVEN, "shape {at}: {taken} of {GIVEN} bytes");
        assert!(taken > GIVEN / 4, "shape {at}: {taken} of {GIVEN} bytes");
    }
}

#[test]
fn r_4_4_the_same_keys_again_keep_what_is_cached_and_others_do_not() {
    let issuer = issuer(Format::Jwt);
    let verifier = verifier(&issuer, Format::Jwt, 1024 * 1024);
    let token = token(&issuer, 1).sign();
    let verify = || measure(|| assert!(verifier.verify(&token, issuer.now()).is_ok())).count_total;
    assert!(verify() > 0, "nothing is cached yet");
    verifier.install_keys_until(issuer.keys(), UnixTime::MAX).unwrap();
    assert_eq!(verify(), 0, "the same keys emptied the cache");
    verifier.install_keys(issuer.clone().key_number(2).keys()).unwrap();
    verifier.install_keys(issuer.keys()).unwrap();
    assert!(verify() > 0, "what other keys came between must be verified again");
}

#[test]
fn a_hundred_thousand_verified_tokens_take_no_more_memory_than_was_given() {
    const GIVEN: u64 = 4 * 1024 * 1024;
    let issuer = issuer(Format::Jwt);
    let verifier = verifier(&issuer, Format::Jwt, GIVEN);
    let flood = measure(|| {
        for number in 0..100_000 {
            assert!(verifier.verify(&token(&issuer, number).sign(), issuer.now()).is_ok());
        }
    });
    let taken = flood.bytes_max;
    assert!(taken <= GIVEN, "{taken} of {GIVEN} bytes");
    assert!(taken > GIVEN / 4, "{taken} of {GIVEN} bytes: the cache counts far too much for a token");
}

#[test]
fn tokens_of_every_shape_take_no_more_memory_than_was_given() {
    const GIVEN: u64 = 2 * 1024 * 1024;
    let issuer = issuer(Format::Paseto);
    let scoped = |number| {
        let names: Vec<String> = (0..40).map(|scope| format!("r{scope}:act{number}")).collect();
        let bounds: serde_json::Map<_, _> =
            names.iter().map(|name| (name.clone(), json!({ "limit": 5 }))).collect();
        token(&issuer, number).scope(&names.join(" ")).claim("bounds", bounds)
    };
    let listed = |number: u64| {
        let values: Vec<String> = (0..120).map(|value| format!("{number}-{value}*")).collect();
        token(&issuer, number).claim("bounds", json!({ "project": values }))
    };
    let bare = |number| issuer.token().number(number);
    let delegated = |number| {
        let chain = json!({ "sub": "a", "act": { "sub": "b", "act": { "sub": "c" } } });
        let ancestors = vec!["AAAAAAAAAAAAAAAAAAAAAA"; 8];
        bare(number).claim("sub", "user:alice").claim("act", chain).claim("anc", ancestors)
    };
    let shapes: [&dyn Fn(u64) -> TokenBuilder; 4] = [&scoped, &listed, &bare, &delegated];
    for (at, shape) in shapes.iter().enumerate() {
        let verifier = verifier(&issuer, Format::Paseto, GIVEN);
        let flood = measure(|| {
            for number in 0..3_000 {
                verifier.verify(&shape(number).sign(), issuer.now()).unwrap();
            }
        });
        let taken = u64::try_from(flood.bytes_current).unwrap();
        assert!(taken <= GIVEN, "shape {at}: {taken} of {GIVEN} bytes");
        assert!(taken > GIVEN / 4, "shape {at}: {taken} of {GIVEN} bytes");
    }
}
