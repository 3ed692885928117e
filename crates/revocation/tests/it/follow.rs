//! What a verifier makes of documents, in whatever order they come.

use crate::world::{
    ISSUER, NOW, RETENTION, append, at, claims, delta, jti, keys, log, marks, minutes, sid, signer, snapshot,
};
use chancery_revocation::{
    Document, Follow, Freshness, Keep, Kill, Log, LogId, Moment, NeedSnapshot, Outcome, Over, Unknown,
    Verdict, VerifiedDelta, VerifiedSnapshot,
};
use chancery_token::UnixTime;
use std::time::Duration;

const HOUR: Freshness = Freshness::MaxStaleness(Duration::from_hours(1));

fn token(number: u8) -> Kill {
    Kill::token(jti(number), minutes(15))
}

fn take_delta(follow: &Follow, delta: VerifiedDelta, now: Moment) -> (Follow, Outcome) {
    follow.clone().accept(Document::Delta(delta), now)
}

fn take_snapshot(follow: &Follow, snapshot: VerifiedSnapshot, now: Moment) -> (Follow, Outcome) {
    follow.clone().accept(Document::Snapshot(snapshot), now)
}

/// A verifier that has just taken the snapshot of `log`.
fn following(log: &Log) -> Follow {
    take_snapshot(&Follow::new(), snapshot(log, NOW), at(0)).0
}

fn heartbeat(log: &Log, at: UnixTime) -> VerifiedDelta {
    delta(log, log.position().sequence, at)
}

#[test]
fn r_3_5_before_anything_is_heard_nobody_is_let_in() {
    let follow = Follow::new();
    let token_of_mine = marks(&claims(log().start()));
    let verdict = follow.judge(&token_of_mine, HOUR, at(0));
    assert_eq!(verdict, Verdict::Unknown(Unknown::NeverHeard));
    assert_eq!((follow.age(at(0)), follow.position(), follow.set()), (None, None, None));
    let (follow, outcome) = take_delta(&follow, heartbeat(&log(), NOW), at(0));
    assert_eq!(outcome, Outcome::NeedSnapshot(NeedSnapshot::NothingHeld));
    assert_eq!(follow.judge(&token_of_mine, HOUR, at(0)), verdict);
}

#[test]
fn deltas_and_a_snapshot_lead_to_the_same() {
    let start = log();
    let mut log = start.clone();
    let mut follow = following(&start);
    for step in 0..40_u64 {
        let before = log.position().sequence;
        let end = RETENTION.family_end(NOW);
        let kills = [token(u8::try_from(step).unwrap()), Kill::family(sid(7), end), Kill::all(end)];
        log = append(&log, &kills).confirm(minutes(step * 5));
        let (next, outcome) = take_delta(&follow, delta(&log, before, minutes(step * 5)), at(step * 300));
        assert_eq!(outcome, Outcome::Advanced { from: before, to: log.position().sequence });
        follow = next;
    }
    assert!(log.floor() > log.start());
    let by_snapshot = following(&log);
    assert_eq!(follow.set(), by_snapshot.set());
    assert_eq!(follow.set(), Some(log.published()));
    assert_eq!(follow.position(), by_snapshot.position());
    let (caught_up, outcome) = take_snapshot(&following(&start), snapshot(&log, minutes(200)), at(12_000));
    assert_eq!(outcome, Outcome::CaughtUp { from: start.start(), to: log.position().sequence });
    assert_eq!(caught_up.set(), by_snapshot.set());
    assert!(!caught_up.needs_earlier_documents());
}

#[test]
fn a_heartbeat_makes_what_is_known_young_again_and_a_repeated_one_does_not() {
    let log = log();
    let follow = following(&log);
    assert_eq!(follow.age(at(100)), Some(Duration::from_secs(100)));
    let beat = heartbeat(&log, NOW.plus(Duration::from_secs(90)));
    let (younger, outcome) = take_delta(&follow, beat.clone(), at(100));
    assert_eq!((outcome, outcome.keep()), (Outcome::Heartbeat, Keep::Behind));
    assert_eq!(younger.age(at(100)), Some(Duration::from_secs(10)));
    let (same, outcome) = take_delta(&younger, beat, at(4000));
    assert_eq!((outcome, outcome.keep()), (Outcome::AlreadyHeld, Keep::Not));
    assert_eq!(same.age(at(4000)), Some(Duration::from_secs(3910)));
    let (same, outcome) = take_delta(&same, heartbeat(&log, NOW), at(4000));
    assert_eq!(outcome, Outcome::AlreadyHeld);
    assert_eq!(same.age(at(4000)), Some(Duration::from_secs(3910)));
    // A snapshot of the same place is as good as a heartbeat.
    let (younger, outcome) = take_snapshot(&same, snapshot(&log, minutes(60)), at(4000));
    assert_eq!((outcome, younger.age(at(4000))), (Outcome::Heartbeat, Some(Duration::from_secs(400))));
}

