//! What a store does with the revocation log.

use super::*;
use chancery_revocation::{
    Batch, Entry, IdMark, Issuers, Kill, Log, Minute, NameMark, OnUnprovableLoss, Passage, Position,
    Retention, Stored, Survivor, Trace, recover,
};
use std::collections::BTreeSet;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

pub(crate) const RETENTION: Retention = Retention {
    longest_access: Duration::from_mins(15),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_mins(5),
    longest_family: Duration::from_hours(1),
};

pub(crate) fn empty_log(name: u8) -> Log {
    Log::begin(LogId::from_bytes([name; 16]), None, NOW, RETENTION)
}

/// How a store would hold it, if nothing of it was ever let go.
pub(crate) fn stored(log: &Log) -> Stored {
    let (start, id) = (log.start(), log.position().log);
    Stored {
        start,
        floor: log.floor(),
        anchor: (start, Position::genesis(id, start).head),
        loose: Vec::new(),
        since: log.since(start).unwrap().entries,
        tail: *log.position(),
        marks: log.marks().collect(),
    }
}

pub(crate) fn kill(number: u64) -> Kill {
    Kill::Token { jti: IdMark::new(number), end: Minute::at_or_after(NOW.plus(Duration::from_mins(15))) }
}

fn named(number: u8, end: UnixTime) -> Kill {
    Kill::Client { client_id: NameMark::from_bytes([number; 16]), end: Minute::at_or_after(end) }
}

/// Appends to the log and to the store.
pub(crate) async fn append(store: &dyn Store, log: &Log, kills: &[Kill]) -> Log {
    let (log, batch) = log.append(kills).unwrap();
    store.append_log(&batch).await.unwrap();
    log
}

pub(crate) async fn resumed(store: &dyn Store) -> Log {
    Log::resume(store.log().await.unwrap().unwrap(), RETENTION).unwrap()
}

/// What is stored, with its rows in an order of their own.
pub(crate) async fn held(
    store: &dyn Store,
) -> (Position, (Sequence, chancery_revocation::Head), Vec<(u64, Vec<u8>)>) {
    let Stored { anchor, loose, since, tail, .. } = store.log().await.unwrap().unwrap();
    assert!(loose.iter().all(|entry| entry.sequence <= anchor.0));
    assert_eq!(Position { sequence: anchor.0, head: anchor.1, ..tail }.after_all(&since), Some(tail));
    (tail, anchor, rows(loose.iter().chain(&since)))
}

fn rows<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Vec<(u64, Vec<u8>)> {
    let rows: BTreeSet<_> =
        entries.into_iter().map(|entry| (entry.sequence.get(), entry.to_bytes())).collect();
    rows.into_iter().collect()
}

/// Prunes as an issuer does.
async fn trim(store: &dyn Store, log: Log, now: UnixTime) -> Log {
    let log = log.confirm(now);
    let to = log.prunable_to();
    let Stored { anchor, loose, since, tail, .. } = store.log().await.unwrap().unwrap();
    let before: Vec<Entry> = since.iter().copied().take_while(|entry| entry.sequence <= to).collect();
    let head = Position { sequence: anchor.0, head: anchor.1, ..tail }.after_all(&before).unwrap().head;
    let drop = loose.into_iter().chain(before).filter(|entry| !Retention::keeps(entry, to, now)).collect();
    let trim = Trim { anchor: (to, head), drop, floor: log.floor(), marks: log.marks().collect() };
    store.trim_log(log.position(), &trim).await.unwrap();
    log.prune(now)
}

pub(crate) async fn a_new_store_has_no_log(place: &dyn Place) {
    let store = place.connect().await;
    assert!(store.log().await.unwrap().is_none());
    assert_eq!(store.log_tail().await, Ok(None));
    assert_eq!(store.log_rows(Sequence::new(0), 10).await, Ok(Vec::new()));
    let (_, batch) = empty_log(1).append(&[kill(1)]).unwrap();
    assert_eq!(store.append_log(&batch).await, Err(AppendLogError::Moved { tail: None }));
    let trim = Trim {
        anchor: (Sequence::new(9), batch.to.head),
        drop: Vec::new(),
        floor: Sequence::new(9),
        marks: Vec::new(),
    };
    assert_eq!(store.trim_log(&batch.to, &trim).await, Ok(()));
    assert!(store.log().await.unwrap().is_none());
}

