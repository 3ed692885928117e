//! A file that cannot be written. An answer whose scopes fill it does to anybody what a full disk does.

use super::text;
use crate::office::{Manner, Office, Scratch};
use chancery_client::{Replace, Session};
use std::time::Duration;

/// Makes the answers too long for any file: with this refresh token, if there is one. The client reads 64 KiB, and its file
/// holds as much, of which some goes to who it is.
fn fill(office: &Office, refresh_token: &str) {
    let words = |scope: &str| {
        format!(
            r#"{{"access_token":"token-#","token_type":"DPoP","expires_in":900,{refresh_token}"scope":"{scope}"}}"#
        )
    };
    let room = 64 * 1024 - words("").len();
    office.behaves(Manner::Words(words(&"a".repeat(room))));
}

/// A session that was over at the issuer and begun anew, which could not be written.
async fn begun_anew_in_vain() -> (Office, Scratch, Session) {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.forgets_everything();
    fill(&office, r#""refresh_token":"refresh-1-0","#);
    office.pass(900);
    assert_eq!(text(&session).await, "token-2");
    (office, scratch, session)
}

#[tokio::test]
async fn what_was_got_is_handed_out_and_the_file_keeps_what_it_held() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let before = scratch.content();
    fill(&office, r#""refresh_token":"refresh-0-1","#);
    for expected in ["token-2", "token-3", "token-4"] {
        office.pass(900);
        assert_eq!(text(&session).await, expected);
        assert_eq!(text(&session).await, expected, "and nobody is asked for each call");
    }
    assert!(scratch.content() == before);
    // With what the file holds: the issuer gives the successor again, and nobody who shares the file is left behind.
    assert!(office.asked()[1..].iter().all(|asked| asked.get("refresh_token") == "refresh-0-0"));
    office.behaves(Manner::Proper);
    office.pass(900);
    assert_eq!(text(&session).await, "token-5");
    assert!(scratch.content().contains("refresh-0-1"));
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-5");
}

#[tokio::test]
async fn what_was_begun_anew_is_gone_on_with_until_it_can_be_written() {
    let (office, scratch, session) = begun_anew_in_vain().await;
    fill(&office, r#""refresh_token":"refresh-1-1","#);
    office.pass(900);
    assert_eq!(text(&session).await, "token-3");
    office.behaves(Manner::Proper);
    office.pass(900);
    assert_eq!(text(&session).await, "token-4");
    assert!(scratch.content().contains("refresh-1-2"));
    assert_eq!(
        office.grants_asked()[1..],
        ["refresh_token", "client_credentials", "refresh_token", "refresh_token"],
        "one session in the place of the old one, not one for each renewal"
    );
    assert_eq!(session.standing().begun_anew, 1);
}

#[tokio::test]
async fn a_program_that_was_just_started_begins_no_session_that_it_could_not_write_down() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    // There is room for this name, and none for that of its lock.
    let long = scratch.other(&format!("{}.json", "a".repeat(248)));
    std::fs::copy(scratch.file(), &long).unwrap();
    let running = office.opened(&long);
    office.pass(900);
    assert_eq!(text(&running).await, "token-2");
    office.forgets_everything();
    office.pass(900);
    for _ in 0..3 {
        let started = office.opened(&long);
        for _ in 0..10 {
            assert_eq!(started.token().await.unwrap_err().reason(), "session_file_unwritable");
        }
    }
    assert_eq!(office.grants_asked()[2..], ["refresh_token"; 3]);
    // What goes on for long has it in memory, and begins one.
    assert_eq!(text(&running).await, "token-3");
    office.pass(900);
    assert_eq!(text(&running).await, "token-4");
    assert_eq!(office.grants_asked()[5..], ["refresh_token", "client_credentials", "refresh_token"]);
}

#[tokio::test]
async fn on_a_disk_without_room_a_program_that_was_just_started_begins_no_session() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    let content = scratch.content();
    office.forgets_everything();
    office.pass(900);
    // There is room for the name of the lock, and none for that of a draft.
    let long = scratch.other(&format!("{}.json", "a".repeat(240)));
    std::fs::copy(scratch.file(), &long).unwrap();
    assert_eq!(office.opened(&long).token().await.unwrap_err().reason(), "session_file_unwritable");
    assert_eq!(office.grants_asked()[1..], ["refresh_token"]);
    assert_eq!((std::fs::read_to_string(&long).unwrap(), scratch.content()), (content.clone(), content));
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-2");
}

#[tokio::test]
async fn a_session_whose_file_was_written_by_another_meanwhile_goes_on_with_that() {
    let (office, scratch, session) = begun_anew_in_vain().await;
    office.behaves(Manner::Proper);
    let other = office.begins(&scratch, Replace::Yes).await.unwrap();
    office.pass(900);
    assert_eq!(text(&session).await, text(&other).await);
    assert_eq!(office.asked().last().unwrap().get("refresh_token"), "refresh-2-0");
}

#[tokio::test]
async fn what_cannot_be_written_at_the_beginning_is_ended_again() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    fill(&office, r#""refresh_token":"refresh-0-0","#);
    let begun = office.begins(&scratch, Replace::No).await;
    assert_eq!(begun.unwrap_err().reason(), "session_file_too_large");
    let asked = office.asked();
    assert_eq!((asked[1].path, asked[1].get("token")), ("revoke", "refresh-0-0"));
    assert!(!scratch.file().exists());
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_lock_is_told_and_the_session_goes_on_when_it_is_gone() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    // The lock file is a folder: nobody can take the lock, and nobody can write.
    let lock = scratch.other("agent.json.lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    office.pass(899);
    assert_eq!(text(&session).await, "token-1");
    office.pass(1);
    let error = session.token().await.unwrap_err();
    assert_eq!(error.reason(), "session_file_not_a_file");
    std::fs::remove_dir(&lock).unwrap();
    office.clock().advance(Duration::from_secs(1));
    assert_eq!(text(&session).await, "token-2");
}
