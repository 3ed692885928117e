//! What is done about a request that failed.

use super::*;
use crate::session::FileFault;

/// Those after which a client begins anew by itself, if it can.
const PASSED: [&str; 4] = [
    "refresh_token_epoch_revoked",
    "refresh_token_expired",
    "refresh_token_replayed",
    "refresh_token_unknown",
];
/// Those that say that something else was sent than the session's token.
const MIXED_UP: [&str; 5] = [
    "refresh_token_checksum",
    "refresh_token_malformed",
    "refresh_token_other_client",
    "refresh_token_other_environment",
    "refresh_token_other_key",
];

#[test]
fn r_2_10_nothing_but_invalid_grant_ends_a_session() {
    let other = |error: &str| RequestError::BadAnswer { endpoint: "e".to_owned(), why: error.to_owned() };
    let mut errors = vec![
        other("no JSON"),
        RequestError::OtherIssuer { asked: "a".to_owned(), found: "b".to_owned() },
        RequestError::Unreachable { endpoint: "e".to_owned(), why: "timed out".to_owned() },
        // Not as RFC 6749 section 5.2 has it: somebody between says it.
        refused(403, "invalid_grant", Some("refresh_token_ended")),
        refused(401, "invalid_grant", None),
    ];
    errors.extend([429, 500, 502, 503, 504].map(|status| unavailable(status, None)));
    for error in [
        "invalid_request",
        "invalid_client",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
        "invalid_dpop_proof",
        "use_dpop_nonce",
        "temporarily_unavailable",
        "server_error",
        "access_denied",
        "refresh_not_granted",
        "Invalid_Grant",
    ] {
        for status in [400, 401, 403] {
            errors.push(refused(status, error, None));
            errors.push(refused(status, error, Some("refresh_token_expired")));
        }
    }
    for error in errors {
        for can_begin in [true, false] {
            assert_eq!(verdict(&error, can_begin), Verdict::Keep, "{error}");
        }
    }
}

#[test]
fn a_client_whose_token_counts_no_more_begins_anew_if_it_can() {
    for reason in PASSED {
        let error = refused(400, "invalid_grant", Some(reason));
        assert_eq!(verdict(&error, true), Verdict::BeginAnew, "{reason}");
        assert_eq!(verdict(&error, false), Verdict::Over, "{reason}");
    }
}

#[test]
fn a_client_that_refreshes_no_more_goes_on_by_its_credentials_if_it_can() {
    let error = refused(400, "unauthorized_client", Some("refresh_not_granted"));
    assert_eq!((verdict(&error, true), verdict(&error, false)), (Verdict::ByCredentials, Verdict::Keep));
    for reason in [Some("too_many_families"), Some("grant_not_allowed"), None] {
        assert_eq!(verdict(&refused(400, "unauthorized_client", reason), true), Verdict::Keep);
    }
}

#[test]
fn a_session_that_somebody_ended_is_over() {
    for reason in [Some("refresh_token_ended"), Some("something_new"), None] {
        let error = refused(400, "invalid_grant", reason);
        assert_eq!(
            (verdict(&error, true), verdict(&error, false)),
            (Verdict::Over, Verdict::Over),
            "{reason:?}"
        );
    }
}

#[test]
fn a_token_that_was_mixed_up_throws_nothing_away() {
    for reason in MIXED_UP {
        let error = refused(400, "invalid_grant", Some(reason));
        assert_eq!(
            (verdict(&error, true), verdict(&error, false)),
            (Verdict::Keep, Verdict::Keep),
            "{reason}"
        );
    }
}

fn pauses(error: &SessionError, left: Option<Duration>) -> Vec<u64> {
    (1..=9).map(|failures| pause_after(error, failures, left, 0).as_secs()).collect()
}

