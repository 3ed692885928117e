use super::*;
use crate::store::AppendLogError;
use crate::store::contract::{append, empty_log, kill, stored, with_rows};
use chancery_revocation::{LogId, Position, Sequence, Stored};
use tokio::task::JoinSet;

/// A store with a log of three entries.
async fn with_log() -> (Folder, Arc<dyn Store>, chancery_revocation::Log) {
    let folder = filled().await;
    let store = folder.connect().await;
    let log = empty_log(7);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let log = append(&*store, &log, &[kill(1), kill(2), kill(3)]).await;
    (folder, store, log)
}

#[tokio::test]
async fn an_entry_that_a_later_version_wrote_is_a_fault_and_never_stepped_over() {
    let (folder, store, log) = with_log().await;
    let raw = Connection::open(folder.file()).unwrap();
    let second = log.start().get() + 2;
    let change = "UPDATE log_rows SET entry = ?1 WHERE sequence = ?2";
    raw.execute(change, (&[99_u8, 1, 2, 3][..], i64::try_from(second).unwrap())).unwrap();
    let unknown = StoreFault::EntryUnknown { sequence: Sequence::new(second), code: 99 };
    assert_eq!(store.log().await.unwrap_err(), unknown);
    assert_eq!(store.log_rows(log.start(), 10).await, Err(unknown));
    assert_eq!(store.log_rows(log.start(), 1).await.unwrap().len(), 1);
    assert_eq!(store.log_rows(Sequence::new(second), 10).await.unwrap().len(), 1);
    raw.execute(change, (&[1_u8, 1, 2, 3][..], i64::try_from(second).unwrap())).unwrap();
    assert_eq!(store.log().await.unwrap_err().reason(), "store_corrupt");
    raw.execute_batch("UPDATE log SET head = x'00'").unwrap();
    assert_eq!(store.log_tail().await.unwrap_err().reason(), "store_corrupt");
}

#[tokio::test]
async fn nothing_is_appended_to_a_file_that_is_no_longer_in_its_place() {
    let (folder, store, log) = with_log().await;
    fs::rename(folder.file(), folder.file().with_extension("old")).unwrap();
    let (_, batch) = log.append(&[kill(4)]).unwrap();
    let replaced = AppendLogError::Fault(StoreFault::Replaced { path: folder.file() });
    assert_eq!(store.append_log(&batch).await, Err(replaced.clone()));
    let next = empty_log(8);
    assert_eq!(store.begin_log(Some(log.position()), &stored(&next)).await, Err(replaced));
    assert_eq!(store.log_tail().await, Ok(Some(*log.position())));
}

#[tokio::test]
async fn what_recoveries_left_behind_is_gone_once_the_next_log_has_begun() {
    let (folder, store, log) = with_log().await;
    let raw = Connection::open(folder.file()).unwrap();
    let rows = || raw.query_row("SELECT count(*) FROM log_rows", [], |row| row.get::<_, i64>(0)).unwrap();
    for name in [1_u8, 9] {
        let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
                   INSERT INTO log_rows SELECT ?1, i, x'01' FROM n";
        raw.execute(sql, [[name; 16]]).unwrap();
    }
    assert_eq!(rows(), 10_003);
    let next = empty_log(8);
    // One that does not begin takes away what it laid down, and nothing else.
    let kept = Stored {
        loose: next.append(&[kill(1)]).unwrap().1.entries.iter().map(|(entry, _)| *entry).collect(),
        ..stored(&next)
    };
    let kept = Stored { anchor: (kept.loose[0].sequence, kept.anchor.1), ..kept };
    let begun = store.begin_log(None, &kept).await;
    assert_eq!(begun, Err(AppendLogError::Moved { tail: Some(*log.position()) }));
    assert_eq!(rows(), 10_003);
    store.begin_log(Some(log.position()), &kept).await.unwrap();
    assert_eq!(rows(), 1);
    assert_eq!(store.log_tail().await.unwrap().unwrap().log, LogId::from_bytes([8; 16]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recoveries_that_come_second_take_away_what_they_laid_down() {
    let (folder, store, log) = with_log().await;
    let mut tail = *log.position();
    for round in 0..4 {
        let new = (0..4_u8).map(|name| with_rows(10 + 4 * round + name, 9000));
        let begun: Vec<_> = begin_all(&folder, new, tail).await;
        assert_eq!(begun.iter().filter(|begun| begun.is_ok()).count(), 1, "{begun:?}");
        let raw = Connection::open(folder.file()).unwrap();
        let rows: i64 = raw.query_row("SELECT count(*) FROM log_rows", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 9000, "{round}");
        tail = store.log_tail().await.unwrap().unwrap();
    }
}

/// Begins all of them at the same time, each as another process.
async fn begin_all(
    folder: &Folder,
    new: impl Iterator<Item = Stored>,
    tail: Position,
) -> Vec<Result<(), AppendLogError>> {
    let mut tasks = JoinSet::new();
    for new in new {
        let store = folder.connect().await;
        tasks.spawn(async move { store.begin_log(Some(&tail), &new).await });
    }
    tasks.join_all().await
}
