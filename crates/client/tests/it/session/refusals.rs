//! What the issuer says, and what that does to a session.

use super::text;
use crate::office::{Manner, Office, Scratch, until};
use chancery_client::{Delegation, ErrorKind, Phase, Place, SessionError};

/// Everything but `invalid_grant`, as an issuer, a proxy or a captive portal says it.
const HARMLESS: [(u16, &str); 28] = [
    (200, ""),
    (200, "not json"),
    (200, "[]"),
    (200, r#"{"token_type":"DPoP","expires_in":9}"#),
    (200, r#"{"access_token":"t","token_type":"Bearer","expires_in":9}"#),
    (200, r#"{"access_token":"t","token_type":"DPoP"}"#),
    (200, r#"{"access_token":"t","token_type":"DPoP","expires_in":9,"refresh_token":""}"#),
    (200, r#"{"access_token":"t","token_type":"DPoP","expires_in":9,"refresh_token":7}"#),
    (200, r#"{"error":"invalid_grant","reason":"refresh_token_ended"}"#),
    (204, ""),
    (302, ""),
    (400, ""),
    (400, "{}"),
    (400, r#"{"error":"invalid_request"}"#),
    (400, r#"{"error":"invalid_scope","reason":"scopes_refused"}"#),
    (400, r#"{"error":"unauthorized_client","reason":"refresh_not_granted"}"#),
    (400, r#"{"error":"invalid_dpop_proof","reason":"dpop_proof_too_old"}"#),
    (400, r#"{"error":"use_dpop_nonce","reason":"dpop_nonce_missing"}"#),
    (401, r#"{"error":"invalid_client","reason":"client_authentication_failed"}"#),
    (401, r#"{"error":"invalid_grant","reason":"refresh_token_ended"}"#),
    (403, "<html>forbidden</html>"),
    (403, r#"{"error":"access_denied"}"#),
    (404, r#"{"error":"invalid_grant"}"#),
    (410, ""),
    (429, r#"{"error":"temporarily_unavailable","reason":"refreshed_too_often"}"#),
    (500, r#"{"error":"invalid_grant","reason":"refresh_token_ended"}"#),
    (502, "<html>bad gateway</html>"),
    (503, r#"{"error":"temporarily_unavailable"}"#),
];

#[tokio::test]
async fn r_11_2_nothing_but_invalid_grant_throws_a_session_away() {
    for (status, body) in HARMLESS {
        let (office, scratch) = (Office::start().await, Scratch::new());
        let session = office.session_in(&scratch.file()).await;
        let before = scratch.content();
        office.says(status, &[], body);
        office.pass(900);
        let error = session.token().await.unwrap_err();
        let transient = status == 429 || status >= 500;
        let kind = if transient { ErrorKind::Transient } else { ErrorKind::Permanent };
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
        assert!(!matches!(error, SessionError::Revoked { .. }), "{status} {body}: {error}");
        assert_eq!(scratch.content(), before, "{status} {body}");
        let asked = office.asked().len();
        session.token().await.unwrap_err();
        assert_eq!(office.asked().len(), asked, "{status} {body}: no call loops");
        // Whatever it was, it is over, and the session goes on.
        office.behaves(Manner::Proper);
        office.pass(60);
        assert_eq!(text(&session).await, "token-2", "{status} {body}");
        assert_eq!(office.asked().last().unwrap().get("refresh_token"), "refresh-0-0");
    }
}

#[tokio::test]
async fn r_2_10_a_token_that_was_mixed_up_throws_nothing_away() {
    for reason in ["malformed", "checksum", "other_environment", "other_client", "other_key"] {
        let (office, scratch) = (Office::start().await, Scratch::new());
        let session = office.session_in(&scratch.file()).await;
        let before = scratch.content();
        let reason = format!("refresh_token_{reason}");
        office.refuses(&reason);
        office.pass(900);
        let error = session.token().await.unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, &*reason));
        assert_eq!(scratch.content(), before);
        // Nobody is asked in the pause; the right file, put back by somebody, ends it at once.
        session.token().await.unwrap_err();
        assert_eq!(office.asked().len(), 2);
        office.behaves(Manner::Proper);
        std::fs::remove_file(scratch.file()).unwrap();
        std::fs::write(scratch.file(), &before).unwrap();
        make_private(&scratch);
        assert_eq!(text(&session).await, "token-2");
    }
}

fn make_private(scratch: &Scratch) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(scratch.file(), std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_session_that_lay_too_long_begins_anew_by_itself() {
    for reason in ["epoch_revoked", "expired", "replayed", "unknown"] {
        let (office, scratch) = (Office::start().await, Scratch::new());
        let session = office.session_in(&scratch.file()).await;
        office.refuses(&format!("refresh_token_{reason}"));
        office.pass(900);
        let error = session.token().await.unwrap_err();
        assert_eq!(office.grants_asked()[1..], ["refresh_token", "client_credentials"], "{error}");
        assert!(scratch.content().contains("refresh-0-0"), "what is there stays until there is another");
        office.behaves(Manner::Proper);
        office.forgets_everything();
        office.pass(60);
        assert_eq!(text(&session).await, "token-2");
        assert!(scratch.content().contains("refresh-1-0"));
        assert_eq!(session.standing().begun_anew, 1);
    }
}

#[tokio::test]
async fn s7_a_copy_that_lay_for_an_hour_begins_a_session_of_its_own() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let copy = scratch.other("copy.json");
    std::fs::copy(scratch.file(), &copy).unwrap();
    for _ in 0..4 {
        office.pass(900);
        session.token().await.unwrap();
    }
    let copied = office.opened(&copy);
    assert_eq!(text(&copied).await, "token-6");
    assert_eq!(office.grants_asked()[5..], ["refresh_token", "client_credentials"]);
    office.pass(900);
    assert_ne!(text(&session).await, text(&copied).await);
    assert_eq!(session.standing().begun_anew, 0);
}

#[tokio::test]
async fn s7_a_session_that_was_revoked_is_over_and_nobody_is_asked_any_more() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let other = office.opened(&scratch.file());
    office.ends_everything();
    office.pass(240);
    // The renewal that nobody waits for hears of it.
    session.token().await.unwrap();
    until("the end", async || session.token().await.is_err()).await;
    let at = session.standing().state;
    assert!(matches!(&at, Phase::Ended { reason, .. } if reason == "refresh_token_ended"), "{at:?}");
    for _ in 0..100 {
        office.pass(3600);
        let error = session.token().await.unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "session_revoked"));
        assert!(matches!(error, SessionError::Revoked { reason, .. } if reason == "refresh_token_ended"));
    }
    assert_eq!(other.token().await.unwrap_err().reason(), "session_revoked");
    assert_eq!(office.opened(&scratch.file()).token().await.unwrap_err().reason(), "session_revoked");
    assert_eq!(office.asked().len(), 2, "one heard it for all of them");
    let kept = scratch.content();
    assert!(
        !kept.contains("token-1") && !kept.contains("refresh-0-0"),
        "its tokens are kept no more: {kept}"
    );
}

#[tokio::test]
async fn a_client_that_may_refresh_no_more_goes_on_by_its_credentials() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    office.refreshes_no_more();
    for expected in ["token-2", "token-3"] {
        office.pass(900);
        assert_eq!(text(&session).await, expected);
    }
    assert_eq!(office.grants_asked()[1..], ["refresh_token", "client_credentials", "client_credentials"]);
    assert_eq!(session.standing().begun_anew, 0, "nothing was lost");
}

#[tokio::test]
async fn a_refusal_without_a_reason_ends_a_session() {
    let office = Office::start().await;
    let session = office.session();
    session.token().await.unwrap();
    office.says(400, &[], r#"{"error":"invalid_grant"}"#);
    office.pass(900);
    let error = session.token().await.unwrap_err();
    assert!(matches!(&error, SessionError::Revoked { reason, .. } if reason == "invalid_grant"), "{error}");
}

#[tokio::test]
async fn a_part_that_was_handed_on_cannot_begin_anew() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session();
    let child = session.delegate(Delegation::default(), Place::File(&scratch.file())).await.unwrap();
    office.forgets_everything();
    office.pass(900);
    let error = child.token().await.unwrap_err();
    assert!(
        matches!(&error, SessionError::Revoked { reason, .. } if reason == "refresh_token_expired"),
        "{error}"
    );
    assert_eq!(office.opened(&scratch.file()).token().await.unwrap_err().reason(), "session_revoked");
    assert_eq!(office.grants_asked(), ["client_credentials", "token-exchange", "refresh_token"]);
}

#[tokio::test]
async fn an_issuer_that_changed_its_name_gets_no_credential() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    let before = scratch.content();
    office.is_renamed("https://other.example");
    office.pass(900);
    let session = office.opened(&scratch.file());
    let error = session.token().await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "issuer_mismatch"));
    assert!(error.to_string().contains("https://other.example"), "{error}");
    assert_eq!((office.asked().len(), scratch.content()), (1, before));
    office.is_renamed(&office.url);
    office.pass(60);
    assert_eq!(text(&session).await, "token-2");
}

#[tokio::test]
async fn a_wrong_clock_is_told_as_such() {
    for reason in ["dpop_proof_too_old", "dpop_proof_in_future"] {
        let office = Office::start().await;
        office.says(400, &[], &format!(r#"{{"error":"invalid_dpop_proof","reason":"{reason}"}}"#));
        let error = office.session().token().await.unwrap_err();
        assert_eq!(error.reason(), reason);
        assert!(error.to_string().ends_with("the clock of this machine is wrong: set it"), "{error}");
    }
}
