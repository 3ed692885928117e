//! Clocks that jump.

use super::{after, text};
use crate::office::{Office, START, Scratch};
use chancery_client::Phase;
use chancery_verifier::clock::Clock as _;
use std::time::Duration;

#[tokio::test]
async fn a_clock_that_jumps_forward_renews() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.clock().jump(START.plus(Duration::from_hours(5)));
    assert_eq!(text(&session).await, "token-2");
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-2");
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn a_clock_that_jumps_back_renews_and_no_token_is_trusted_for_longer_than_it_was_given() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.says(503, &[], "");
    office.clock().jump(START.minus(Duration::from_hours(5)));
    assert_eq!(text(&session).await, "token-1", "it is from the future, and there is no other");
    office.wait_for(2).await;
    let Phase::Live { renews_at, .. } = session.standing().state else { panic!("it lives") };
    assert_eq!(renews_at, office.clock().now());
    assert_eq!(session.token().await.unwrap().ttl(office.clock().now()), Duration::from_mins(15));
    office.pass(899);
    assert_eq!(text(&session).await, "token-1");
    office.pass(1);
    session.token().await.unwrap_err();
    office.behaves(crate::office::Manner::Proper);
    office.pass(60);
    assert_eq!(text(&session).await, "token-2");
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-2");
}

#[tokio::test]
async fn a_token_in_a_file_from_the_future_is_renewed_at_once() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    office.clock().jump(START.minus(Duration::from_hours(5)));
    let opened = office.opened(&scratch.file());
    let first = text(&opened).await;
    assert_eq!(first, "token-1", "handed out while it is renewed");
    after(&opened, &first).await;
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn a_pause_goes_by_the_clock_that_does_not_jump() {
    let office = Office::start().await;
    office.says(503, &[("retry-after", "60")], "");
    let session = office.session();
    session.token().await.unwrap_err();
    office.behaves(crate::office::Manner::Proper);
    office.clock().jump(START.plus(Duration::from_hours(5)));
    session.token().await.unwrap_err();
    assert_eq!(office.asked().len(), 1);
    office.pass(76);
    session.token().await.unwrap();
}
