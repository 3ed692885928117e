use super::*;

const POINTER: &str =
    "resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource/billing\"";
const ALGS: &str = "algs=\"EdDSA Ed25519 ES256\"";

fn challenges(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.get_all(header::WWW_AUTHENTICATE).iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_bound_token_as_bearer_is_refused_with_or_without_a_proof() {
    let (app, token) = (app(told()), bound(1));
    for proofs in [vec![], vec![proof(RIGHT, &token)]] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let answer = send(&app, under("Bearer", "/records", &token, &proofs)).await;
        assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, "proof_required"));
        let told = "the token is not accepted: proof_required";
        let expected =
            format!("DPoP {POINTER}, error=\"invalid_token\", error_description=\"{told}\", {ALGS}");
        assert_eq!(challenges(&answer), [expected]);
    }
    // Where nobody asks for proofs, all is as ever.
    let answer = send(&super::super::guard(routes()), under("Bearer", "/records", &token, &[])).await;
    assert_eq!(answer.reason(), "proof_required");
    assert!(answer.challenge().starts_with("Bearer "));
}

#[tokio::test]
async fn a_token_that_is_bound_to_nothing_or_to_another_key_is_refused_under_dpop() {
    let app = app(told());
    let plain = token("records:read").sign();
    let answer = send(&app, under("DPoP", "/records", &plain, &[&proof(RIGHT, &plain)])).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, "token_not_bound"));
    let answer = shown(&app, Said { key: 2, ..RIGHT }).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, "other_key_proved"));
    assert_eq!(answer.json()["error"], "invalid_token");
    assert!(answer.challenge().starts_with("DPoP ") && answer.challenge().ends_with(ALGS));
    // What was let in once, and is remembered as good, is asked for its proof again.
    assert_eq!(shown(&app, RIGHT).await.status, 200);
    assert_eq!(shown(&app, Said { key: 2, jti: "two", ..RIGHT }).await.reason(), "other_key_proved");
    let answer = send(&app, under("Bearer", "/records", &bound(1), &[])).await;
    assert_eq!(answer.reason(), "proof_required");
    let certificate =
        token("records:read").claim("cnf", json!({ "x5t#S256": jwk::thumbprint(&key(1).public()) })).sign();
    let answer = send(&app, under("DPoP", "/records", &certificate, &[&proof(RIGHT, &certificate)])).await;
    assert_eq!(answer.reason(), "other_key_proved");
}

#[tokio::test]
async fn a_proof_is_there_once_and_for_this_request_and_this_token() {
    let (app, token) = (app(told()), bound(1));
    let good = proof(RIGHT, &token);
    let late = Duration::from_secs(61);
    let ahead = Draft {
        request: Called { method: "GET", url: RIGHT.url, access_token: Some(&token) },
        jti: "ahead",
        iat: issuer().now().plus(late),
        nonce: None,
    };
    let cases: [(Vec<String>, &str); 9] = [
        (vec![], "dpop_proof_missing"),
        (vec![good.clone(), good.clone()], "dpop_proof_repeated"),
        (vec!["nonsense".into()], "dpop_proof_malformed"),
        (vec![proof(Said { method: "POST", ..RIGHT }, &token)], "dpop_method_mismatch"),
        (vec![proof(Said { url: "https://api.example.com/other", ..RIGHT }, &token)], "dpop_url_mismatch"),
        (vec![proof(RIGHT, "another-token")], "dpop_token_mismatch"),
        (vec![proof(Said { late, ..RIGHT }, &token)], "dpop_proof_too_old"),
        (vec![ahead.sign(&key(1))], "dpop_proof_in_future"),
        (vec![format!("{}A", &good[..good.len() - 1])], "dpop_signature_invalid"),
    ];
    for (proofs, reason) in cases {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let answer = send(&app, under("DPoP", "/records", &token, &proofs)).await;
        assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, reason));
        let told = format!("the DPoP proof is not accepted: {reason}");
        let expected =
            format!("DPoP {POINTER}, error=\"invalid_dpop_proof\", error_description=\"{told}\", {ALGS}");
        assert_eq!(challenges(&answer), [expected]);
        assert!(answer.header("dpop-nonce").is_none());
    }
    // None of them used the good one up.
    assert_eq!(send(&app, under("DPoP", "/records", &token, &[&good])).await.status, 200);
}

#[tokio::test]
async fn whoever_brings_nothing_is_invited_by_every_scheme_that_is_taken() {
    let scope = "scope=\"records:read\"";
    let bearer = format!("Bearer {POINTER}, {scope}");
    let dpop = format!("DPoP {POINTER}, {scope}, {ALGS}");
    let answer = super::super::get(&app(told()), "/records", None).await;
    assert_eq!((answer.reason().as_str(), challenges(&answer)), ("token_missing", vec![&*bearer, &*dpop]));
    let proven = app(told().unbound(Unbound::Refuse));
    let answer = super::super::get(&proven, "/records", None).await;
    assert_eq!((answer.reason().as_str(), challenges(&answer)), ("token_missing", vec![&*dpop]));
    let plain = token("records:read").sign();
    let answer = super::super::get(&proven, "/records", Some(&plain)).await;
    assert_eq!((answer.reason().as_str(), challenges(&answer)), ("scheme_not_dpop", vec![&*dpop]));
    assert!(answer.body.contains("Authorization: DPoP <token>"), "{answer:?}");
    assert_eq!(shown(&proven, RIGHT).await.status, 200);
    // And without any of this, the scheme is a strange one.
    let token = bound(1);
    let request = under("DPoP", "/records", &token, &[&proof(RIGHT, &token)]);
    let answer = send(&super::super::guard(routes()), request).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, "dpop_not_taken"));
    assert!(answer.challenge().starts_with("Bearer ") && answer.body.contains("without a DPoP proof"));
}

#[tokio::test]
async fn a_missing_scope_is_told_under_the_scheme_of_the_token() {
    let (app, token) = (app(told()), bound(1));
    let said = Said { method: "POST", ..RIGHT };
    let mut request = under("DPoP", "/records", &token, &[&proof(said, &token)]);
    *request.method_mut() = http::Method::POST;
    let answer = send(&app, request).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (403, "insufficient_scope"));
    assert!(
        answer.challenge().starts_with("DPoP ") && answer.challenge().contains("scope=\"records:write\"")
    );
}
