//! The log as an issuer holds it.

use crate::world::{NOW, RETENTION, append, claims, jti, log, marks, minutes, sid};
use chancery_revocation::{
    Entry, Kill, Kind, Log, LogFull, LogId, Loss, MAX_IDS, Meeting, Passage, Position, Retention, Sequence,
    Standing, Stored, TokenMarks,
};
use chancery_token::{FamilyId, TokenId, UnixTime};
use std::time::Duration;

fn token(number: u8) -> Kill {
    Kill::token(jti(number), minutes(15))
}

fn entries_of(batch: &chancery_revocation::Batch) -> Vec<Entry> {
    batch.entries.iter().map(|(entry, _)| *entry).collect()
}

fn stored(log: &Log) -> Stored {
    let start = Position::genesis(log.position().log, log.start());
    Stored {
        start: log.start(),
        floor: log.floor(),
        anchor: (start.sequence, start.head),
        loose: Vec::new(),
        since: log.since(log.start()).unwrap().entries,
        tail: *log.position(),
        marks: log.marks().collect(),
    }
}

#[test]
fn a_batch_says_what_the_store_must_stand_at_before_and_after() {
    let start = log();
    let (after, batch) = start.append(&[token(1), token(2)]).unwrap();
    assert_eq!((batch.from, batch.to), (*start.position(), *after.position()));
    assert_eq!(batch.from.after_all(&entries_of(&batch)), Some(batch.to));
    assert_eq!(batch.entries.last().unwrap().1, batch.to.head);
    assert_eq!(after.position().sequence.get(), start.position().sequence.get() + 2);
    assert_eq!(start.since(start.start()).unwrap().entries, []);
}

#[test]
fn a_store_that_went_on_is_contention_and_anything_else_is_loss() {
    let mine = append(&log(), &[token(1)]);
    let (theirs, batch) = mine.append(&[token(2), token(3)]).unwrap();
    let since = entries_of(&batch);
    assert!(matches!(mine.meet(mine.position(), &[]), Meeting::InStep));
    let Meeting::Extended(met) = mine.meet(theirs.position(), &since) else { panic!("it went on") };
    assert_eq!(met.position(), theirs.position());
    assert_eq!(met.published(), theirs.published());

    let ours = mine.position().sequence;
    let lost = |tail: &Position, since: &[Entry]| match mine.meet(tail, since) {
        Meeting::Lost(loss) => loss,
        other => panic!("{other:?}"),
    };
    let other_log = Log::begin(LogId::from_bytes([2; 16]), Some(ours), NOW, RETENTION);
    let theirs_log = other_log.position().log;
    assert_eq!(
        lost(other_log.position(), &[]),
        Loss::AnotherLog { ours: mine.position().log, theirs: theirs_log }
    );
    let before = log();
    assert_eq!(lost(before.position(), &[]), Loss::Behind { ours, theirs: before.position().sequence });
    // The same length, another past.
    let branch = append(&log(), &[token(7)]);
    assert_eq!(lost(branch.position(), &[]), Loss::Forked { ours });
    let longer = branch.append(&[token(2), token(3)]).unwrap();
    assert_eq!(lost(longer.0.position(), &entries_of(&longer.1)), Loss::Forked { ours });
    // Entries that are missing, in the middle or at the end, or that lead elsewhere.
    assert_eq!(lost(theirs.position(), &since[..1]), Loss::Forked { ours });
    assert_eq!(lost(theirs.position(), &since[1..]), Loss::Forked { ours });
    assert_eq!(lost(theirs.position(), &[]), Loss::Forked { ours });
    assert_eq!(lost(mine.position(), &since), Loss::Forked { ours });
    let mut changed = since.clone();
    changed[0].kill = token(9);
    assert_eq!(lost(theirs.position(), &changed), Loss::Forked { ours });
    let reasons = [Loss::Forked { ours }.reason(), Loss::Behind { ours, theirs: ours }.reason()];
    assert_eq!(reasons, ["log_forked", "log_behind"]);
}

#[test]
fn a_log_knows_the_places_that_it_went_through() {
    let one = append(&log(), &[token(1)]);
    let two = append(&one, &[token(2)]);
    assert_eq!(two.went_through(one.position()), Passage::Yes);
    assert_eq!(two.went_through(two.position()), Passage::Yes);
    assert_eq!(two.went_through(log().position()), Passage::Yes);
    let ours = two.position().sequence;
    let behind = Loss::Behind { ours, theirs: one.position().sequence };
    assert_eq!(one.went_through(two.position()), Passage::Lost(behind));
    let branch = append(&log(), &[token(7)]);
    let forked = Loss::Forked { ours: branch.position().sequence };
    assert_eq!(two.went_through(branch.position()), Passage::Lost(forked));
}

