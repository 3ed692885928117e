use super::*;
use crate::store::contract::{begun, empty_log, family, kill, stored};
use chancery_revocation::{Log, Retention};
use std::time::Duration;

/// The tables of layout 1, as the version that wrote them had them.
const FIRST: &str = "
CREATE TABLE identity (one INTEGER PRIMARY KEY CHECK (one = 1), record TEXT NOT NULL) STRICT;
CREATE TABLE keyring (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    blob BLOB NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE TABLE clients (id TEXT PRIMARY KEY, record TEXT NOT NULL, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX clients_changed ON clients (changed);
CREATE TABLE counter (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (1, 0);
PRAGMA application_id = 0x6368616e;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
";

/// A store of layout 1 with clients, a keyring and an identity.
async fn first() -> Folder {
    let newer = filled().await;
    newer.connect().await.replace_keyring(None, b"sealed").await.unwrap();
    let folder = Folder::new();
    fs::create_dir(folder.file().parent().unwrap()).unwrap();
    let older = Connection::open(folder.file()).unwrap();
    older.execute_batch(FIRST).unwrap();
    older.execute("ATTACH ?1 AS newer", [newer.file().to_str().unwrap()]).unwrap();
    for table in ["identity", "keyring", "clients"] {
        older.execute_batch(&format!("INSERT INTO {table} SELECT * FROM newer.{table}")).unwrap();
    }
    older.execute_batch("UPDATE counter SET value = (SELECT value FROM newer.counter)").unwrap();
    older.execute_batch("DETACH newer").unwrap();
    older.close().unwrap();
    folder
}

fn version(folder: &Folder) -> i64 {
    let file = Connection::open(folder.file()).unwrap();
    file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

async fn has_everything(store: &dyn Store) {
    assert_eq!(contract::all(store).await.len(), 200);
    assert_eq!(store.identity().await, Ok(Some(identity(1))));
    assert_eq!(store.keyring().await.unwrap().unwrap().blob, b"sealed");
    let log = empty_log(7);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let (log, batch) = log.append(&[kill(1)]).unwrap();
    store.append_log(&batch).await.unwrap();
    let minute = Duration::from_mins(1);
    let retention =
        Retention { longest_access: minute, max_blind: minute, skew: minute, longest_family: minute };
    let again = Log::resume(store.log().await.unwrap().unwrap(), retention).unwrap();
    assert_eq!(again.position(), log.position());
}

#[tokio::test]
async fn r_10_5_a_store_of_an_earlier_layout_is_taken_to_this_one_where_it_lies() {
    let folder = first().await;
    assert_eq!(version(&folder), 1);
    let file = fs::metadata(folder.file()).unwrap().ino();
    let store = folder.connect().await;
    assert_eq!(version(&folder), 3);
    assert_eq!(fs::metadata(folder.file()).unwrap().ino(), file);
    has_everything(&*store).await;
    drop(store);
    assert_eq!(contract::all(&*folder.connect().await).await.len(), 200);
}

/// What layout 3 added, taken away again: a store of layout 2 with a log.
async fn second() -> (Folder, Log) {
    let folder = first().await;
    let store = folder.connect().await;
    let log = empty_log(7);
    store.begin_log(None, &stored(&log)).await.unwrap();
    let (log, batch) = log.append(&[kill(1), kill(2)]).unwrap();
    store.append_log(&batch).await.unwrap();
    drop(store);
    let older = Connection::open(folder.file()).unwrap();
    let tables =
        "DROP TABLE families; DROP TABLE ended_families; DROP TABLE first_uses; PRAGMA user_version = 2;";
    older.execute_batch(tables).unwrap();
    (folder, log)
}

#[tokio::test]
async fn r_10_5_a_store_without_families_is_taken_to_this_layout_with_its_log() {
    let (folder, log) = second().await;
    let store = folder.connect().await;
    assert_eq!(version(&folder), 3);
    assert_eq!(store.log_tail().await, Ok(Some(*log.position())));
    assert_eq!(store.log().await.unwrap().unwrap().since.len(), 2);
    begun(&*store, &family(1)).await;
    assert_eq!(folder.connect().await.family(family(1).id).await, Ok(Some(family(1))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_10_5_processes_that_start_together_take_an_earlier_store_to_this_layout_once() {
    let folder = first().await;
    let path = folder.file();
    let stores: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..8).map(|_| scope.spawn(|| SqliteStore::open(&path).unwrap())).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(version(&folder), 3);
    has_everything(&stores[3]).await;
    assert!(stores[5].log_tail().await.unwrap().is_some());
}

#[tokio::test]
async fn r_10_5_a_step_to_this_layout_that_fails_changes_nothing() {
    let folder = first().await;
    // Somebody made a table of his own, of a name that the step needs last.
    Connection::open(folder.file()).unwrap().execute_batch("CREATE TABLE first_uses (mine)").unwrap();
    assert_eq!(reason(&folder.file()), "store_io");
    assert_eq!(version(&folder), 1);
    let file = Connection::open(folder.file()).unwrap();
    assert!(file.prepare("SELECT * FROM log").is_err());
    file.execute_batch("DROP TABLE first_uses").unwrap();
    has_everything(&*folder.connect().await).await;
}

#[tokio::test]
async fn r_10_5_a_damaged_store_of_an_earlier_layout_is_left_as_it_is() {
    let folder = first().await;
    let whole = fs::read(folder.file()).unwrap();
    fs::write(folder.file(), &whole[..whole.len() - 1]).unwrap();
    assert_eq!(reason(&folder.file()), "store_corrupt");
    assert_eq!(fs::read(folder.file()).unwrap(), whole[..whole.len() - 1]);
}

#[tokio::test]
async fn r_10_5_a_store_of_a_later_layout_is_refused() {
    let folder = filled().await;
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 4).unwrap();
    let refused = SqliteStore::open(&folder.file()).unwrap_err();
    assert_eq!(refused, OpenFault::Newer { path: folder.file(), found: 4, known: 3 });
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 0).unwrap();
    assert_eq!(reason(&folder.file()), "store_corrupt");
}
