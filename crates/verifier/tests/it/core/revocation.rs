//! Tokens that are revoked, and those of which nobody can say.

use super::{AUDIENCE, FORMATS, ISSUER, exact, issuer, said, secs, shifted};
use chancery_verifier::clock::FixedClock;
use chancery_verifier::revocation_log::{Kill, Kind, LogId, Outcome, Over, Unknown};
use chancery_verifier::testing::{TestIssuer, TestLog};
use chancery_verifier::token::{FamilyId, UnixTime, encoding::base64url};
use chancery_verifier::{
    Blame, Format, Freshness, InvalidSetup, LONGEST_STALENESS, NotFresher, NotInstalled, Rejection,
    Revocation, RevocationKeys, SHORTEST_STALENESS, Verifier,
};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

fn following(policy: Freshness) -> (Verifier, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new(issuer().now()));
    let verifier = Verifier::new(ISSUER, AUDIENCE, Revocation::Follow(policy)).unwrap();
    (verifier.leeway(Duration::ZERO).max_lifetime(secs(7200)).clock(clock.clone()), clock)
}

/// With the keys of the issuer, and all that its log says.
fn told(log: &TestLog) -> Verifier {
    let (verifier, _) = following(Freshness::MaxStaleness(HOUR));
    verifier.install_keys(issuer().keys()).unwrap();
    log.install(&verifier);
    verifier
}

fn end() -> UnixTime {
    issuer().now().plus(secs(86_400))
}

#[test]
fn r_3_5_without_a_word_of_the_log_every_token_is_refused_as_unknown() {
    let (verifier, _) = following(Freshness::MaxStaleness(HOUR));
    verifier.install_keys(issuer().keys()).unwrap();
    let refused = verifier.verify(&issuer().token().sign(), issuer().now()).unwrap_err();
    assert_eq!(refused, Rejection::RevocationUnknown(Unknown::NeverHeard));
    assert_eq!((refused.reason(), refused.blame()), ("revocation_never_heard", Blame::Verifier));
    assert!(refused.to_string().starts_with("revocation status unknown"), "{refused}");
    assert_eq!((verifier.revocations_age(), verifier.revocations_position()), (None, None));
    assert_eq!(verifier.cached_bytes(), 0);
    // What is no token is refused as what it is.
    assert_eq!(verifier.verify("garbage", issuer().now()).unwrap_err().blame(), Blame::Token);
}

#[test]
fn r_3_2_each_kind_of_entry_ends_the_tokens_it_names_and_no_others() {
    for format in FORMATS {
        let issuer = issuer().format(format);
        let family = FamilyId::from_bytes([9; 16]);
        let sid = base64url(&[9; 16]);
        let mut token = issuer.log();
        token.revoke_token(&issuer.token().sign());
        let by = |kill: Kill| {
            let mut log = issuer.log();
            log.revoke(kill);
            log
        };
        for (kind, log) in [
            (Kind::Token, token),
            (Kind::Family, by(Kill::family(family, end()))),
            (Kind::Client, by(Kill::client(&"test-client".parse().unwrap(), end()))),
            (Kind::Tenant, by(Kill::tenant(&"acme".parse().unwrap(), end()))),
            (Kind::Subject, by(Kill::subject(&"test-client".parse().unwrap(), end()))),
            (Kind::All, by(Kill::all(end()))),
            (Kind::Key, by(Kill::key(&issuer.kid()))),
        ] {
            let (verifier, _) = following(Freshness::MaxStaleness(HOUR));
            let verifier = verifier.format(format);
            verifier.install_keys(issuer.keys()).unwrap();
            issuer.log().install(&verifier);
            let ended = issuer.token().claim("sid", sid.as_str()).sign();
            let verdict = |token: &str| said(&verifier.verify(token, issuer.now()));
            assert_eq!(verdict(&ended), "ok", "{kind}");
            log.install(&verifier);
            // Out of the cache, and as if it had never been there.
            for _ in 0..2 {
                let refused = verifier.verify(&ended, issuer.now()).unwrap_err();
                let Rejection::Over(Over::Revoked { ended }) = refused else { panic!("{kind}: {refused}") };
                assert_eq!((ended.by, refused.reason(), refused.blame()), (kind, "revoked", Blame::Token));
            }
            assert_eq!(verifier.cached_bytes(), 0, "{kind}");
            let other = issuer
                .token()
                .number(5)
                .client("other")
                .tenant("other")
                .claim("rvs", log.position().sequence.get())
                .sign();
            let spared = if kind == Kind::Key { "revoked" } else { "ok" };
            assert_eq!(verdict(&other), spared, "{kind}");
        }
    }
}