pub(crate) async fn a_log_begins_once(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let mut tasks = JoinSet::new();
    for name in 0..8_u8 {
        let store = Arc::clone(&stores[usize::from(name % 2)]);
        tasks.spawn(async move {
            let log = empty_log(name);
            store.begin_log(None, &stored(&log)).await.map(|()| *log.position())
        });
    }
    let answers = tasks.join_all().await;
    let won: Vec<Position> = answers.iter().filter_map(|answer| answer.clone().ok()).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    let moved = Err(AppendLogError::Moved { tail: Some(won[0]) });
    assert_eq!(answers.iter().filter(|answer| **answer == moved).count(), 7, "{answers:?}");
    assert_eq!(stores[0].log_tail().await, Ok(Some(won[0])));
    assert_eq!(resumed(&*place.connect().await).await.position(), &won[0]);
}

pub(crate) async fn what_was_appended_is_seen_by_every_process_in_order(place: &dyn Place) {
    let (writes, reads) = (place.connect().await, place.connect().await);
    let first = empty_log(1);
    writes.begin_log(None, &stored(&first)).await.unwrap();
    let mut log = first.clone();
    for round in 0..20 {
        // The same thing may be ended twice within a minute: rows of different places, with the same bytes.
        log = append(&*writes, &log, &[kill(round), named(1, NOW), Kill::key("k")]).await;
        assert_eq!(reads.log_tail().await, Ok(Some(*log.position())));
    }
    let all = log.since(first.start()).unwrap().entries;
    assert_eq!(all.len(), 60);
    for limit in [1, 7, 59, 60, 61, usize::MAX] {
        let (mut read, mut after) = (Vec::new(), first.start());
        loop {
            let page = reads.log_rows(after, limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = last.sequence;
            read.extend(page);
        }
        assert_eq!(read, all, "in pages of {limit}");
    }
    assert_eq!(reads.log_rows(log.position().sequence, 10).await, Ok(Vec::new()));
    assert_eq!(reads.log_rows(Sequence::new(u64::from(u32::MAX)), 0).await, Ok(Vec::new()));
    assert_eq!(resumed(&*reads).await.went_through(log.position()), Passage::Yes);
}

pub(crate) async fn entries_are_appended_only_where_the_log_ends(place: &dyn Place) {
    let store = place.connect().await;
    let log = empty_log(1);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let at = append(&*store, &log, &[kill(1)]).await;
    let (_, next) = at.append(&[kill(2), kill(3)]).unwrap();
    let before = held(&*store).await;
    let elsewhere: [Position; 4] = [
        Position { log: LogId::from_bytes([2; 16]), ..next.from },
        Position { sequence: next.from.sequence.next(), ..next.from },
        Position { head: log.position().head, ..next.from },
        *log.position(),
    ];
    for from in elsewhere {
        let refused = store.append_log(&Batch { from, ..next.clone() }).await;
        assert_eq!(refused, Err(AppendLogError::Moved { tail: Some(*at.position()) }), "{from:?}");
        assert_eq!(held(&*store).await, before);
    }
    store.append_log(&next).await.unwrap();
    // Sent again, because the answer was lost, it is there already.
    assert_eq!(store.append_log(&next).await, Ok(()));
    assert_eq!(held(&*store).await.2.len(), 3);
}

pub(crate) async fn what_is_found_in_the_log_can_be_made_sure_of(place: &dyn Place) {
    let (writes, finds) = (place.connect().await, place.connect().await);
    let first = empty_log(1);
    let moved = |tail: Option<&Log>| Err(AppendLogError::Moved { tail: tail.map(|log| *log.position()) });
    assert_eq!(finds.settle_log(first.position()).await, moved(None));
    writes.begin_log(None, &stored(&first)).await.unwrap();
    let log = append(&*writes, &first, &[kill(1), kill(2)]).await;
    let (before, changes) = (held(&*writes).await, writes.changes(ChangeCounter::START).await.unwrap());
    for at in [log.position(), first.position()] {
        assert_eq!(finds.settle_log(at).await, Ok(()), "also where the log went on");
    }
    let elsewhere: [Position; 3] = [
        Position { log: LogId::from_bytes([2; 16]), ..*log.position() },
        Position { sequence: log.position().sequence.next(), ..*log.position() },
        Position { head: first.position().head, ..*log.position() },
    ];
    for at in elsewhere {
        assert_eq!(finds.settle_log(&at).await, moved(Some(&log)), "{at:?}");
    }
    assert_eq!(held(&*finds).await, before);
    assert_eq!(finds.changes(ChangeCounter::START).await, Ok(changes));
}

pub(crate) async fn of_many_appends_to_one_place_one_is_written(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let mut log = empty_log(1);
    stores[0].begin_log(None, &stored(&log)).await.unwrap();
    for _ in 0..5 {
        let mut tasks = JoinSet::new();
        for number in 0..12_u64 {
            let store = Arc::clone(&stores[usize::from(number % 2 == 0)]);
            let (next, batch) = log.append(&[kill(number), kill(number + 100)]).unwrap();
            tasks.spawn(async move { store.append_log(&batch).await.map(|()| next) });
        }
        let won: Vec<Log> = tasks.join_all().await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(won.len(), 1);
        log = won.into_iter().next().unwrap();
        assert_eq!(stores[1].log_tail().await, Ok(Some(*log.position())));
    }
    assert_eq!(held(&*stores[0]).await.2.len(), 10);
}

pub(crate) async fn the_largest_batch_is_appended_whole(place: &dyn Place) {
    let store = place.connect().await;
    let log = empty_log(1);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let kills: Vec<Kill> = (0..4096).map(kill).collect();
    let log = append(&*store, &log, &kills).await;
    let log = append(&*store, &log, &kills).await;
    let page = store.log_rows(log.start(), usize::MAX).await.unwrap();
    let next = store.log_rows(page.last().unwrap().sequence, usize::MAX).await.unwrap();
    assert!(page.len() + next.len() == 8192 || page.len() >= 4096, "{}", page.len());
    assert_eq!(resumed(&*store).await.position(), log.position());
}

pub(crate) async fn a_log_goes_on_where_it_was_left_however_often_it_is_trimmed(place: &dyn Place) {
    let store = place.connect().await;
    let mut log = empty_log(1);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let (mut now, mut most) = (NOW, 0);
    for round in 0..40_u8 {
        // A block of ids is let go only as a whole.
        let mut kills: Vec<Kill> = (0..700).map(|number| kill(u64::from(round) * 1000 + number)).collect();
        kills.push(named(round, RETENTION.family_end(now)));
        log = append(&*store, &log, &kills).await;
        now = now.plus(Duration::from_mins(6));
        log = trim(&*store, log, now).await;
        let again = resumed(&*store).await;
        assert_eq!((again.position(), again.floor()), (log.position(), log.floor()), "{round}");
        assert!(again.published().missing_from(log.published()).is_empty(), "{round}");
        assert!(log.published().missing_from(again.published()).is_empty(), "{round}");
        assert!(log.kept().missing_from(again.kept()).is_empty(), "{round}");
        most = most.max(held(&*store).await.2.len());
    }
    assert!((700..10 * 700).contains(&most), "{most} rows of {}", 40 * 701);
    // What can end a family is kept for longer than any token.
    let clients =
        held(&*store).await.2.into_iter().filter(|(_, bytes)| bytes[0] == named(0, NOW).kind().code());
    assert!((9..=12).contains(&clients.count()));
}

pub(crate) async fn a_trim_tells_entries_of_one_sequence_and_sequences_of_one_entry_apart(place: &dyn Place) {
    let store = place.connect().await;
    let log = empty_log(1);
    let start = log.start();
    let low = |sequence, kill| Entry { sequence: Sequence::new(sequence), kill };
    let loose = vec![low(5, kill(1)), low(5, kill(2)), low(5, kill(3)), low(6, kill(1)), low(7, kill(2))];
    store.begin_log(None, &Stored { loose: loose.clone(), ..stored(&log) }).await.unwrap();
    assert_eq!(held(&*store).await.2, rows(&loose));
    let log = append(&*store, &log, &[kill(1)]).await;
    let trim = Trim {
        anchor: (start, Position::genesis(log.position().log, start).head),
        // The last is not there: another issuer has let it go already.
        drop: vec![low(5, kill(2)), low(6, kill(1)), low(6, kill(9))],
        floor: Sequence::new(7),
        marks: vec![(NOW, start)],
    };
    store.trim_log(log.position(), &trim).await.unwrap();
    let left = [loose[0], loose[2], loose[4]].into_iter().chain(log.since(start).unwrap().entries);
    assert_eq!(held(&*store).await.2, rows(&left.collect::<Vec<_>>()));
    let Stored { floor, marks, .. } = store.log().await.unwrap().unwrap();
    assert_eq!((floor, marks), (Sequence::new(7), vec![(NOW, start)]));
}

pub(crate) async fn what_a_trim_let_go_is_never_answered_as_if_it_were_all(place: &dyn Place) {
    let store = place.connect().await;
    let first = empty_log(1);
    store.begin_log(None, &stored(&first)).await.unwrap();
    let middle = append(&*store, &first, &[named(1, NOW), named(2, NOW), named(3, NOW)]).await;
    let log = append(&*store, &middle, &[kill(1), kill(2)]).await;
    let before = middle.since(first.start()).unwrap().entries;
    let trim = Trim {
        anchor: (middle.position().sequence, middle.position().head),
        drop: vec![before[1]],
        floor: middle.position().sequence,
        marks: Vec::new(),
    };
    store.trim_log(log.position(), &trim).await.unwrap();
    let after = log.since(middle.position().sequence).unwrap().entries;
    for from in [0, first.start().get(), before[0].sequence.get(), before[2].sequence.get()] {
        assert_eq!(store.log_rows(Sequence::new(from), 10).await, Ok(after.clone()), "{from}");
    }
    assert_eq!(resumed(&*store).await.position(), log.position());
}

pub(crate) async fn a_trim_that_comes_late_takes_nothing_back(place: &dyn Place) {
    let store = place.connect().await;
    let first = empty_log(1);
    store.begin_log(None, &stored(&first)).await.unwrap();
    let middle = append(&*store, &first, &[kill(1)]).await;
    let log = append(&*store, &middle, &[kill(2)]).await;
    let to = |log: &Log, floor: u64| Trim {
        anchor: (log.position().sequence, log.position().head),
        drop: Vec::new(),
        floor: Sequence::new(floor),
        marks: Vec::new(),
    };
    store.trim_log(log.position(), &to(&log, 20)).await.unwrap();
    store.trim_log(middle.position(), &to(&middle, 10)).await.unwrap();
    let Stored { floor, anchor, .. } = store.log().await.unwrap().unwrap();
    assert_eq!((floor, anchor), (Sequence::new(20), (log.position().sequence, log.position().head)));
}

pub(crate) async fn a_trim_of_another_log_does_nothing(place: &dyn Place) {
    let store = place.connect().await;
    let log = empty_log(1);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let (ahead, _) = log.append(&[kill(1), kill(2)]).unwrap();
    let here = append(&*store, &log, &[kill(1)]).await;
    let before = held(&*store).await;
    let trim = Trim {
        anchor: (here.position().sequence, here.position().head),
        drop: here.since(log.start()).unwrap().entries,
        floor: here.position().sequence,
        marks: vec![(NOW, log.start())],
    };
    // Another log, and one that was further along: the store lost something, and keeps what it has.
    for of in [empty_log(2).position(), ahead.position()] {
        store.trim_log(of, &trim).await.unwrap();
        assert_eq!(held(&*store).await, before);
        let Stored { floor, marks, .. } = store.log().await.unwrap().unwrap();
        assert_eq!((floor, marks), (Sequence::new(0), Vec::new()));
    }
}

/// A log that a recovery made, of so many rows.
pub(crate) fn with_rows(name: u8, rows: u64) -> Stored {
    let log = empty_log(1);
    let (log, _) = log.append(&(0..rows).map(kill).collect::<Vec<_>>()).unwrap();
    recovered(&log, name)
}

/// What a recovery makes of a log: under a new name, with everything that it ended.
fn recovered(log: &Log, name: u8) -> Stored {
    let trace = Trace::from(*log.position());
    let survivor = Survivor::Log(Box::new(log.clone()));
    let id = LogId::from_bytes([name; 16]);
    recover(&[survivor], &[trace], Issuers::AllAnswered, OnUnprovableLoss::RevokeAll, id, NOW, RETENTION)
        .stored
}

/// A log with more entries than one piece has, and what its recovery makes of it.
async fn lost(store: &dyn Store) -> Log {
    let log = empty_log(1);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let log = append(store, &log, &(0..4096).map(kill).collect::<Vec<_>>()).await;
    append(store, &log, &(4096..6000).map(kill).chain([named(1, NOW)]).collect::<Vec<_>>()).await
}

pub(crate) async fn a_recovered_log_takes_the_place_of_the_lost_one_at_one_instant(place: &dyn Place) {
    let (store, reads) = (place.connect().await, place.connect().await);
    let log = lost(&*store).await;
    let trim = Trim {
        anchor: (log.start(), stored(&log).anchor.1),
        drop: Vec::new(),
        floor: Sequence::new(99),
        marks: Vec::new(),
    };
    store.trim_log(log.position(), &trim).await.unwrap();
    let before = held(&*store).await;
    let new = recovered(&log, 2);
    assert!(new.loose.len() == 6001 && new.tail.sequence > log.position().sequence);
    let begin = {
        let (store, new, from) = (Arc::clone(&store), new.clone(), *log.position());
        tokio::spawn(async move { store.begin_log(Some(&from), &new).await })
    };
    let mut seen = BTreeSet::new();
    while !begin.is_finished() {
        let now = held(&*reads).await;
        seen.insert(now.0.sequence);
        assert!(now == before || (now.0 == new.tail && now.2 == rows(&new.loose)), "{:?}", now.0);
    }
    begin.await.unwrap().unwrap();
    let after = held(&*reads).await;
    assert_eq!((after.0, after.1, after.2), (new.tail, new.anchor, rows(&new.loose)));
    // The highest floor stays, also of the log before.
    assert_eq!(store.log().await.unwrap().unwrap().floor, Sequence::new(99));
    let log = append(&*reads, &resumed(&*reads).await, &[kill(9000)]).await;
    assert_eq!(store.log_rows(new.anchor.0, 10).await.unwrap().len(), 1);
    assert_eq!(resumed(&*store).await.position(), log.position());
}

pub(crate) async fn a_log_that_was_recovered_from_the_wrong_place_changes_nothing(place: &dyn Place) {
    let store = place.connect().await;
    let log = lost(&*store).await;
    let (before, new) = (held(&*store).await, recovered(&log, 2));
    let moved = Err(AppendLogError::Moved { tail: Some(*log.position()) });
    assert_eq!(store.begin_log(None, &new).await, moved);
    assert_eq!(store.begin_log(Some(empty_log(1).position()), &new).await, moved);
    assert_eq!(held(&*store).await, before);
    store.begin_log(Some(log.position()), &new).await.unwrap();
    // Once more, because the answer was lost.
    assert_eq!(store.begin_log(Some(log.position()), &new).await, Ok(()));
    assert_eq!(held(&*store).await.2, rows(&new.loose));
    // A name is never used again.
    let mut same = new.clone();
    same.tail.sequence = same.tail.sequence.next();
    assert!(store.begin_log(Some(&new.tail), &same).await.is_err());
    assert_eq!(held(&*store).await.0, new.tail);
}

pub(crate) async fn of_recoveries_at_the_same_time_one_wins(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let log = lost(&*stores[0]).await;
    let mut tasks = JoinSet::new();
    for name in 2..6_u8 {
        let (store, from) = (Arc::clone(&stores[usize::from(name % 2)]), *log.position());
        let new = recovered(&log, name);
        tasks.spawn(async move { store.begin_log(Some(&from), &new).await.map(|()| new) });
    }
    let answers = tasks.join_all().await;
    let won: Vec<&Stored> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    let moved = AppendLogError::Moved { tail: Some(won[0].tail) };
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| *error == moved));
    let (tail, _, held) = held(&*stores[1]).await;
    assert_eq!((tail, held), (won[0].tail, rows(&won[0].loose)));
}

pub(crate) async fn a_recovery_that_was_broken_off_does_not_keep_the_next_one_back(place: &dyn Place) {
    let store = place.connect().await;
    let log = lost(&*store).await;
    for name in 2..5_u8 {
        let (other, from, new) = (place.connect().await, *log.position(), recovered(&log, name));
        let began = tokio::spawn(async move { other.begin_log(Some(&from), &new).await });
        tokio::task::yield_now().await;
        began.abort();
        // It may have come to its end all the same.
        let _ = began.await;
    }
    let new = recovered(&log, 9);
    loop {
        let tail = store.log_tail().await.unwrap();
        match store.begin_log(tail.as_ref(), &new).await {
            Ok(()) => break,
            Err(error) => assert!(matches!(error, AppendLogError::Moved { .. }), "{error}"),
        }
    }
    assert_eq!(held(&*store).await.2, rows(&new.loose));
}
