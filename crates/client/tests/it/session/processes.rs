//! Processes that share a file. Two handles that were opened apart share nothing else.

use super::{after, text};
use crate::office::{Manner, Office, Scratch};
use chancery_client::{ErrorKind, Phase, Replace, Session};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_10_processes_that_want_a_token_at_once_ask_once() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    let processes: Vec<Session> = (0..8).map(|_| office.opened(&scratch.file())).collect();
    for round in 2..5 {
        office.pass(900);
        let tasks: Vec<_> = processes
            .iter()
            .map(|session| {
                let session = session.clone();
                tokio::spawn(async move { session.token().await })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap().expose(), format!("token-{round}"));
        }
        assert_eq!(office.asked().len(), round);
    }
}

#[tokio::test]
async fn r_2_10_the_file_is_read_again_before_anybody_is_asked() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let first = office.session_in(&scratch.file()).await;
    let second = office.opened(&scratch.file());
    office.pass(900);
    assert_eq!((text(&first).await, text(&second).await), ("token-2".to_owned(), "token-2".to_owned()));
    // What it refreshes with is what the file holds, not what it remembers.
    office.pass(900);
    assert_eq!(text(&second).await, "token-3");
    assert_eq!(office.asked()[2].get("refresh_token"), "refresh-0-1");
    assert_eq!(text(&first).await, "token-3");
    assert_eq!((office.asked().len(), first.standing().renewals), (3, 2));
}

#[tokio::test]
async fn a_process_that_is_ahead_renews_for_all() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let sessions = [office.session_in(&scratch.file()).await, office.opened(&scratch.file())];
    for _ in 0..20 {
        office.pass(240);
        for session in &sessions {
            let old = text(session).await;
            after(session, &old).await;
        }
    }
    assert_eq!(office.asked().len(), 21);
}

#[tokio::test]
async fn a_refused_token_is_not_taken_over_again_and_a_newer_one_is() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let first = office.session_in(&scratch.file()).await;
    let second = office.opened(&scratch.file());
    let refused = first.token().await.unwrap();
    first.forget(&refused);
    assert_eq!(text(&first).await, "token-2");
    second.forget(&second.token().await.unwrap());
    assert_eq!(text(&second).await, "token-2", "somebody has renewed it by then");
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn what_the_issuer_wishes_holds_for_every_process_of_a_file() {
    for status in [429, 503] {
        let (office, scratch) = (Office::start().await, Scratch::new());
        let first = office.session_in(&scratch.file()).await;
        office.says(status, &[("retry-after", "60")], "");
        office.pass(900);
        first.token().await.unwrap_err();
        for _ in 0..5 {
            // As a program that is started, asks and ends.
            let error = office.opened(&scratch.file()).token().await.unwrap_err();
            assert_eq!((error.kind(), error.reason()), (ErrorKind::Transient, "issuer_unavailable"));
            assert!(error.retry_after().unwrap() > Duration::from_secs(30), "{error}");
            office.pass(5);
        }
        assert_eq!(office.asked().len(), 2);
        office.behaves(Manner::Proper);
        office.pass(51);
        assert_eq!(text(&office.opened(&scratch.file())).await, "token-2");
        assert_eq!(text(&first).await, "token-2");
        assert_eq!(first.standing().trouble, None);
    }
}

#[tokio::test]
async fn what_the_issuer_wishes_holds_on_though_another_process_takes_a_token_over() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let first = office.session_in(&scratch.file()).await;
    let second = office.opened(&scratch.file());
    office.pass(300);
    assert_eq!(first.token_for(Duration::from_secs(700)).await.unwrap().expose(), "token-2");
    office.says(429, &[("retry-after", "60")], "");
    first.forget(&first.token().await.unwrap());
    assert_eq!(text(&first).await, "token-2", "there is no other");
    assert_eq!(office.asked().len(), 3);
    assert_eq!(after(&second, "token-1").await, "token-2");
    let third = office.opened(&scratch.file());
    third.forget(&third.token().await.unwrap());
    assert_eq!(text(&third).await, "token-2");
    assert_eq!(office.asked().len(), 3);
}