#[test]
fn a_log_that_began_again_under_its_old_name_was_never_where_the_old_one_was() {
    let old = append(&log(), &[token(1)]);
    let (id, later) = (old.position().log, NOW.plus(Duration::from_hours(1)));
    let again = append(&Log::begin(id, None, later, RETENTION), &[token(2)]);
    assert!(again.start() > old.position().sequence);
    for place in [old.position(), log().position()] {
        let forked = Loss::Forked { ours: place.sequence };
        assert_eq!(again.went_through(place), Passage::Lost(forked));
    }
    assert_eq!(again.went_through(&Position::genesis(id, again.start())), Passage::Yes);
}

#[test]
fn what_a_store_holds_makes_the_same_log_again() {
    let family = Kill::family(sid(2), RETENTION.family_end(NOW));
    let tenant = Kill::tenant(&"acme".parse().unwrap(), RETENTION.family_end(NOW));
    let log = append(&append(&log().confirm(NOW), &[token(1), family]), &[tenant, Kill::key("k")]);
    let again = Log::resume(stored(&log), RETENTION).unwrap();
    assert_eq!((again.position(), again.start()), (log.position(), log.start()));
    assert_eq!((again.published(), again.kept()), (log.published(), log.kept()));
    assert_eq!(again.marks().collect::<Vec<_>>(), log.marks().collect::<Vec<_>>());
}

#[test]
fn a_store_whose_entries_do_not_lead_to_its_head_is_damaged() {
    let log = append(&log(), &[token(1), token(2)]);
    let damaged = |damage: fn(&mut Stored)| {
        let mut stored = stored(&log);
        damage(&mut stored);
        Log::resume(stored, RETENTION).map(|log| *log.position()).unwrap_err().reason()
    };
    assert_eq!(damaged(|stored| stored.since[0].kill = token(9)), "log_damaged");
    assert_eq!(damaged(|stored| stored.since.truncate(1)), "log_damaged");
    assert_eq!(damaged(|stored| stored.since.rotate_left(1)), "log_damaged");
    assert_eq!(damaged(|stored| stored.anchor.1 = stored.tail.head), "log_damaged");
    assert_eq!(damaged(|stored| stored.tail.sequence = stored.tail.sequence.next()), "log_damaged");
}

#[test]
fn the_floor_moves_only_with_time_that_was_noted() {
    let empty = log();
    let one = append(&empty.clone().confirm(NOW), &[token(1)]);
    let window = RETENTION.window();
    assert_eq!(one.clone().confirm(NOW.plus(window).minus(Duration::from_secs(1))).floor(), Sequence::new(0));
    let moved = one.confirm(NOW.plus(window));
    assert_eq!(moved.floor(), empty.start());
    // A clock that is set back, and a log that nobody looked at for a day.
    assert_eq!(moved.clone().confirm(NOW).floor(), empty.start());
    let late = moved.clone().confirm(NOW.plus(24 * window));
    assert_eq!(late.floor(), moved.position().sequence);
}

#[test]
fn a_family_is_ended_at_refresh_long_after_verifiers_forgot_why() {
    let sub = "invoice-sync".parse().unwrap();
    let (client, tenant) = ("invoice-sync".parse().unwrap(), "acme".parse().unwrap());
    let begun = log();
    let family = |id: FamilyId, rvs| TokenMarks::of_family(id, &client, &tenant, &sub, rvs);
    let old = family(sid(2), begun.start());
    let end = RETENTION.family_end(NOW);
    let kills = [Kill::tenant(&tenant, end), Kill::family(sid(3), end), Kill::token(jti(4), minutes(15))];
    let mut log = append(&begun.confirm(NOW), &kills);
    let filler: Vec<Kill> = vec![token(9); 2048];
    log = append(&log, &filler).confirm(minutes(1));
    let later = NOW.plus(RETENTION.window()).plus(Duration::from_hours(1));
    log = log.confirm(later).prune(later);
    assert!(log.floor() > log.start());
    assert_eq!(log.published().names(), 0);
    assert_eq!(log.ends(&old).map(|ended| ended.by), Some(Kind::Tenant));
    let new = family(sid(5), log.floor());
    assert_eq!(log.ends(&new), None);
    assert_eq!(log.ends(&family(sid(3), log.floor())).map(|ended| ended.by), Some(Kind::Family));
    // And nobody is asked about tokens at refresh.
    assert_eq!(log.kept().entries().len(), 2);
    let after_all = end.plus(Duration::from_mins(1));
    assert_eq!(log.prune(after_all).kept().entries(), []);
}