#[test]
fn r_3_4_past_its_limit_a_verifier_is_closed_and_says_that_it_does_not_know() {
    let log = append(&log(), &[Kill::family(sid(9), minutes(60))]);
    let follow = following(&log);
    let good = marks(&claims(log.position().sequence));
    let mut over = claims(log.position().sequence);
    over.sid = Some(sid(9));
    for (seconds, verdict) in [(0, Verdict::Good), (3600, Verdict::Good)] {
        assert_eq!(follow.judge(&good, HOUR, at(seconds)), verdict, "{seconds}");
    }
    let (age, most) = (Duration::from_secs(3601), Duration::from_hours(1));
    let stale = Unknown::Stale { age, most };
    assert_eq!(follow.judge(&good, HOUR, at(3601)), Verdict::Unknown(stale));
    assert_eq!(stale.reason(), "revocation_stale");
    // What was known to be over is over, and a route may ask for younger news.
    assert!(matches!(follow.judge(&marks(&over), HOUR, at(9999)), Verdict::Over(Over::Revoked { .. })));
    let dangerous = HOUR.at_most(Duration::from_secs(5));
    assert_eq!(follow.judge(&good, dangerous, at(5)), Verdict::Good);
    assert!(matches!(follow.judge(&good, dangerous, at(6)), Verdict::Unknown(Unknown::Stale { .. })));
}

#[test]
fn a_token_from_ahead_is_accepted_or_not_by_policy() {
    let log = log();
    let follow = following(&log);
    let ahead = marks(&claims(log.position().sequence.next()));
    let strict = Freshness::Strict { max_staleness: Duration::from_hours(1) };
    assert!(matches!(follow.judge(&ahead, HOUR, at(0)), Verdict::GoodSoFar(_)));
    assert!(matches!(follow.judge(&ahead, strict, at(0)), Verdict::Unknown(Unknown::Behind { .. })));
    assert!(matches!(follow.judge(&ahead, HOUR, at(3601)), Verdict::Unknown(Unknown::Stale { .. })));
}

#[test]
fn replayed_reordered_and_repeated_documents_change_nothing() {
    let zero = log();
    let one = append(&zero, &[token(1)]);
    let two = append(&one, &[token(2)]);
    let seconds = |seconds| NOW.plus(Duration::from_secs(seconds));
    let first = delta(&one, zero.start(), seconds(1));
    let second = delta(&two, one.position().sequence, seconds(2));
    let both = delta(&two, zero.start(), seconds(2));

    let follow = following(&zero);
    let (follow, outcome) = take_delta(&follow, second.clone(), at(2));
    let gap = NeedSnapshot::Gap { held: zero.start(), from: one.position().sequence };
    assert_eq!(outcome, Outcome::NeedSnapshot(gap));
    assert_eq!(follow.set(), Some(zero.published()));
    let (follow, _) = take_delta(&follow, first.clone(), at(2));
    let (follow, outcome) = take_delta(&follow, second.clone(), at(2));
    assert!(matches!(outcome, Outcome::Advanced { .. }));
    let held = two.position().sequence;
    for _ in 0..2 {
        let older = Outcome::Older { held, offered: one.position().sequence };
        assert_eq!(take_delta(&follow, first.clone(), at(3)).1, older);
        assert_eq!(take_delta(&follow, second.clone(), at(3)).1, Outcome::AlreadyHeld);
        assert_eq!(take_delta(&follow, both.clone(), at(3)).1, Outcome::AlreadyHeld);
        let (same, outcome) = take_snapshot(&follow, snapshot(&zero, NOW), at(3));
        assert_eq!(outcome, Outcome::Older { held, offered: zero.start() });
        assert_eq!((same.set(), same.age(at(3))), (follow.set(), follow.age(at(3))));
    }
}