#[test]
fn r50_a_wide_entry_spares_what_was_issued_after_it() {
    let mut log = issuer().log();
    log.revoke(Kill::tenant(&"acme".parse().unwrap(), end()));
    let verifier = told(&log);
    let at = |rvs: u64| said(&verifier.verify(&issuer().token().claim("rvs", rvs).sign(), issuer().now()));
    let sequence = log.position().sequence.get();
    assert_eq!([at(sequence - 1), at(sequence)], ["revoked", "ok"]);
}

#[test]
fn r_3_2_a_token_that_descends_from_a_revoked_one_is_revoked() {
    let mut log = issuer().log();
    log.revoke_token(&issuer().token().number(1).sign());
    let verifier = told(&log);
    let mut first = [0; 16];
    first[..8].copy_from_slice(&1_u64.to_be_bytes());
    let child = issuer().token().number(2).claim("anc", vec![base64url(&first)]).sign();
    let sister = issuer().token().number(3).sign();
    assert_eq!(said(&verifier.verify(&child, issuer().now())), "revoked");
    assert_eq!(said(&verifier.verify(&sister, issuer().now())), "ok");
}

#[test]
fn r_3_7_a_family_ends_with_its_access_tokens_and_its_sisters_go_on() {
    let (mut log, now) = (issuer().log(), issuer().now());
    log.revoke(Kill::family(FamilyId::from_bytes([9; 16]), end()));
    let verifier = told(&log);
    let of = |family: u8| issuer().token().claim("sid", base64url(&[family; 16])).number(u64::from(family));
    assert_eq!([9, 8].map(|family| said(&verifier.verify(&of(family).sign(), now))), ["revoked", "ok"]);
    // In flight when it ended: issued by somebody who knew of it, and ended all the same.
    let late = of(9).claim("rvs", log.position().sequence.get() + 1).sign();
    assert_eq!(said(&verifier.verify(&late, now)), "revoked");
}

#[test]
fn r_3_4_old_news_close_the_verifier_and_a_heartbeat_opens_it() {
    let (verifier, clock) = following(Freshness::MaxStaleness(HOUR));
    verifier.install_keys(issuer().keys()).unwrap();
    let (log, start) = (issuer().log(), issuer().now());
    log.install(&verifier);
    let token = issuer().token().lifetime(secs(7200)).sign();
    let after = |seconds: i64| said(&verifier.verify(&token, shifted(start, seconds)));
    assert_eq!([after(0), after(3600), after(3601)], ["ok", "ok", "revocation_stale"]);
    assert!(verifier.cached_bytes() > 0, "it is not known to be bad");
    clock.advance(secs(3601));
    assert_eq!(verifier.revocations_age(), Some(secs(3601)));
    // A clock that is set back makes nothing younger.
    assert_eq!(after(0), "revocation_stale");
    clock.jump(start);
    assert_eq!(verifier.revocations_age(), Some(secs(3601)));
    clock.jump(shifted(start, 3601));
    let beat = log.clone().at(shifted(start, 3590)).delta(log.position().sequence).unwrap();
    let outcome = verifier.install_revocations(&beat, &log.keys(), shifted(start, 3601)).unwrap();
    assert_eq!(outcome, Outcome::Heartbeat);
    assert_eq!((after(3601), verifier.revocations_age()), ("ok", Some(secs(11))));
}

