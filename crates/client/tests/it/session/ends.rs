//! The end of a session, said to the issuer.

use super::text;
use crate::office::{Manner, Office, Scratch};
use chancery_client::{Ended, ErrorKind, Phase, Replace};

#[tokio::test]
async fn the_issuer_is_told_and_the_file_is_gone() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let handle = session.clone();
    assert_eq!(session.end().await.unwrap(), Ended::Revoked);
    let asked = office.asked();
    assert_eq!((asked[1].path, asked[1].get("token")), ("revoke", "refresh-0-0"));
    assert!(!scratch.file().exists());
    assert_eq!(handle.token().await.unwrap_err().reason(), "no_session");
    assert_eq!(handle.end().await.unwrap(), Ended::Already);
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn an_issuer_that_cannot_be_told_leaves_the_file_marked_and_ending_it_again_finishes() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let handle = session.clone();
    office.says(503, &[("retry-after", "5")], "");
    let error = session.end().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transient);
    // Nobody hands it out any more, in this process or another.
    assert_eq!(handle.token().await.unwrap_err().reason(), "session_ending");
    assert_eq!(handle.standing().state, Phase::Ending);
    let opened = office.opened(&scratch.file());
    assert_eq!(opened.token().await.unwrap_err().reason(), "session_ending");
    let again = office.begins(&scratch, Replace::No).await;
    assert_eq!(again.unwrap_err().reason(), "session_exists");
    office.behaves(Manner::Proper);
    assert_eq!(opened.end().await.unwrap(), Ended::Revoked);
    assert_eq!(office.asked().last().unwrap().get("token"), "refresh-0-0");
    assert!(!scratch.file().exists());
}

#[tokio::test]
async fn without_a_refresh_token_the_access_token_is_revoked() {
    let office = Office::start().await;
    office.gives_no_refresh_tokens();
    let session = office.session();
    session.token().await.unwrap();
    assert_eq!(session.end().await.unwrap(), Ended::Revoked);
    assert_eq!(office.asked()[1].get("token"), "token-1");
}

#[tokio::test]
async fn what_never_began_or_is_over_needs_nobody() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    assert_eq!(office.session().end().await.unwrap(), Ended::Already);
    let session = office.session_in(&scratch.file()).await;
    office.ends_everything();
    office.pass(900);
    session.token().await.unwrap_err();
    let asked = office.asked().len();
    assert_eq!(session.end().await.unwrap(), Ended::Already);
    assert!(!scratch.file().exists());
    assert_eq!(office.asked().len(), asked);
}

#[tokio::test]
async fn an_end_waits_for_a_renewal_that_is_under_way() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.pass(240);
    office.hold();
    assert_eq!(text(&session).await, "token-1");
    office.wait_for(2).await;
    let ending = tokio::spawn(office.opened(&scratch.file()).end());
    office.release();
    assert_eq!(ending.await.unwrap().unwrap(), Ended::Revoked);
    assert_eq!(office.asked()[2].get("token"), "refresh-0-1", "the newest");
}
