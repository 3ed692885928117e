//! When a token is renewed, and how often.

use super::{after, text};
use crate::office::{Manner, Office, Scratch, until};
use chancery_client::{ErrorKind, Phase};
use std::time::Duration;

const MINUTES_10: Duration = Duration::from_mins(10);

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end_and_handed_out_meanwhile() {
    let office = Office::start().await;
    let session = office.session();
    assert_eq!(text(&session).await, "token-1");
    office.pass(239);
    assert_eq!(text(&session).await, "token-1");
    assert_eq!(office.asked().len(), 1);
    office.pass(1);
    office.hold();
    for _ in 0..20 {
        assert_eq!(text(&session).await, "token-1");
    }
    office.wait_for(2).await;
    office.release();
    assert_eq!(after(&session, "token-1").await, "token-2");
    assert_eq!(office.grants_asked(), ["client_credentials", "refresh_token"]);
    assert_eq!(office.asked()[1].get("refresh_token"), "refresh-0-0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_10_sixty_four_tasks_that_want_a_token_at_once_ask_once() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.pass(900);
    office.hold();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.token().await })
        })
        .collect();
    office.wait_for(2).await;
    office.release();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().expose(), "token-2");
    }
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn with_too_little_left_callers_wait_for_the_next_one() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.pass(869);
    assert_eq!(text(&session).await, "token-1");
    session.settled().await;
    assert_eq!(text(&session).await, "token-2", "which was begun then");
    office.pass(870);
    assert_eq!(text(&session).await, "token-3");
}

#[tokio::test]
async fn an_issuer_that_takes_its_time_does_not_outlast_the_token_that_is_there() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.pass(898);
    office.hold();
    assert_eq!(text(&session).await, "token-1", "after a second");
    office.release();
    session.settled().await;
    assert_eq!(text(&session).await, "token-2");
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_a_renewal() {
    let office = Office::start().await;
    let session = office.session();
    office.hold();
    let gone = tokio::spawn({
        let session = session.clone();
        async move { session.token().await }
    });
    office.wait_for(1).await;
    gone.abort();
    office.release();
    assert_eq!(text(&session).await, "token-1");
    assert_eq!(office.asked().len(), 1);
}

#[test]
fn a_renewal_whose_runtime_is_gone_is_made_by_the_next_caller() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let of_the_office =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let office = of_the_office.block_on(Office::start());
    let session = office.session();
    office.hold();
    let first = runtime();
    first.block_on(async {
        let waiting = tokio::spawn({
            let session = session.clone();
            async move { session.token().await }
        });
        office.wait_for(1).await;
        waiting.abort();
    });
    drop(first);
    office.release();
    // Whether the office still answers the first is its own affair.
    assert!(runtime().block_on(text(&session)).starts_with("token-"));
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn a_handle_that_wishes_more_waits_and_takes_less_where_more_is_not_to_be_had() {
    let office = Office::start().await;
    let session = office.session();
    let wishing = session.clone().min_ttl(MINUTES_10);
    assert_eq!(text(&wishing).await, "token-1");
    office.pass(239);
    assert_eq!(text(&wishing).await, "token-1");
    office.pass(61);
    assert_eq!(text(&wishing).await, "token-2");
    office.says(503, &[], "");
    office.pass(301);
    assert_eq!(text(&wishing).await, "token-2", "better nine minutes than none");
}

#[tokio::test]
async fn a_call_that_demands_more_gets_it_or_an_error() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.pass(301);
    assert_eq!(session.token_for(MINUTES_10).await.unwrap().expose(), "token-2");
    assert_eq!(session.token_for(MINUTES_10).await.unwrap().expose(), "token-2");
    office.says(503, &[], "");
    office.pass(301);
    let error = session.token_for(MINUTES_10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transient);
    assert_eq!(text(&session).await, "token-2");
}

#[tokio::test]
async fn a_token_that_never_lives_as_long_as_is_demanded_comes_fresh() {
    let office = Office::start().await;
    office.grants(320);
    let session = office.session();
    assert_eq!(session.token_for(MINUTES_10).await.unwrap().expose(), "token-1");
    assert_eq!(session.token_for(MINUTES_10).await.unwrap().expose(), "token-1", "this one is fresh enough");
    office.pass(40);
    assert_eq!(session.token_for(MINUTES_10).await.unwrap().expose(), "token-2");
}

#[tokio::test]
async fn whoever_demands_more_than_a_renewal_under_way_is_for_gets_more_after_it() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.pass(900);
    let other = office.opened(&scratch.file());
    other.token().await.unwrap();
    office.pass(200);
    // The first would take over what the other has; that is not enough for the second.
    let (usual, demanding) = tokio::join!(session.token(), session.token_for(Duration::from_secs(850)));
    assert_eq!((usual.unwrap().expose(), demanding.unwrap().expose()), ("token-2", "token-3"));
}