#[test]
fn a_pruned_store_makes_the_same_log_again() {
    let end = RETENTION.family_end(NOW);
    let kills =
        [token(1), Kill::family(sid(2), end), Kill::tenant(&"acme".parse().unwrap(), end), Kill::key("k")];
    let mut log = append(&log().confirm(NOW), &kills);
    log = append(&log, &vec![token(3); 1500]).confirm(NOW.plus(Duration::from_mins(1)));
    log = append(&log, &[token(4), Kill::client(&"c".parse().unwrap(), end)]);
    let now = NOW.plus(RETENTION.window()).plus(Duration::from_mins(2));
    let log = log.confirm(now).prune(now);
    let floor = log.floor();
    assert_eq!(floor.get(), log.start().get() + 1504);

    // A whole block of 1024 sequences goes at once.
    assert_eq!(log.prunable_to().get(), log.start().get() + 1023);
    let all = stored(&log).since;
    let (below, since): (Vec<Entry>, Vec<Entry>) =
        all.iter().partition(|entry| entry.sequence <= log.prunable_to());
    let anchor = Position::genesis(log.position().log, log.start()).after_all(&below).unwrap();
    let loose: Vec<Entry> =
        below.into_iter().filter(|entry| Retention::keeps(entry, log.prunable_to(), now)).collect();
    assert_eq!(loose.len(), 3);
    let pruned = Stored { anchor: (anchor.sequence, anchor.head), loose, since, ..stored(&log) };
    let again = Log::resume(pruned.clone(), RETENTION).unwrap();
    assert_eq!((again.position(), again.floor()), (log.position(), log.floor()));
    assert_eq!((again.published(), again.kept()), (log.published(), log.kept()));
    assert_eq!(again.went_through(log.position()), Passage::Yes);
    assert_eq!(again.went_through(&Position::genesis(log.position().log, log.start())), Passage::Forgotten);

    // Another issuer's clock is behind, and it was the last to write its floor down: what is gone stays refused.
    let lower = Stored { floor: log.start(), ..pruned };
    let resumed = Log::resume(lower, RETENTION).unwrap();
    assert_eq!(resumed.floor(), log.prunable_to());
    let gone = marks(&claims(log.start()));
    assert!(matches!(resumed.published().judge(&gone), Standing::BelowFloor { .. }));
}

#[test]
fn a_kill_by_name_is_remembered_as_long_as_the_earlier_one_of_that_name() {
    let tenant = |end: UnixTime| Kill::tenant(&"acme".parse().unwrap(), end);
    let log = append(&log(), &[tenant(minutes(90))]);
    let (_, batch) = log.append(&[tenant(minutes(60)), tenant(minutes(120))]).unwrap();
    let ends: Vec<_> = batch.entries.iter().map(|(entry, _)| entry.kill.end().unwrap().start()).collect();
    assert_eq!(ends, [minutes(90), minutes(120)]);
}

#[test]
fn a_full_log_takes_names_and_keys_and_no_more_ids() {
    let mut log = log();
    for from in (0..u64::try_from(MAX_IDS).unwrap()).step_by(500_000) {
        let kill = |at: u64| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            Kill::token(TokenId::from_bytes(bytes), minutes(15))
        };
        log = append(&log, &(from..from + 500_000).map(kill).collect::<Vec<_>>());
    }
    let full = LogFull { ids: MAX_IDS };
    assert_eq!((log.append(&[token(1)]).unwrap_err(), full.reason()), (full, "log_full"));
    assert!(log.append(&[Kill::tenant(&"acme".parse().unwrap(), minutes(60)), Kill::key("k")]).is_ok());
    assert!(crate::world::signer().snapshot(&log, NOW).is_ok(), "the snapshot of a full log can be signed");
}

#[test]
fn a_log_answers_only_for_what_it_remembers() {
    let mut log = log();
    let start = log.start();
    for _ in 0..70 {
        log = append(&log, &vec![token(1); 1024]);
    }
    assert!(log.since(start).is_none());
    let recent = Sequence::new(log.position().sequence.get() - 60_000);
    assert_eq!(log.since(recent).unwrap().entries.len(), 60_000);
    assert!(log.since(log.position().sequence).unwrap().entries.is_empty());
    assert!(log.since(log.position().sequence.next()).is_none());
    assert!(marks(&claims(start)).rvs() == start);
}

#[test]
fn retention_adds_up() {
    let endless = Retention { longest_access: Duration::MAX, ..RETENTION };
    assert_eq!(endless.window(), Duration::MAX);
    assert_eq!(RETENTION.window(), Duration::from_mins(75));
}