#[tokio::test]
async fn a_program_that_is_started_again_and_again_asks_seldom_while_it_gets_nothing() {
    for (status, body) in
        [(429, ""), (503, ""), (401, r#"{"error":"invalid_client"}"#), (200, "<html>log in</html>")]
    {
        let (office, scratch) = (Office::start().await, Scratch::new());
        office.session_in(&scratch.file()).await;
        office.pass(900);
        office.says(status, &[], body);
        let mut reasons = BTreeSet::new();
        for _ in 0..20 {
            for _ in 0..3 {
                let error = office.opened(&scratch.file()).token().await.unwrap_err();
                reasons.insert((error.reason().to_owned(), error.kind() == ErrorKind::Transient));
            }
            office.pass(1);
        }
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        // At once, and after 1, 3, 7 and 15 seconds.
        assert_eq!(office.asked().len(), 1 + 5, "{status} {body}");
        office.behaves(Manner::Proper);
        office.pass(10);
        assert_eq!(text(&office.opened(&scratch.file())).await, "token-2");
    }
}

#[tokio::test]
async fn a_session_that_takes_the_place_of_one_that_was_told_to_wait_does_not_wait() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let first = office.session_in(&scratch.file()).await;
    office.says(429, &[("retry-after", "3600")], "");
    office.pass(900);
    first.token().await.unwrap_err();
    office.behaves(Manner::Proper);
    office.begins(&scratch, Replace::Yes).await.unwrap();
    office.pass(900);
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-3");
    assert_eq!(text(&first).await, "token-3");
}

#[tokio::test]
async fn who_has_a_pause_takes_over_what_another_process_gets() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let first = office.session_in(&scratch.file()).await;
    office.says(401, &[], r#"{"error":"invalid_client"}"#);
    office.pass(900);
    assert_eq!(first.token().await.unwrap_err().kind(), ErrorKind::Permanent);
    office.behaves(Manner::Proper);
    // A refusal is for who was refused, but for a second: somebody may have put it right.
    office.pass(1);
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-2");
    assert_eq!(text(&first).await, "token-2");
    assert_eq!(first.standing().trouble, None);
}

#[tokio::test]
async fn a_file_that_somebody_wrote_ends_a_pause_once() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let first = office.session_in(&scratch.file()).await;
    let second = office.opened(&scratch.file());
    office.pass(900);
    assert_eq!(text(&second).await, "token-2");
    office.pass(900);
    office.says(401, &[], r#"{"error":"invalid_client"}"#);
    for _ in 0..10 {
        assert_eq!(first.token().await.unwrap_err().kind(), ErrorKind::Permanent);
    }
    assert_eq!(office.asked().len(), 3);
    assert_eq!(office.asked()[2].get("refresh_token"), "refresh-0-1", "what the file holds by now");
}

#[tokio::test]
async fn whoever_logs_out_and_in_again_is_followed_by_processes_that_run() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let running = office.session_in(&scratch.file()).await;
    office.opened(&scratch.file()).end().await.unwrap();
    assert_eq!(text(&running).await, "token-1", "it has not heard of it");
    running.forget(&running.token().await.unwrap());
    for _ in 0..3 {
        assert_eq!(running.token().await.unwrap_err().reason(), "no_session");
    }
    assert_eq!(running.standing().state, Phase::Gone);
    let again = office.begins(&scratch, Replace::No).await.unwrap();
    assert_eq!(text(&running).await, text(&again).await);
}

#[tokio::test]
async fn whoever_was_revoked_goes_on_when_another_session_is_begun() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let running = office.session_in(&scratch.file()).await;
    office.ends_everything();
    office.pass(900);
    assert_eq!(running.token().await.unwrap_err().reason(), "session_revoked");
    // A session that is over is in nobody's way.
    office.begins(&scratch, Replace::No).await.unwrap();
    assert_eq!(text(&running).await, "token-2");
}

#[tokio::test]
async fn a_file_that_was_damaged_meanwhile_is_left_alone_and_the_token_serves_on() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let good = scratch.content();
    std::fs::write(scratch.file(), "{").unwrap();
    office.pass(880);
    assert_eq!(text(&session).await, "token-1");
    office.pass(20);
    let error = session.token().await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "session_file_corrupt"));
    assert_eq!((scratch.content().as_str(), office.asked().len()), ("{", 1));
    std::fs::write(scratch.file(), good).unwrap();
    assert_eq!(text(&session).await, "token-2");
}

#[tokio::test]
async fn a_session_whose_lock_cannot_be_had_is_renewed_for_this_process_and_ended() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    // There is room for this name, and none for that of its lock.
    let long = scratch.other(&format!("{}.json", "a".repeat(248)));
    std::fs::copy(scratch.file(), &long).unwrap();
    let before = std::fs::read_to_string(&long).unwrap();
    let session = office.opened(&long);
    for expected in ["token-2", "token-3"] {
        office.pass(900);
        assert_eq!(text(&session).await, expected);
        assert_eq!(session.standing().unsaved.as_deref(), Some("session_file_unwritable"));
    }
    assert_eq!(std::fs::read_to_string(&long).unwrap(), before);
    let handle = session.clone();
    office.says(503, &[], "");
    let error = session.end().await.unwrap_err();
    assert_eq!(error.reason(), "issuer_unavailable", "what the issuer said, not the file");
    assert_eq!(handle.token().await.unwrap_err().reason(), "session_ending");
    office.behaves(Manner::Proper);
    let error = handle.clone().end().await.unwrap_err();
    assert_eq!(error.reason(), "session_file_unwritable", "the issuer was told");
    assert_eq!(office.asked().last().unwrap().path, "revoke");
    assert_eq!(handle.token().await.unwrap_err().reason(), "no_session");
    office.pass(900);
    assert_eq!(office.opened(&long).token().await.unwrap_err().reason(), "session_revoked");
}