#[test]
fn a_log_that_went_back_raises_an_alarm_and_grows_old() {
    let before = log();
    let after = append(&before, &[token(1)]);
    let follow = following(&after);
    let (held, offered) = (after.position().sequence, before.position().sequence);
    let soon = NOW.plus(Duration::from_mins(1));
    assert_eq!(take_delta(&follow, heartbeat(&before, soon), at(60)).1, Outcome::Older { held, offered });
    let later = NOW.plus(Duration::from_secs(61));
    let (same, outcome) = take_delta(&follow, heartbeat(&before, later), at(61));
    assert_eq!((outcome, outcome.is_alarming()), (Outcome::WentBack { held, offered }, true));
    assert_eq!((same.set(), same.age(at(61))), (follow.set(), Some(Duration::from_secs(61))));
    let (same, outcome) = take_snapshot(&follow, snapshot(&before, later), at(61));
    assert_eq!((outcome, same.set()), (Outcome::WentBack { held, offered }, follow.set()));
}

#[test]
fn another_log_is_merged_and_nothing_comes_back() {
    let old = append(&log(), &[token(1), Kill::tenant(&"acme".parse().unwrap(), minutes(60))]);
    let follow = following(&old);
    let new = Log::begin(LogId::from_bytes([2; 16]), Some(old.position().sequence), NOW, RETENTION);
    let new = append(&new, &[token(3)]);
    let offered = delta(&new, new.start(), NOW);
    let another = NeedSnapshot::AnotherLog { log: new.position().log };
    assert_eq!(take_delta(&follow, offered, at(0)).1, Outcome::NeedSnapshot(another));
    let (merged, outcome) = take_snapshot(&follow, snapshot(&new, NOW), at(0));
    assert!(matches!(outcome, Outcome::MergedAnotherLog { .. }) && outcome.is_alarming());
    assert_eq!(merged.position(), Some(new.position()));
    assert!(merged.needs_earlier_documents());
    let judged = |follow: &Follow, number: u8, rvs| {
        let token = chancery_token::Claims { jti: jti(number), sid: None, ..claims(rvs) };
        follow.judge(&marks(&token), HOUR, at(0))
    };
    assert!(matches!(judged(&merged, 1, new.start()), Verdict::Over(_)));
    assert!(matches!(judged(&merged, 3, new.start()), Verdict::Over(_)));
    assert!(matches!(judged(&merged, 4, old.start()), Verdict::Over(_)));
    assert_eq!(judged(&merged, 4, new.start()), Verdict::Good);
    // The old log does not come back, and what it ended goes only with the floor.
    let (same, outcome) = take_snapshot(&merged, snapshot(&old, NOW), at(0));
    assert!(matches!(outcome, Outcome::Older { .. }));
    assert_eq!(same.set(), merged.set());
    let later = NOW.plus(RETENTION.window());
    let moved = append(&new.confirm(NOW), &[token(5)]).confirm(later);
    let (moved_on, _) = take_snapshot(&merged, snapshot(&moved, later), at(4500));
    assert!(!moved_on.needs_earlier_documents());
    assert_eq!(moved_on.set(), Some(moved.published()));
}

#[test]
fn a_key_that_only_an_earlier_log_revoked_keeps_its_documents_for_ever() {
    let old = append(&log(), &[Kill::key("stolen")]);
    let new =
        Log::begin(LogId::from_bytes([2; 16]), Some(old.position().sequence), NOW, RETENTION).confirm(NOW);
    let (merged, _) = take_snapshot(&following(&old), snapshot(&new, NOW), at(0));
    let later = NOW.plus(RETENTION.window());
    let moved = append(&new.confirm(later), &[token(1)]).confirm(later);
    let (moved_on, _) = take_delta(&merged, delta(&moved, moved.start(), later), at(4500));
    assert!(moved_on.set().unwrap().floor() >= moved.start());
    assert!(moved_on.needs_earlier_documents(), "a start from the new documents alone would revive the key");
    let again = append(&moved, &[Kill::key("stolen")]);
    let (repeated, _) = take_snapshot(&moved_on, snapshot(&again, later), at(4500));
    assert!(!repeated.needs_earlier_documents());
}

