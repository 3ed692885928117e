//! An issuer that is away, slow, or talks nonsense for a while.

use super::{after, text};
use crate::office::{Manner, Office, Scratch, until};
use chancery_client::{ErrorKind, Phase, Session};
use chancery_verifier::clock::Clock as _;
use std::time::Duration;

/// Lets everything that was begun come to its end.
async fn settle(office: &Office, session: &Session, forms: usize) {
    office.wait_for(forms).await;
    until("trouble", async || session.standing().trouble.is_some()).await;
}

/// Status, headers and body.
type Said = (u16, &'static [(&'static str, &'static str)], &'static str);

/// What an issuer, or somebody in its place, says while it is away.
const AWAY: [Said; 11] = [
    (200, &[], "<html>log in to this network</html>"),
    (200, &[], "{}"),
    (302, &[("location", "https://portal.example/")], ""),
    (400, &[], "{}"),
    (401, &[], r#"{"error":"invalid_client"}"#),
    (404, &[], ""),
    (429, &[], ""),
    (500, &[], "oops"),
    (502, &[], "<html>bad gateway</html>"),
    (503, &[("retry-after", "7")], ""),
    (504, &[], ""),
];

/// A call, and whatever it began.
async fn call(office: &Office, session: &Session) -> String {
    let (token, now) = (text(session).await, office.clock().now());
    if matches!(session.standing().state, Phase::Live { renews_at, .. } if renews_at <= now) {
        // Joins the renewal that is under way; asks nobody where there is a pause.
        let _ = session.token_for(Duration::from_mins(11)).await;
    }
    token
}

#[tokio::test]
async fn r_11_2_ten_minutes_without_an_issuer_fail_no_call_of_a_client_that_was_running() {
    for (number, (status, headers, body)) in (0..).zip(AWAY) {
        for begins_after in [0, 100, 239, 240 - number] {
            let office = Office::start().await;
            let session = office.session();
            session.token().await.unwrap();
            office.pass(begins_after);
            office.says(status, headers, body);
            for _ in 0..600 {
                office.pass(1);
                assert_eq!(call(&office, &session).await, "token-1");
            }
            let asked = office.asked().len();
            assert!((3..100).contains(&asked), "{status} {body}: asked {asked} times within ten minutes");
            office.behaves(Manner::Proper);
            // Whatever pause it is in, that is over before the token is.
            for _ in begins_after + 600..899 {
                office.pass(1);
                call(&office, &session).await;
                if text(&session).await != "token-1" {
                    break;
                }
            }
            assert_eq!(text(&session).await, "token-2", "{status} {body}, {begins_after}");
        }
    }
}

#[tokio::test]
async fn a_renewal_that_failed_waits_as_long_as_the_issuer_asked() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.says(503, &[("retry-after", "120")], "");
    office.pass(240);
    session.token().await.unwrap();
    settle(&office, &session, 2).await;
    for _ in 0..119 {
        office.pass(1);
        assert_eq!(text(&session).await, "token-1");
    }
    assert_eq!(office.asked().len(), 2);
    office.behaves(Manner::Proper);
    // Not all come back at once.
    office.pass(31);
    assert_eq!(after(&session, "token-1").await, "token-2");
    assert_eq!(session.standing().trouble, None);
}

#[tokio::test]
async fn who_has_no_token_is_told_when_to_come_back_and_nobody_is_asked_before() {
    let office = Office::start().await;
    office.says(503, &[("retry-after", "30")], "");
    let session = office.session();
    let error = session.token().await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Transient, Some(Duration::from_secs(30))));
    office.pass(20);
    for _ in 0..10 {
        let error = session.token().await.unwrap_err();
        let wait = error.retry_after().unwrap().as_secs();
        assert!(error.reason() == "issuer_unavailable" && (10..18).contains(&wait), "{wait}");
    }
    assert_eq!(office.asked().len(), 1);
    office.behaves(Manner::Proper);
    office.pass(18);
    assert_eq!(text(&session).await, "token-1");
}

#[tokio::test]
async fn a_token_that_ends_soon_is_handed_out_when_there_is_no_other() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.says(503, &[], "");
    office.pass(880);
    assert_eq!(text(&session).await, "token-1", "it lives for 20 s");
    office.pass(19);
    assert_eq!(text(&session).await, "token-1");
    office.pass(1);
    assert_eq!(session.token().await.unwrap_err().kind(), ErrorKind::Transient);
    assert!(matches!(session.standing().state, Phase::Live { .. }), "nothing was thrown away");
}

#[tokio::test]
async fn r_2_10_an_answer_that_got_lost_is_asked_for_again_with_the_same_token() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.behaves(Manner::LosesAnswers);
    office.pass(240);
    session.token().await.unwrap();
    settle(&office, &session, 2).await;
    assert_eq!(session.standing().trouble.unwrap().reason, "issuer_unreachable");
    let content = scratch.content();
    assert!(content.contains("refresh-0-0"), "the old token stays: it still works");
    office.behaves(Manner::Proper);
    office.pass(5);
    assert_eq!(after(&session, "token-1").await, "token-3");
    let sent =
        office.asked().iter().skip(1).map(|asked| asked.get("refresh_token").to_owned()).collect::<Vec<_>>();
    assert_eq!(sent, ["refresh-0-0", "refresh-0-0"]);
    assert!(scratch.content().contains("refresh-0-1"), "the successor that was lost came again");
}

#[tokio::test]
async fn an_issuer_that_moved_is_asked_where_it_is_now() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.moves();
    office.pass(900);
    assert_eq!(session.token().await.unwrap_err().reason(), "bad_answer");
    office.pass(60);
    assert_eq!(text(&session).await, "token-2");
    assert_eq!(office.asked()[2].get("refresh_token"), "refresh-0-0");
}

#[tokio::test]
async fn an_issuer_that_nobody_listens_for_is_transient_and_nothing_is_thrown_away() {
    let scratch = Scratch::new();
    let office = Office::start().await;
    office.session_in(&scratch.file()).await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let content = scratch.content().replace(&office.url, &nobody);
    std::fs::write(scratch.file(), &content).unwrap();
    office.pass(900);
    let session = office.opened(&scratch.file());
    let error = session.token().await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Transient, "issuer_unreachable"));
    assert_eq!(scratch.content(), content);
}
