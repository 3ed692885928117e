use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::runtime::Runtime;

/// Long enough for whoever waits to have tried.
const SHORT: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_lock_that_another_has_is_waited_for_until_the_deadline_and_then_named() {
    let scratch = Scratch::new();
    let (one, other) = (scratch.file(), scratch.file());
    let held = one.lock(PATIENCE).await.unwrap();
    let fault = other.lock(SHORT).await.unwrap_err();
    let lock = scratch.path().join("default.json.lock");
    assert_eq!(fault, FileFault::Locked { path: lock, waited_secs: 0 });
    assert_eq!((fault.reason(), fault.kind()), ("session_file_locked", crate::error::ErrorKind::Transient));
    drop(held);
    other.lock(Duration::ZERO).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_gets_the_lock_once_it_is_free() {
    let scratch = Scratch::new();
    let held = scratch.file().lock(PATIENCE).await.unwrap();
    let file = scratch.file();
    let waiting = tokio::spawn(async move { file.lock(PATIENCE).await.map(drop) });
    assert!(scratch.file().lock(SHORT).await.is_err());
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_session_is_removed_two_who_waited_still_exclude_each_other() {
    let scratch = Scratch::new();
    let held = scratch.file().lock(PATIENCE).await.unwrap();
    let file = scratch.file();
    let waiting = tokio::spawn(async move { file.lock(PATIENCE).await });
    assert!(scratch.file().lock(SHORT).await.is_err());
    held.remove().await.unwrap();
    let second = waiting.await.unwrap().unwrap();
    assert!(matches!(scratch.file().lock(SHORT).await, Err(FileFault::Locked { .. })));
    second.write(&sample("1")).await.unwrap();
    drop(second);
    assert_eq!(text_in(&scratch.file()), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_often_the_lock_file_is_removed_and_made_one_has_it_at_a_time() {
    let scratch = Scratch::new();
    let inside = Arc::new(AtomicU32::new(0));
    let workers = (0..6).map(|worker| {
        let (file, inside) = (scratch.file(), Arc::clone(&inside));
        tokio::spawn(async move {
            for round in 0..40 {
                let locked = file.lock(PATIENCE).await.unwrap();
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two have the lock");
                tokio::task::yield_now().await;
                assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1, "two have the lock");
                if (round + worker) % 3 == 0 {
                    locked.remove().await.unwrap();
                }
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
}

#[test]
fn a_caller_that_gives_up_leaves_no_thread_behind_that_waits() {
    let scratch = Scratch::new();
    let runtime = Runtime::new().unwrap();
    let _held = runtime.block_on(scratch.file().lock(PATIENCE)).unwrap();
    let file = scratch.file();
    let watched = Arc::clone(&file.0);
    let waiting = runtime.spawn(async move { file.lock(Duration::from_hours(24)).await.map(drop) });
    // The thread has its own share of the place.
    while Arc::strong_count(&watched) < 4 {
        std::thread::yield_now();
    }
    waiting.abort();
    runtime.shutdown_timeout(PATIENCE);
    assert_eq!(Arc::strong_count(&watched), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_contend_for_the_lock_lose_no_writing() {
    const CHILDREN: usize = 3;
    if let Some(file) = child::told() {
        return raise(&file).await;
    }
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "0").await;
    let children = (0..CHILDREN).map(|_| {
        let test = "locking::processes_that_contend_for_the_lock_lose_no_writing";
        let command = child::command(&[], test, &file);
        tokio::task::spawn_blocking(move || child::run(command))
    });
    let children: Vec<_> = children.collect();
    raise(&file).await;
    for child in children {
        child.await.unwrap().unwrap();
    }
    assert_eq!(text_in(&file), (RAISED * (CHILDREN + 1)).to_string());
    assert_eq!(scratch.names(), ["default.json", "default.json.lock"]);
}

const RAISED: usize = 25;

/// Reads a count, and writes the next: where two do so at once, one is lost.
async fn raise(file: &SessionFile) {
    for _ in 0..RAISED {
        let locked = file.lock(PATIENCE).await.unwrap();
        let kept = locked.read().await.unwrap().unwrap();
        let count: usize = text_of(&kept.record).parse().unwrap();
        locked.write(&sample(&(count + 1).to_string())).await.unwrap();
    }
}

#[tokio::test]
async fn a_lock_that_was_taken_where_there_is_no_session_leaves_nothing_behind() {
    let scratch = Scratch::new();
    let locked = scratch.file().lock(PATIENCE).await.unwrap();
    assert!(locked.read().await.unwrap().is_none());
    assert_eq!(scratch.names(), ["default.json.lock"]);
    drop(locked);
    assert_eq!(scratch.names(), [""; 0]);
    write(&scratch.file(), "1").await;
    assert_eq!(scratch.names(), ["default.json", "default.json.lock"]);
}

#[tokio::test]
async fn whoever_has_a_lock_that_somebody_removed_leaves_the_next_one_alone() {
    let scratch = Scratch::new();
    let lock = scratch.path().join("default.json.lock");
    let first = scratch.file().lock(PATIENCE).await.unwrap();
    fs::remove_file(&lock).unwrap();
    let second = scratch.file().lock(PATIENCE).await.unwrap();
    drop(first);
    assert!(lock.exists());
    assert!(matches!(scratch.file().lock(SHORT).await, Err(FileFault::Locked { .. })), "two would have it");
    drop(second);
}

#[tokio::test]
async fn a_lock_file_that_others_could_read_stops_nothing_and_is_closed_to_them() {
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "1").await;
    let lock = scratch.path().join("default.json.lock");
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
    write(&file, "2").await;
    assert_eq!(text_in(&file), "2");
    assert_eq!(fs::metadata(&lock).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_lock_file_with_another_name_is_locked_and_what_it_holds_is_left_alone() {
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "1").await;
    let (lock, other) = (scratch.path().join("default.json.lock"), scratch.path().join("other"));
    fs::write(&lock, "precious").unwrap();
    fs::hard_link(&lock, &other).unwrap();
    let locked = file.lock(PATIENCE).await.unwrap();
    assert!(matches!(file.lock(SHORT).await, Err(FileFault::Locked { .. })));
    locked.leave(None).await;
    assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
    // Gone with the other name, it is ours alone, and emptied.
    fs::remove_file(&other).unwrap();
    file.lock(PATIENCE).await.unwrap().leave(None).await;
    assert_eq!(fs::read_to_string(&lock).unwrap(), "");
}

#[tokio::test]
async fn a_lock_file_that_is_no_file_of_ours_is_not_used() {
    let scratch = Scratch::new();
    let path = scratch.path().join("default.json.lock");
    std::os::unix::fs::symlink(scratch.path().join("elsewhere"), &path).unwrap();
    let link = FileFault::NotAFile { path: path.clone(), what: "a symbolic link" };
    assert_eq!(scratch.file().lock(SHORT).await.unwrap_err(), link);
    assert_eq!(scratch.names(), ["default.json.lock"], "the link is not followed");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let folder = FileFault::NotAFile { path: path.clone(), what: "a folder" };
    assert_eq!(scratch.file().lock(SHORT).await.unwrap_err(), folder);
}