#[test]
fn r_3_4_what_is_known_to_be_revoked_stays_so_however_old_the_news() {
    let mut log = issuer().log();
    let token = issuer().token().lifetime(secs(7200)).sign();
    log.revoke_token(&token);
    let verifier = told(&log);
    assert_eq!(said(&verifier.verify(&token, shifted(issuer().now(), 7000))), "revoked");
}

#[test]
fn r_3_4_a_dangerous_route_asks_for_younger_news_than_the_others() {
    let log = issuer().log();
    let verifier = told(&log);
    let (five, now) = (verifier.at_most(secs(5)).unwrap(), issuer().now());
    let token = issuer().token().sign();
    let both = |seconds| [&verifier, &five].map(|of| said(&of.verify(&token, shifted(now, seconds))));
    assert_eq!(both(5), ["ok", "ok"]);
    assert_eq!(both(6), ["ok", "revocation_stale"]);
    // The shorter one counts, in whatever order, and options do not lose it.
    let still_five = five.at_most(HOUR).unwrap();
    assert_eq!(said(&still_five.verify(&token, shifted(now, 6))), "revocation_stale");
    let anew = five.leeway(secs(1));
    anew.install_keys(issuer().keys()).unwrap();
    log.install(&anew);
    assert_eq!(said(&anew.verify(&token, shifted(now, 6))), "revocation_stale");
}

#[test]
fn r_3_4_a_limit_that_cannot_be_kept_is_refused() {
    let verifier = told(&issuer().log());
    let most = Duration::from_millis(2999);
    assert_eq!(verifier.at_most(most).unwrap_err(), NotFresher::TooShort { most });
    assert_eq!(exact().at_most(secs(5)).unwrap_err(), NotFresher::Ignored { most: secs(5) });
    for given in [Duration::ZERO, secs(2), LONGEST_STALENESS + secs(1)] {
        for policy in [Freshness::MaxStaleness(given), Freshness::Strict { max_staleness: given }] {
            let refused = Verifier::new(ISSUER, AUDIENCE, Revocation::Follow(policy)).unwrap_err();
            assert_eq!(refused, InvalidSetup::MaxStaleness { given });
        }
    }
    for good in [SHORTEST_STALENESS, LONGEST_STALENESS] {
        Verifier::new(ISSUER, AUDIENCE, Revocation::Follow(Freshness::MaxStaleness(good))).unwrap();
    }
}

#[test]
fn r50_a_token_that_is_ahead_of_the_log_is_judged_as_the_policy_says() {
    let (mut log, now) = (issuer().log(), issuer().now());
    let before = log.clone();
    log.revoke(Kill::all(end()));
    let ahead = issuer().token().claim("rvs", log.position().sequence.get()).sign();
    let verifier = told(&before);
    assert_eq!(said(&verifier.verify(&ahead, now)), "ok");
    let (strict, _) = following(Freshness::Strict { max_staleness: HOUR });
    strict.install_keys(issuer().keys()).unwrap();
    before.install(&strict);
    let refused = strict.verify(&ahead, now).unwrap_err();
    assert_eq!((refused.reason(), refused.blame()), ("revocation_behind", Blame::Verifier));
    log.install(&strict);
    assert_eq!(said(&strict.verify(&ahead, now)), "ok");
}

#[test]
fn what_was_issued_below_the_floor_is_over() {
    let (log, start) = (issuer().log(), issuer().now());
    let later = shifted(start, 9000);
    let mut log = log.at(start);
    log.revoke(Kill::all(end()));
    let log = log.at(shifted(start, 60)).at(later);
    let (verifier, _) = following(Freshness::MaxStaleness(HOUR));
    verifier.install_keys(issuer().keys()).unwrap();
    log.install(&verifier);
    // Its time is right, and its `rvs` is not.
    let old = issuer().at(later).token().sign();
    let refused = verifier.verify(&old, later).unwrap_err();
    assert_eq!((refused.reason(), refused.blame()), ("issued_below_floor", Blame::Token));
}

