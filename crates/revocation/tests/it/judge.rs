//! What ends a token, and what does not.

use crate::world::{KID, NOW, RETENTION, append, claims, jti, log, marks, minutes, sid};
use chancery_revocation::{Ended, Kill, Kind, Log, Sequence, Standing, TokenMarks};
use chancery_token::{Claims, UnixTime};

/// A token with everything in it that an entry may be about.
fn delegated(rvs: Sequence) -> Claims {
    Claims {
        sub: "user:alice@example.com".parse().unwrap(),
        act: vec!["agent-a".parse().unwrap(), "agent-b".parse().unwrap(), "user:bob".parse().unwrap()],
        anc: vec![jti(11), jti(12)],
        ..claims(rvs)
    }
}

fn end() -> UnixTime {
    RETENTION.family_end(NOW)
}

fn kind_that_ends(log: &Log, claims: &Claims) -> Option<Kind> {
    match log.published().judge(&marks(claims)) {
        Standing::Revoked(Ended { by, .. }) => Some(by),
        Standing::Good => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn r50_every_id_and_name_of_a_token_can_end_it() {
    let start = log();
    let token = delegated(start.position().sequence);
    let ending = [
        (Kill::token(jti(1), minutes(15)), Kind::Token),
        (Kill::token(jti(11), minutes(15)), Kind::Token),
        (Kill::token(jti(12), minutes(15)), Kind::Token),
        (Kill::family(sid(2), end()), Kind::Family),
        (Kill::client(&"invoice-sync".parse().unwrap(), end()), Kind::Client),
        (Kill::client(&"agent-a".parse().unwrap(), end()), Kind::Client),
        (Kill::client(&"agent-b".parse().unwrap(), end()), Kind::Client),
        (Kill::tenant(&"acme".parse().unwrap(), end()), Kind::Tenant),
        (Kill::subject(&"user:alice@example.com".parse().unwrap(), end()), Kind::Subject),
        (Kill::subject(&"agent-a".parse().unwrap(), end()), Kind::Subject),
        (Kill::subject(&"user:bob".parse().unwrap(), end()), Kind::Subject),
        (Kill::all(end()), Kind::All),
        (Kill::key(KID), Kind::Key),
    ];
    for (kill, by) in ending {
        assert_eq!(kind_that_ends(&append(&start, &[kill]), &token), Some(by), "{kill:?}");
    }
}

#[test]
fn r_3_7_nothing_that_looks_alike_ends_it() {
    let start = log();
    let token = delegated(start.position().sequence);
    let sparing = [
        // Ids of the other sort, and sisters.
        Kill::token(jti(2), minutes(15)),
        Kill::token(jti(3), minutes(15)),
        Kill::family(sid(1), end()),
        Kill::family(sid(11), end()),
        // Names of the other sort, and parts of names.
        Kill::client(&"acme".parse().unwrap(), end()),
        Kill::tenant(&"invoice-sync".parse().unwrap(), end()),
        Kill::subject(&"invoice-sync".parse().unwrap(), end()),
        Kill::subject(&"user:alice".parse().unwrap(), end()),
        Kill::client(&"agent".parse().unwrap(), end()),
        Kill::key("token-key-2"),
        Kill::key("acme"),
    ];
    for kill in sparing {
        assert_eq!(kind_that_ends(&append(&start, &[kill]), &token), None, "{kill:?}");
    }
    assert_eq!(kind_that_ends(&append(&start, &sparing), &token), None);
}

#[test]
fn a_client_that_speaks_for_itself_is_ended_as_client_and_as_subject() {
    let start = log();
    let token = claims(start.position().sequence);
    let client = append(&start, &[Kill::client(&"invoice-sync".parse().unwrap(), end())]);
    assert_eq!(kind_that_ends(&client, &token), Some(Kind::Client));
    let subject = append(&start, &[Kill::subject(&"invoice-sync".parse().unwrap(), end())]);
    assert_eq!(kind_that_ends(&subject, &token), Some(Kind::Subject));
}

#[test]
fn a_kill_by_name_spares_what_was_issued_at_or_after_it() {
    let wide = [
        Kill::client(&"invoice-sync".parse().unwrap(), end()),
        Kill::tenant(&"acme".parse().unwrap(), end()),
        Kill::subject(&"user:alice@example.com".parse().unwrap(), end()),
        Kill::all(end()),
    ];
    for kill in wide {
        let log = append(&log(), &[kill]);
        let at = log.position().sequence;
        let before = Sequence::new(at.get() - 1);
        assert!(kind_that_ends(&log, &delegated(before)).is_some(), "{kill:?}");
        assert_eq!(kind_that_ends(&log, &delegated(at)), None, "{kill:?}");
    }
}

#[test]
fn of_two_kills_of_one_name_the_later_counts() {
    let tenant = Kill::tenant(&"acme".parse().unwrap(), end());
    let once = append(&log(), &[tenant]);
    let twice = append(&once, &[Kill::all(end()), tenant]);
    assert_eq!(kind_that_ends(&twice, &claims(once.position().sequence)), Some(Kind::All));
    let between = Sequence::new(once.position().sequence.get() + 1);
    let expected = Standing::Revoked(Ended { by: Kind::Tenant, at: twice.position().sequence });
    assert_eq!(twice.published().judge(&marks(&claims(between))), expected);
}

#[test]
fn ids_and_keys_end_a_token_whatever_rvs_it_claims() {
    let kills = [Kill::token(jti(1), minutes(15)), Kill::family(sid(2), end()), Kill::key(KID)];
    for kill in kills {
        let log = append(&log(), &[kill]);
        for rvs in [log.position().sequence.get(), log.position().sequence.get() + 5, u64::MAX] {
            assert_eq!(
                kind_that_ends(&log, &claims(Sequence::new(rvs))),
                Some(kill.kind()),
                "{kill:?} {rvs}"
            );
        }
    }
}

#[test]
fn a_token_from_ahead_shows_that_news_is_missing() {
    let log = append(&log(), &[Kill::token(jti(9), minutes(15))]);
    let applied = log.position().sequence;
    let rvs = Sequence::new(applied.get() + 1);
    assert_eq!(log.published().judge(&marks(&claims(applied))), Standing::Good);
    assert_eq!(log.published().judge(&marks(&claims(rvs))), Standing::AheadOfUs { rvs, applied });
}

#[test]
fn below_the_floor_every_token_is_refused_and_every_entry_but_keys_is_forgotten() {
    let mut log = append(&log(), &[Kill::key("stolen"), Kill::tenant(&"acme".parse().unwrap(), end())]);
    let ids: Vec<Kill> = vec![Kill::token(jti(3), minutes(15)); 2048];
    log = append(&log, &ids);
    let (floor, now) = (log.position().sequence, NOW.plus(RETENTION.window()));
    let old = claims(Sequence::new(floor.get() - 1));
    let log = log.confirm(NOW);
    assert_eq!(log.floor(), Sequence::new(0));
    let moved = log.confirm(now);
    assert_eq!(moved.floor(), floor);
    let rvs = Sequence::new(old.rvs);
    assert_eq!(moved.published().judge(&marks(&old)), Standing::BelowFloor { rvs, floor });
    // What is issued from here on is good: the kills of the past do not reach it.
    assert_eq!(moved.published().judge(&marks(&claims(floor))), Standing::Good);
    assert!(moved.published().ids() < 1024, "{}", moved.published().ids());
    assert_eq!(moved.published().names(), 1);
    assert_eq!(
        moved.published().judge(&TokenMarks::of(&claims(floor), "stolen")),
        Standing::Revoked(Ended { by: Kind::Key, at: moved.start().next() })
    );
}

#[test]
fn a_check_allocates_nothing() {
    let mut log = log();
    for at in 0..300_u16 {
        let name = format!("client-{at}");
        log = append(&log, &[Kill::client(&name.parse().unwrap(), end()), Kill::token(jti(99), minutes(15))]);
    }
    let (good, bad) = (marks(&delegated(log.position().sequence)), marks(&delegated(log.start())));
    let revoked = append(&log, &[Kill::family(sid(2), end())]);
    let counted = allocation_counter::measure(|| {
        assert_eq!(log.published().judge(&good), Standing::Good);
        assert!(matches!(revoked.published().judge(&bad), Standing::Revoked(_)));
    });
    assert_eq!(counted.count_total, 0);
}
