//! The protected-resource metadata (RFC 9728).

use super::{AUDIENCE, ISSUER, METADATA_PATH, METADATA_URL, fetch, get, guard, ok, serve, verifier_of};
use chancery_verifier::guard::{self, Router, public};
use chancery_verifier::scope;
use chancery_verifier::testing::TestIssuer;
use serde_json::json;

fn routes() -> Router {
    Router::new()
        .route(
            "/a",
            guard::get(scope!("orders:read"), ok).post([scope!("refunds:create"), scope!("orders:read")], ok),
        )
        .route("/healthz", guard::get(public("liveness probe"), ok))
}

#[tokio::test]
async fn the_metadata_tell_where_tokens_come_from_and_what_they_can_be_for() {
    let address = serve(guard(routes())).await;
    let answer = fetch(address, "GET", METADATA_PATH, None).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(
        answer.json(),
        json!({
            "resource": AUDIENCE,
            "authorization_servers": [ISSUER],
            "scopes_supported": ["orders:read", "refunds:create"],
            "bearer_methods_supported": ["header"],
            "resource_documentation": "https://auth.example.com/scopes",
        })
    );
    let head = fetch(address, "HEAD", METADATA_PATH, None).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
    assert_eq!(fetch(address, "POST", METADATA_PATH, None).await.status, 405);
    assert_eq!(fetch(address, "GET", "/.well-known/oauth-protected-resource", None).await.status, 404);
}

#[tokio::test]
async fn the_challenge_leads_to_the_metadata() {
    let app = guard(routes());
    let challenge = get(&app, "/a", None).await;
    assert!(
        challenge.challenge().contains(&format!("resource_metadata=\"{METADATA_URL}\"")),
        "{challenge:?}"
    );
    assert_eq!(METADATA_URL, format!("https://api.example.com{}", app.metadata_path().unwrap()));
}

#[tokio::test]
async fn an_audience_that_is_no_url_has_no_metadata() {
    let app = routes().guard(verifier_of(&TestIssuer::new(ISSUER, "billing"))).unwrap();
    assert_eq!(app.metadata_path(), None);
    assert_eq!(app.table().rows().len(), routes().table().rows().len());
    assert_eq!(get(&app, "/.well-known/oauth-protected-resource", None).await.status, 404);
    assert_eq!(get(&app, "/a", None).await.challenge(), "Bearer realm=\"billing\", scope=\"orders:read\"");
}

#[tokio::test]
async fn an_audience_without_a_path_has_its_metadata_at_the_root() {
    for audience in ["http://127.0.0.1:8421", "http://127.0.0.1:8421/"] {
        let app = routes().guard(verifier_of(&TestIssuer::new(ISSUER, audience))).unwrap();
        let answer = get(&app, "/.well-known/oauth-protected-resource", None).await;
        assert_eq!(answer.json()["resource"], audience);
    }
}
