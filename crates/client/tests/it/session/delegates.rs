//! A part of a session, for somebody else.

use super::text;
use crate::office::{Manner, Office, SECRET, Scratch};
use chancery_client::{Binding, Credentials, Delegation, Phase, Place, Secret, SessionError};
use chancery_token::scope;
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn a_part_is_asked_for_with_the_token_and_goes_on_by_itself() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session();
    let part = Delegation {
        scopes: BTreeSet::from([scope!("documents:read")]),
        ttl: Some(Duration::from_hours(1)),
        ..Delegation::default()
    };
    let child = session.delegate(part, Place::File(&scratch.file())).await.unwrap();
    let asked = &office.asked()[1];
    assert_eq!(asked.grant(), "token-exchange");
    assert_eq!(asked.get("subject_token"), "token-1");
    assert_eq!(asked.get("scope"), "documents:read");
    assert_eq!((asked.get("delegate"), asked.get("delegate_expires_in")), ("true", "3600"));
    assert_eq!(text(&child).await, "token-2");
    office.pass(900);
    assert_eq!(text(&child).await, "token-3");
    assert_eq!(office.asked()[2].get("refresh_token"), "refresh-1-0");
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-3");
    let standing = child.standing();
    assert!(standing.delegated && standing.binding == Binding::Dpop);
    assert_eq!(standing.scopes, BTreeSet::from([scope!("documents:read")]));
}

#[tokio::test]
async fn a_part_for_another_client_is_asked_for_and_refreshed_by_that_client() {
    let office = Office::start().await;
    let other = Credentials::Secret(Secret::new("chs_test_another"));
    let part = Delegation { to: Some(("printer".parse().unwrap(), other)), ..Delegation::default() };
    let child = office.session().delegate(part, Place::Memory).await.unwrap();
    office.pass(900);
    child.token().await.unwrap();
    // base64 of "printer:chs_test_another"
    let basic = Some("Basic cHJpbnRlcjpjaHNfdGVzdF9hbm90aGVy");
    let by = |number: usize| office.asked()[number].authorization.clone();
    assert_eq!((by(1).as_deref(), by(2).as_deref()), (basic, basic));
    assert_ne!(by(0).as_deref(), basic);
    assert!(!format!("{:?}", child.standing()).contains(SECRET));
}

#[tokio::test]
async fn a_token_that_is_exchanged_too_late_is_renewed_and_exchanged_once_more() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    for reason in ["subject_token_expired", "subject_token_refused"] {
        let before = office.asked().len();
        office.says(400, &[], &format!(r#"{{"error":"invalid_request","reason":"{reason}"}}"#));
        let error = session.delegate(Delegation::default(), Place::Memory).await.unwrap_err();
        assert_eq!(error.reason(), reason);
        let asked = office.grants_asked().split_off(before);
        assert_eq!(asked, ["token-exchange", "refresh_token", "token-exchange"]);
        office.behaves(Manner::Proper);
        office.pass(900);
        session.token().await.unwrap();
    }
    session.delegate(Delegation::default(), Place::Memory).await.unwrap();
}

#[tokio::test]
async fn a_part_that_could_not_go_on_is_not_taken() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.gives_no_refresh_tokens();
    let error = session.delegate(Delegation::default(), Place::Memory).await.unwrap_err();
    assert_eq!(error.reason(), "bad_answer");
}

#[tokio::test]
async fn a_part_that_would_not_end_when_it_was_to_is_ended_at_once() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    for (ends, expires_in) in
        [(r#""refresh_expires_in":1209600,"#, 60), ("", 60), (r#""refresh_expires_in":60,"#, 900)]
    {
        let words = format!(
            r#"{{"access_token":"token-#","token_type":"DPoP","expires_in":{expires_in},{ends}"refresh_token":"refresh-1-0"}}"#
        );
        office.behaves(Manner::Words(words));
        let brief = Delegation { ttl: Some(Duration::from_mins(1)), ..Delegation::default() };
        let error = session.delegate(brief, Place::Memory).await.unwrap_err();
        assert_eq!(error.reason(), "bad_answer");
        let last = office.asked().pop().unwrap();
        assert_eq!((last.path, last.get("token")), ("revoke", "refresh-1-0"));
    }
}

#[tokio::test]
async fn a_part_is_put_over_no_session_that_lives_not_even_its_own() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let error = session.delegate(Delegation::default(), Place::File(&scratch.file())).await.unwrap_err();
    assert!(matches!(&error, SessionError::Exists { file } if *file == scratch.file()), "{error}");
    assert_eq!(office.asked().len(), 1);
}

#[tokio::test]
async fn a_part_is_ended_by_itself() {
    let office = Office::start().await;
    let session = office.session();
    let child = session.delegate(Delegation::default(), Place::Memory).await.unwrap();
    let handle = child.clone();
    child.end().await.unwrap();
    assert_eq!(office.asked()[2].get("token"), "refresh-1-0");
    assert_eq!(handle.token().await.unwrap_err().reason(), "no_session");
    assert_eq!(handle.standing().state, Phase::Gone);
    office.pass(900);
    session.token().await.unwrap();
}
