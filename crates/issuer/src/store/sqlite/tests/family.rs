use super::*;
use crate::family::{Family, WhyEnded};
use crate::store::contract::{NOW, begun, family, family_id, shown};
use crate::store::{BeginFamilyError, StoreFault};
use chancery_token::UnixTime;
use std::time::Duration;

fn rows(folder: &Folder, table: &str) -> i64 {
    let raw = Connection::open(folder.file()).unwrap();
    raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn r_7_3_families_that_are_over_go_when_others_come() {
    let folder = Folder::new();
    let store = folder.connect().await;
    for number in 0..50 {
        begun(&*store, &family(number)).await;
    }
    let last_day = family(0).absolute_end;
    let begin_at = async |number, created_at: UnixTime| {
        let begun_at = created_at.plus(Duration::from_hours(24));
        let family = Family { created_at, idle_end: begun_at, absolute_end: begun_at, ..family(number) };
        begun(&*store, &family).await;
    };
    begin_at(100, last_day).await;
    assert_eq!(rows(&folder, "families"), 51, "whoever comes late is told that it expired");
    let a_day_later = last_day.plus(Duration::from_secs(24 * 3600 + 1));
    for number in 101..110 {
        begin_at(number, a_day_later).await;
    }
    assert_eq!(rows(&folder, "families"), 10);
    assert_eq!(store.family(family_id(3)).await, Ok(None));
}

#[tokio::test]
async fn r_7_3_what_was_used_once_is_forgotten_when_nobody_could_show_it_any_more() {
    let folder = Folder::new();
    let store = folder.connect().await;
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    for number in 0..50 {
        assert_eq!(store.first_use(&[number; 32], at(60), NOW).await, Ok(true));
    }
    assert_eq!(store.first_use(&[1; 32], at(120), at(59)).await, Ok(false));
    assert_eq!(store.first_use(&[1; 32], at(120), at(60)).await, Ok(true), "it is over");
    assert_eq!(store.first_use(&[1; 32], at(180), at(100)).await, Ok(false), "it was used again");
    for number in 100..110 {
        store.first_use(&[number; 32], at(200), at(100)).await.unwrap();
    }
    assert_eq!(rows(&folder, "first_uses"), 11);
}

#[tokio::test]
async fn a_family_that_cannot_be_read_is_a_fault_and_never_an_absent_one() {
    let folder = Folder::new();
    let store = folder.connect().await;
    begun(&*store, &family(1)).await;
    let raw = Connection::open(folder.file()).unwrap();
    raw.execute_batch("UPDATE families SET record = x'0200'").unwrap();
    let client = family(1).client;
    let faults = [
        store.family(family_id(1)).await.unwrap_err(),
        store.advance(family_id(1), &shown(0, &client), NOW).await.unwrap_err(),
        store.end_family(family_id(1), WhyEnded::Revoked, NOW).await.unwrap_err(),
    ];
    assert!(faults.iter().all(|fault| fault.reason() == "store_unreadable"), "{faults:?}");
}

#[tokio::test]
async fn no_family_is_written_to_a_file_that_is_no_longer_in_its_place() {
    let folder = Folder::new();
    let store = folder.connect().await;
    begun(&*store, &family(1)).await;
    fs::rename(folder.file(), folder.file().with_extension("old")).unwrap();
    let replaced = StoreFault::Replaced { path: folder.file() };
    let client = family(1).client;
    assert_eq!(store.advance(family_id(1), &shown(0, &client), NOW).await, Err(replaced.clone()));
    assert_eq!(store.end_family(family_id(1), WhyEnded::Revoked, NOW).await, Err(replaced.clone()));
    assert_eq!(store.begin_family(&family(2), 9, NOW).await, Err(BeginFamilyError::Fault(replaced)));
}