#[test]
fn two_branches_of_one_log_are_merged() {
    let root = log();
    let (one, two) = (append(&root, &[token(1)]), append(&root, &[token(2)]));
    let later = NOW.plus(Duration::from_secs(5));
    let follow = following(&one);
    let forked = NeedSnapshot::Forked { at: one.position().sequence };
    let of_two = delta(&two, root.start(), later);
    assert_eq!(take_delta(&follow, of_two, at(5)).1, Outcome::NeedSnapshot(forked));
    let longer = append(&two, &[token(3)]);
    let of_longer = delta(&longer, two.position().sequence, later);
    assert_eq!(take_delta(&follow, of_longer, at(5)).1, Outcome::NeedSnapshot(forked));
    let (merged, outcome) = take_snapshot(&follow, snapshot(&two, later), at(5));
    assert!(matches!(outcome, Outcome::MergedFork { .. }) && outcome.is_alarming());
    let (longest, outcome) = take_snapshot(&follow, snapshot(&longer, later), at(5));
    assert!(matches!(outcome, Outcome::CaughtUp { .. }));
    for follow in [merged, longest] {
        assert!(follow.needs_earlier_documents());
        for number in [1, 2] {
            let token = chancery_token::Claims { jti: jti(number), ..claims(root.start()) };
            assert!(matches!(follow.judge(&marks(&token), HOUR, at(5)), Verdict::Over(_)), "{number}");
        }
    }
    // The branch that was signed before is not taken for news.
    let (_, outcome) = take_snapshot(&follow, snapshot(&two, NOW), at(5));
    assert!(matches!(outcome, Outcome::Older { .. }));
}

#[test]
fn a_start_without_a_network_knows_what_was_known_and_how_old_it_is() {
    let zero = log();
    let one = append(&zero, &[token(1)]);
    let seconds = |seconds| NOW.plus(Duration::from_secs(seconds));
    let kept = [
        signer().snapshot(&zero, NOW).unwrap(),
        signer().delta(&one.since(zero.start()).unwrap(), seconds(30)).unwrap(),
        signer().delta(&one.since(one.position().sequence).unwrap(), seconds(60)).unwrap(),
    ];
    let texts = || kept.iter().map(String::as_str);
    let restored = Follow::restore(texts(), &keys(), ISSUER, at(1000));
    assert_eq!((restored.follow.set(), restored.refused), (Some(one.published()), Vec::new()));
    assert_eq!(restored.follow.age(at(1000)), Some(Duration::from_secs(940)));
    // Cut off in the middle, as by a crash: the age is that of what is left.
    let cut = &kept[2][..kept[2].len() / 2];
    let restored = Follow::restore(texts().take(2).chain([cut]), &keys(), ISSUER, at(1000));
    assert_eq!((restored.follow.set(), restored.refused.len()), (Some(one.published()), 1));
    assert_eq!(restored.follow.age(at(1000)), Some(Duration::from_secs(970)));
}

#[test]
fn a_clock_that_was_set_back_before_a_start_does_not_make_old_documents_young() {
    let zero = log();
    let one = append(&zero, &[token(1)]);
    let kept = [
        signer().snapshot(&zero, NOW).unwrap(),
        signer().delta(&one.since(zero.start()).unwrap(), minutes(60)).unwrap(),
    ];
    let set_back = Moment { wall: minutes(1), monotonic: Duration::ZERO };
    let restored = Follow::restore(kept.iter().map(String::as_str), &keys(), ISSUER, set_back);
    assert_eq!(restored.follow.position(), None, "the snapshot alone would look a minute old");
    assert_eq!(restored.refused[0].1.reason(), "document_from_future");
    // Within the tolerance, time has got as far as the latest that was signed.
    let slow = Moment { wall: minutes(59), monotonic: Duration::ZERO };
    let restored = Follow::restore(kept.iter().map(String::as_str), &keys(), ISSUER, slow);
    let set_back_later = Moment { wall: NOW, monotonic: Duration::from_secs(7) };
    assert_eq!(restored.follow.age(set_back_later), Some(Duration::from_secs(7)));
    let (_, received) = restored.follow.receive("no document", &keys(), ISSUER, slow);
    assert_eq!(received.unwrap_err().reason(), "character_forbidden");
}
