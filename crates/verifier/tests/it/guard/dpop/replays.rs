use super::*;

#[tokio::test]
async fn a_proof_that_was_shown_is_worth_nothing() {
    let app = app(told());
    assert_eq!(shown(&app, RIGHT).await.status, 200);
    let again = shown(&app, RIGHT).await;
    assert_eq!((again.status.as_u16(), again.reason().as_str()), (401, "dpop_proof_replayed"));
    assert_eq!(again.json()["error"], "invalid_dpop_proof");
    // The same identifier by another holder, or for another address, is another proof.
    let elsewhere = Said { url: "https://api.example.com/deep/records", method: "POST", ..RIGHT };
    let token = bound(1);
    let mut request = under("DPoP", "/deep/records", &token, &[&proof(elsewhere, &token)]);
    *request.method_mut() = http::Method::POST;
    assert_eq!(send(&app, request).await.status, 200);
    let theirs = bound(2);
    let request = under("DPoP", "/records", &theirs, &[&proof(Said { key: 2, ..RIGHT }, &theirs)]);
    assert_eq!(send(&app, request).await.status, 200);
}

#[tokio::test]
async fn a_proof_that_came_with_a_refused_request_was_not_used_up() {
    let app = app(told());
    let over = token("records:read")
        .claim("cnf", json!({ "jkt": jwk::thumbprint(&key(1).public()) }))
        .time("iat", issuer().now().minus(Duration::from_hours(2)))
        .time("exp", issuer().now().minus(Duration::from_hours(1)))
        .sign();
    let once = proof(RIGHT, &over);
    for _ in 0..2 {
        assert_eq!(send(&app, under("DPoP", "/records", &over, &[&once])).await.reason(), "expired");
    }
}

#[tokio::test]
async fn where_there_is_no_room_for_more_proofs_the_door_is_shut() {
    let app = app(told().replay_bytes(0));
    let mut seen = [0, 0];
    for number in 0..64 {
        let jti = number.to_string();
        let answer = shown(&app, Said { jti: &jti, ..RIGHT }).await;
        if answer.status == 200 {
            seen[0] += 1;
        } else {
            assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (503, "dpop_proofs_full"));
            assert!(answer.header(header::RETRY_AFTER).is_some() && answer.challenge().is_empty());
            seen[1] += 1;
        }
    }
    assert!((1..=16).contains(&seen[0]) && seen[1] >= 48, "{seen:?}");
}
