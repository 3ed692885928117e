mod family;
mod layout;
mod log;

use super::*;
use crate::scratch::Scratch;
use crate::store::contract::{self, Place, client, identity};
use crate::store::{Store, StoreFault};
use async_trait::async_trait;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

struct Folder(Scratch);

impl Folder {
    fn new() -> Self {
        Self(Scratch::new())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("state/store.db")
    }
}

#[async_trait]
impl Place for Folder {
    async fn connect(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.file()).unwrap())
    }
}

contract::holds_over!(Folder::new());

fn reason(path: &Path) -> &'static str {
    SqliteStore::open(path).unwrap_err().reason()
}

/// A store with some clients, closed.
async fn filled() -> Folder {
    let folder = Folder::new();
    let store = folder.connect().await;
    store.initialise(&identity(1)).await.unwrap();
    for number in 0..200 {
        store.insert_client(&client(&format!("c{number:03}"))).await.unwrap();
    }
    folder
}

#[tokio::test]
async fn what_was_stored_is_there_after_the_store_was_closed() {
    let folder = filled().await;
    let store = folder.connect().await;
    assert_eq!(contract::all(&*store).await.len(), 200);
    assert_eq!(store.identity().await, Ok(Some(identity(1))));
}

#[tokio::test]
async fn r08_only_the_owner_can_read_the_store_its_log_and_its_folder() {
    let folder = Folder::new();
    let store = folder.connect().await;
    store.insert_client(&client("a")).await.unwrap();
    let state = folder.file().parent().unwrap().to_path_buf();
    assert_eq!(fs::metadata(&state).unwrap().mode() & 0o777, 0o700);
    let files: Vec<_> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[test]
fn processes_that_start_together_open_one_store() {
    let folder = Folder::new();
    let path = folder.file();
    let path = path.as_path();
    let files: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..8).map(|_| scope.spawn(move || SqliteStore::open(path).unwrap())).collect();
        started.into_iter().map(|thread| thread.join().unwrap().file).collect()
    });
    assert!(files.iter().all(|file| *file == files[0]), "{files:?}");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "drafts are left behind");
}

#[test]
fn another_programs_file_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    let path = scratch.path().join("notes.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')").unwrap();
    other.close().unwrap();
    let text = scratch.path().join("notes.txt");
    fs::write(&text, "Dear diary, ".repeat(100)).unwrap();
    for path in [&path, &text] {
        let before = fs::read(path).unwrap();
        assert_eq!(reason(path), "store_foreign");
        assert_eq!(fs::read(path).unwrap(), before);
    }
    assert_eq!(reason(scratch.path()), "store_foreign");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2, "something was left beside it");
}

#[tokio::test]
async fn a_store_that_was_cut_off_anywhere_is_refused() {
    let folder = filled().await;
    let whole = fs::read(folder.file()).unwrap();
    assert!(whole.len() > 20_000);
    fs::write(folder.file(), b"").unwrap();
    assert_eq!(reason(&folder.file()), "store_empty");
    for length in [1, 15, 16, 99, 100, 1000, 4095, 4096, 8192, whole.len() / 2, whole.len() - 1] {
        fs::write(folder.file(), &whole[..length]).unwrap();
        let refused = SqliteStore::open(&folder.file()).unwrap_err();
        assert!(
            matches!(refused, OpenFault::Corrupt { .. } | OpenFault::Foreign { .. }),
            "{length}: {refused}"
        );
    }
    fs::write(folder.file(), &whole).unwrap();
    assert!(SqliteStore::open(&folder.file()).is_ok());
}

#[tokio::test]
async fn a_store_with_a_wiped_page_is_refused() {
    let folder = filled().await;
    let whole = fs::read(folder.file()).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..][..4096].fill(0xa5);
        fs::write(folder.file(), &damaged).unwrap();
        assert_eq!(reason(&folder.file()), "store_corrupt", "page {page}");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_a_fault_and_never_an_absent_client() {
    let folder = filled().await;
    let store = folder.connect().await;
    let raw = Connection::open(folder.file()).unwrap();
    for broken in [r#"{"v":2,"record":{}}"#, "{", r#"{"v":1,"record":{"id":"c000"}}"#] {
        raw.execute("UPDATE clients SET record = ?1 WHERE id = 'c000'", [broken]).unwrap();
        let fault = store.client(&"c000".parse().unwrap()).await.unwrap_err();
        assert!(fault.reason() == "store_unreadable" && fault.to_string().contains("'c000'"), "{fault}");
    }
    raw.execute_batch(
        "UPDATE clients SET record = (SELECT record FROM clients WHERE id = 'c001') WHERE id = 'c000'",
    )
    .unwrap();
    assert_eq!(store.client(&"c000".parse().unwrap()).await.unwrap_err().reason(), "store_unreadable");
    assert!(store.client(&"c001".parse().unwrap()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_store_whose_file_was_deleted_or_replaced_says_so() {
    let folder = filled().await;
    let store = folder.connect().await;
    assert_eq!(store.ping().await, Ok(()));
    let moved = folder.file().with_extension("old");
    fs::rename(folder.file(), &moved).unwrap();
    assert_eq!(store.ping().await, Err(StoreFault::Replaced { path: folder.file() }));
    fs::copy(&moved, folder.file()).unwrap();
    assert_eq!(store.ping().await, Err(StoreFault::Replaced { path: folder.file() }));
}

#[tokio::test]
async fn a_store_can_be_dropped_while_others_still_write() {
    let folder = Folder::new();
    let store = folder.connect().await;
    let writes = (0..50).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.insert_client(&client(&format!("c{number}"))).await })
    });
    let writes: Vec<_> = writes.collect();
    drop(store);
    for write in writes {
        write.await.unwrap().unwrap();
    }
    assert_eq!(contract::all(&*folder.connect().await).await.len(), 50);
}
