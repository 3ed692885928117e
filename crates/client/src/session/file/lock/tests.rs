use super::*;
use crate::session::file::tests::scratch::Scratch;

#[tokio::test]
async fn a_lock_file_that_was_removed_before_it_was_taken_does_not_count() {
    let scratch = Scratch::new();
    let place = scratch.file().0;
    let late = Free::open(&place).unwrap();
    take(Arc::clone(&place), Duration::ZERO).await.unwrap().remove().await.unwrap();
    let newcomer = take(Arc::clone(&place), Duration::ZERO).await.unwrap();
    assert!(late.claim().unwrap().is_none(), "two would have the lock");
    drop(newcomer);
    let late = Free::open(&place).unwrap();
    take(Arc::clone(&place), Duration::ZERO).await.unwrap().remove().await.unwrap();
    assert!(late.claim().unwrap().is_none(), "the next one would have it too");
}

#[tokio::test]
async fn a_lock_is_free_when_it_is_dropped_though_a_child_still_has_the_open_file() {
    let scratch = Scratch::new();
    let place = scratch.file().0;
    let locked = take(Arc::clone(&place), Duration::ZERO).await.unwrap();
    let _of_a_child = locked.0.lock.try_clone().unwrap();
    drop(locked);
    take(place, Duration::ZERO).await.unwrap();
}