#[test]
fn pauses_double_to_a_minute_and_to_ten_where_a_person_is_needed() {
    assert_eq!(pauses(&away(), None), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    let refusal = refused(401, "invalid_client", None).into();
    assert_eq!(pauses(&refusal, None), [60, 120, 240, 480, 600, 600, 600, 600, 600]);
    assert_eq!(pause_after(&away(), u32::MAX, None, 0), secs(60));
}

#[test]
fn a_fault_of_the_file_costs_nobody_else_and_is_looked_at_soon() {
    let fault = FileFault::DiskFull { path: "session.json".into() };
    assert_eq!(pauses(&fault.into(), None), [1; 9]);
}

#[test]
fn the_issuer_says_how_long_to_wait_and_not_all_come_back_at_once() {
    let pause = |status, wish, left: Option<u64>, chance| {
        pause_after(&unavailable(status, Some(wish)).into(), 1, left.map(secs), chance)
    };
    for status in [429, 503] {
        assert_eq!((pause(status, 0, None, 0), pause(status, 7, Some(10), 0)), (secs(1), secs(7)));
        assert_eq!(pause(status, 60, Some(660), 255), secs(75));
    }
    assert_eq!(pause(503, 3600, Some(7200), 0), secs(3600));
    assert_eq!(
        pause(503, 3600, Some(660), 0),
        secs(660),
        "then the token is over, and one question harms nobody"
    );
    assert_eq!((pause(503, 3600, Some(5), 0), pause(503, 3600, None, 0)), (secs(5), secs(120)));
    assert_eq!(pause(429, 3600, Some(5), 0), secs(3600), "who asks too often waits");
    assert_eq!((pause(429, 60, Some(61), 255), pause(429, 60, Some(5), 255)), (secs(61), secs(60)));
}

#[test]
fn a_page_in_the_place_of_the_issuer_is_an_outage_and_a_wrong_clock_may_be_right_in_a_minute() {
    let page = RequestError::BadAnswer { endpoint: "e".to_owned(), why: "w".to_owned() }.into();
    assert_eq!(pauses(&page, None), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    let clock = refused(400, "invalid_dpop_proof", Some("dpop_proof_too_old")).into();
    assert_eq!(pauses(&clock, None), [60; 9]);
}

#[test]
fn no_pause_of_our_own_goes_past_half_of_what_is_left_of_the_token() {
    assert_eq!(pause_after(&away(), 9, Some(secs(40)), 0), secs(20));
    assert_eq!(pause_after(&away(), 9, Some(secs(1)), 0), secs(1));
    assert_eq!(pause_after(&away(), 9, Some(Duration::ZERO), 0), secs(60), "there is nothing left to save");
    let refusal = refused(401, "invalid_client", None).into();
    assert_eq!(pause_after(&refusal, 5, Some(secs(300)), 0), secs(150));
    assert_eq!(pause_after(&refusal, 5, Some(secs(20)), 0), secs(15), "a refusal is hurried less");
}

#[test]
fn not_everybody_comes_back_at_once() {
    let pause = |chance| pause_after(&away(), 7, None, chance);
    assert_eq!((pause(0), pause(255)), (secs(60), secs(45)));
    assert!((0..255).all(|chance| pause(chance) >= pause(chance + 1)));
}

#[test]
fn failures_are_counted_until_one_succeeds() {
    let mut course = Course::Clear;
    for expected in 1..5 {
        course = course.failed(away(), secs(10), |_, failures| secs(failures.into()));
        let Course::Paused(pause) = &course else { panic!("it failed") };
        assert_eq!((pause.failures, pause.until), (expected, secs(10 + u64::from(expected))));
    }
    let again = over().failed(away(), secs(10), |_, failures| secs(failures.into()));
    assert!(matches!(again, Course::Paused(pause) if pause.failures == 1));
}

#[test]
fn who_comes_in_the_middle_of_a_pause_is_told_what_is_left_of_it() {
    let course = Course::Clear.failed(unavailable(503, Some(60)).into(), secs(100), |_, _| secs(60));
    let wait = |now| course.error(secs(now)).unwrap().retry_after();
    assert_eq!((wait(100), wait(130), wait(160)), (Some(secs(60)), Some(secs(30)), Some(secs(1))));
    assert!(Course::Clear.error(secs(0)).is_none());
}
