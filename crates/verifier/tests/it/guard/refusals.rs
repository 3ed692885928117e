//! Tokens that are not accepted, and verifiers that cannot judge.

use super::{Answer, METADATA_URL, get, guard, issuer, ok, token, verifier_of, verifier_without_keys, whose};
use chancery_verifier::guard::{self, Guarded, Router};
use chancery_verifier::scope;
use chancery_verifier::testing::TestIssuer;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use std::time::Duration;

fn routes() -> Router {
    Router::new().route("/a", guard::get(scope!("records:read"), ok))
}

async fn answer(app: &Guarded, token: &str) -> Answer {
    get(app, "/a", Some(token)).await
}

#[tokio::test]
async fn r41_a_bad_token_is_401_and_never_looks_like_a_missing_scope() {
    let other = TestIssuer::new("https://other.example.com", super::AUDIENCE).key_number(2);
    let an_hour_ago = issuer().now().minus(Duration::from_hours(1));
    // Without the scope of the route, so that the order of the checks shows.
    let token = || token("other:read");
    for (token, reason) in [
        (token().lifetime(Duration::from_secs(0)).sign(), "ends_before_it_begins"),
        (
            token().time("iat", an_hour_ago).time("exp", an_hour_ago.plus(Duration::from_mins(1))).sign(),
            "expired",
        ),
        (token().claim("aud", "https://api.example.com").sign(), "audience_mismatch"),
        (token().claim("iss", "https://other.example.com").sign(), "issuer_mismatch"),
        (token().claim("env", "test").sign(), "environment_mismatch"),
        (token().without("exp").sign(), "claim_missing"),
        (token().lifetime(Duration::from_hours(2)).sign(), "lifetime_too_long"),
        (token().signed_by(&other).sign(), "signature_invalid"),
        (token().unsigned(), "alg_none"),
        (other.token().sign(), "unknown_key"),
        (token().header("typ", "JWT").sign(), "typ_not_access_token"),
    ] {
        let answer = answer(&guard(routes()), &token).await;
        assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, reason));
        assert_eq!(answer.json()["error"], "invalid_token");
        let said =
            format!("error=\"invalid_token\", error_description=\"the token is not accepted: {reason}\"");
        assert_eq!(answer.challenge(), format!("Bearer resource_metadata=\"{METADATA_URL}\", {said}"));
        assert!(!answer.body.contains("scope") || reason == "claim_missing", "{}", answer.body);
    }
}

#[tokio::test]
async fn r_4_5_the_evidence_stays_out_of_the_answer() {
    let secretive = token("records:read").claim("aud", "https://internal-name.example.com").sign();
    let answer = answer(&guard(routes()), &secretive).await;
    assert_eq!(answer.reason(), "audience_mismatch");
    assert!(!format!("{answer:?}").contains("internal-name"), "{answer:?}");
}

#[tokio::test]
async fn the_claim_at_fault_is_named() {
    let answer = answer(&guard(routes()), &token("records:read").without("tenant").sign()).await;
    assert_eq!(
        (answer.reason().as_str(), answer.json()["claim"].as_str()),
        ("claim_missing", Some("tenant"))
    );
}

#[tokio::test]
async fn without_keys_the_fault_is_ours_and_never_401() {
    let app = routes().guard(verifier_without_keys(&issuer())).unwrap();
    let answer = answer(&app, &token("records:read").sign()).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (503, "keys_unavailable"));
    assert_eq!(answer.header(RETRY_AFTER), Some("5"));
    assert_eq!(answer.challenge(), "");
    assert_eq!(get(&app, "/a", None).await.status, 401);
}

#[tokio::test]
async fn keys_that_are_too_old_are_no_keys() {
    let verifier = verifier_without_keys(&issuer());
    verifier.install_keys_until(issuer().keys(), issuer().now()).unwrap();
    let answer = answer(&routes().guard(verifier).unwrap(), &token("records:read").sign()).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (503, "keys_unavailable"));
}

#[tokio::test]
async fn every_refusal_is_json_that_nobody_stores() {
    let app = guard(routes());
    let unready = routes().guard(verifier_without_keys(&issuer())).unwrap();
    let good = token("records:read").sign();
    for answer in [
        get(&app, "/a", None).await,
        answer(&app, "=").await,
        answer(&app, "abc").await,
        answer(&app, &token("other:read").sign()).await,
        answer(&unready, &good).await,
    ] {
        assert_eq!(answer.header(CACHE_CONTROL), Some("no-store"), "{answer:?}");
        assert_eq!(answer.header(CONTENT_TYPE), Some("application/json"), "{answer:?}");
        assert!(!answer.reason().is_empty() && answer.json()["error_description"].is_string(), "{answer:?}");
    }
    assert_eq!(answer(&app, &good).await.header(CACHE_CONTROL), None);
}

#[tokio::test]
async fn two_guards_for_two_audiences_do_not_take_each_others_tokens() {
    let [billing, support] = ["https://billing.example.com", "https://support.example.com"]
        .map(|audience| TestIssuer::new("https://auth.example.com", audience));
    let app = |issuer: &TestIssuer| {
        let routes = Router::new().route("/a", guard::get(scope!("records:read"), whose));
        routes.guard(verifier_of(issuer)).unwrap()
    };
    for (home, away) in [(&billing, &support), (&support, &billing)] {
        let token = home.token().sign();
        assert_eq!(answer(&app(home), &token).await.status, 200);
        let refused = answer(&app(away), &token).await;
        assert_eq!((refused.status.as_u16(), refused.reason().as_str()), (401, "audience_mismatch"));
        assert!(refused.challenge().contains(away.audience()), "{}", refused.challenge());
    }
}