#[test]
fn what_is_no_document_of_this_log_changes_nothing() {
    let (mut log, now) = (issuer().log(), issuer().now());
    let token = issuer().token().sign();
    let verifier = told(&log);
    let position = verifier.revocations_position();
    log.revoke_token(&token);
    let (delta, keys) = (log.delta(position.unwrap().sequence).unwrap(), log.keys());
    let foreign = TestIssuer::new("https://other.example.com", AUDIENCE).log();
    let other_keys = issuer().log().key_number(102).keys();
    let refused = |text: &str, keys: &RevocationKeys, now| match verifier
        .install_revocations(text, keys, now)
        .unwrap_err()
    {
        NotInstalled::Document(bad) => bad.reason(),
        other => panic!("{other}"),
    };
    assert_eq!(refused(&foreign.snapshot(), &keys, now), "document_issuer_mismatch");
    assert_eq!(refused(&token, &keys, now), "document_kind");
    assert_eq!(refused(&delta, &other_keys, now), "document_key_unknown");
    assert_eq!(refused(&delta, &keys, shifted(now, -61)), "document_from_future");
    // The last characters of a signature may mean the same bits; these do not.
    let bent = format!("{}AAAA", &delta[..delta.len() - 4]);
    assert_eq!(refused(&bent, &keys, now), "signature_invalid");
    assert_eq!((verifier.revocations_position(), said(&verifier.verify(&token, now))), (position, "ok"));
    verifier.install_revocations(&delta, &keys, now).unwrap();
    assert_eq!(said(&verifier.verify(&token, now)), "revoked");
}

#[test]
fn a_key_that_signs_tokens_signs_no_log() {
    let (verifier, _) = following(Freshness::MaxStaleness(HOUR));
    verifier.install_keys(issuer().keys()).unwrap();
    let log = issuer().log().key_number(1);
    let refused = verifier.install_revocations(&log.snapshot(), &log.keys(), issuer().now()).unwrap_err();
    assert!(matches!(&refused, NotInstalled::SharedKey(shared) if shared.kid == issuer().kid()), "{refused}");
    assert_eq!(verifier.revocations_position(), None);
}

#[test]
fn a_verifier_that_ignores_revocation_takes_no_documents() {
    let log = issuer().log();
    let refused = exact().install_revocations(&log.snapshot(), &log.keys(), issuer().now()).unwrap_err();
    assert_eq!(refused, NotInstalled::Ignored);
}

#[test]
fn another_log_and_the_same_documents_again_revive_nothing() {
    let (mut log, now) = (issuer().log(), issuer().now());
    let first = log.snapshot();
    let token = issuer().token().sign();
    log.revoke_token(&token);
    let verifier = told(&log);
    let next = log.clone().lost();
    assert_ne!(next.position().log, LogId::from_bytes([1; 16]));
    let texts = [first.clone(), next.snapshot(), first, log.snapshot(), next.snapshot()];
    let outcomes = texts.map(|text| verifier.install_revocations(&text, &log.keys(), now).unwrap());
    assert!(matches!(outcomes[1], Outcome::MergedAnotherLog { .. }) && outcomes[1].is_alarming());
    assert!(matches!(outcomes[0], Outcome::Older { .. }), "{outcomes:?}");
    assert_eq!(said(&verifier.verify(&token, now)), "revoked");
    assert_eq!(verifier.revocations_position().as_ref(), Some(next.position()));
}

#[test]
fn keys_and_log_are_replaced_without_losing_each_other() {
    let mut log = issuer().log();
    log.revoke_token(&issuer().token().sign());
    let verifier = told(&log);
    verifier.install_keys(issuer().key_number(2).keys()).unwrap();
    verifier.install_keys(issuer().keys()).unwrap();
    assert_eq!(said(&verifier.verify(&issuer().token().sign(), issuer().now())), "revoked");
    assert_eq!(said(&verifier.verify(&issuer().token().number(2).sign(), issuer().now())), "ok");
    assert_eq!(verifier.accepted_format(), Format::Jwt);
}