#[tokio::test]
async fn a_token_that_a_service_refused_is_renewed_once() {
    let office = Office::start().await;
    let session = office.session();
    let refused = session.token().await.unwrap();
    session.forget(&refused);
    assert_eq!(text(&session).await, "token-2");
    // Another caller comes late with the same complaint.
    session.forget(&refused);
    assert_eq!(text(&session).await, "token-2");
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn a_token_that_one_service_refused_is_better_than_none() {
    let office = Office::start().await;
    let session = office.session();
    session.forget(&session.token().await.unwrap());
    office.says(429, &[("retry-after", "60")], "");
    assert_eq!(text(&session).await, "token-1", "another service may like it");
    assert_eq!(text(&session).await, "token-1");
    assert_eq!(office.asked().len(), 2);
}

#[tokio::test]
async fn without_refresh_tokens_the_same_path_goes_by_the_credentials() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.gives_no_refresh_tokens();
    let session = office.session_in(&scratch.file()).await;
    for expected in ["token-2", "token-3"] {
        office.pass(900);
        assert_eq!(text(&session).await, expected);
    }
    assert_eq!(office.grants_asked(), ["client_credentials"; 3]);
    assert_eq!(session.standing().begun_anew, 0);
}

#[tokio::test]
async fn an_answer_without_another_refresh_token_leaves_the_old_one_good() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.gives_no_refresh_tokens();
    for _ in 0..3 {
        office.pass(900);
        session.token().await.unwrap();
    }
    assert!(office.asked()[1..].iter().all(|asked| asked.get("refresh_token") == "refresh-0-0"));
}

#[tokio::test]
async fn services_that_take_no_token_at_all_cost_one_renewal_and_not_one_for_each_request() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let sessions = [office.session_in(&scratch.file()).await, office.opened(&scratch.file())];
    for _ in 0..50 {
        for session in &sessions {
            let token = session.token().await.unwrap();
            session.forget(&token);
        }
    }
    assert_eq!(office.asked().len(), 2);
    // Later it may be worth another attempt, for all of them.
    office.pass(30);
    for session in &sessions {
        session.forget(&session.token().await.unwrap());
        session.token().await.unwrap();
    }
    assert_eq!(office.asked().len(), 3);
}

#[tokio::test]
async fn a_token_that_comes_dead_is_no_answer_and_is_not_asked_for_with_each_call() {
    let office = Office::start().await;
    office.grants(0);
    let session = office.session();
    for _ in 0..10 {
        assert_eq!(session.token().await.unwrap_err().reason(), "bad_answer");
    }
    assert_eq!(office.asked().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_over_when_it_comes_is_asked_for_once_more_and_not_for_ever() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.pass(900);
    office.behaves(Manner::IsLate);
    for _ in 0..10 {
        let call = tokio::time::timeout(Duration::from_mins(1), session.token());
        let error = call.await.expect("a call that does not end").unwrap_err();
        assert_eq!(error.reason(), "bad_answer");
    }
    assert_eq!(office.asked().len(), 3);
    assert_eq!(session.standing().trouble.unwrap().reason, "bad_answer");
    office.behaves(Manner::Proper);
    office.pass(1);
    assert_eq!(text(&session).await, "token-4");
    // This machine sleeps for once, while it waits for the answer.
    office.pass(900);
    office.grants(60);
    office.hold();
    let calling = tokio::spawn(async move { session.token().await });
    office.wait_for(5).await;
    office.pass(60);
    office.release();
    assert_eq!(calling.await.unwrap().unwrap().expose(), "token-6");
}

#[tokio::test]
async fn tokens_of_a_minute_are_renewed_ahead_too() {
    let office = Office::start().await;
    office.grants(60);
    let session = office.session();
    session.token().await.unwrap();
    office.pass(30);
    office.hold();
    assert_eq!(text(&session).await, "token-1", "nobody waits");
    office.wait_for(2).await;
    office.release();
    assert_eq!(after(&session, "token-1").await, "token-2");
}

#[tokio::test]
async fn a_session_that_is_kept_fresh_needs_nobody_who_calls() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let keeper = tokio::spawn({
        let session = session.clone();
        async move { session.keep_fresh().await }
    });
    for forms in 2..4 {
        office.pass(240);
        office.wait_for(forms).await;
    }
    office.opened(&scratch.file()).end().await.unwrap();
    until("the end", async || session.standing().state == Phase::Gone).await;
    keeper.abort();
}

#[test]
fn a_renewal_ahead_whose_runtime_is_gone_is_made_by_the_next_caller() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let of_the_office =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let office = of_the_office.block_on(Office::start());
    let session = office.session();
    assert_eq!(runtime().block_on(text(&session)), "token-1");
    office.pass(240);
    // It is begun, and its runtime is dropped before anybody has looked at it.
    assert_eq!(runtime().block_on(text(&session)), "token-1");
    runtime().block_on(async {
        assert_eq!(text(&session).await, "token-1");
        session.settled().await;
        assert_ne!(text(&session).await, "token-1");
    });
}
