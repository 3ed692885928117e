//! What a 403 for a missing scope says.

use super::{METADATA_URL, get, guard, issuer, ok, token, verifier_of};
use chancery_verifier::guard::{self, Guarded, Router, ScopeDisclosure};
use chancery_verifier::{Verifier, scope};
use serde_json::json;

fn routes() -> Router {
    Router::new()
        .route("/refunds", guard::get([scope!("orders:read"), scope!("refunds:create")], ok))
        .route("/orders", guard::get(scope!("orders:read"), ok))
}

fn app_with(configured: impl FnOnce(Verifier) -> Verifier) -> Guarded {
    let verifier = configured(super::verifier_without_keys(&issuer()));
    verifier.install_keys(issuer().keys()).unwrap();
    routes().guard(verifier).unwrap()
}

#[tokio::test]
async fn r41_a_missing_scope_is_named_and_linked_to_its_documentation() {
    let app = guard(routes());
    let answer = get(&app, "/refunds", Some(&token("orders:read").sign())).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json(),
        json!({
            "error": "insufficient_scope",
            "reason": "insufficient_scope",
            "error_description": "the token does not carry every scope that this needs",
            "required": ["orders:read", "refunds:create"],
            "missing": ["refunds:create"],
            "documentation": "https://auth.example.com/scopes#refunds:create",
        })
    );
}

#[tokio::test]
async fn r_5_1_the_challenge_names_exactly_what_the_route_needs() {
    let answer = get(&guard(routes()), "/refunds", Some(&token("orders:read").sign())).await;
    let parameters = "error=\"insufficient_scope\", \
        error_description=\"the token does not carry every scope that this needs\", scope=\"orders:read refunds:create\"";
    assert_eq!(answer.challenge(), format!("Bearer resource_metadata=\"{METADATA_URL}\", {parameters}"));
    assert_eq!(answer.headers.get_all("www-authenticate").iter().count(), 1);
}

#[tokio::test]
async fn r32_several_scopes_mean_all_of_them() {
    let app = guard(routes());
    for (scope, status) in [
        ("records:read", 403),
        ("orders:read", 403),
        ("refunds:create", 403),
        ("refunds:create orders:read", 200),
        ("a:b refunds:create c:d orders:read e:f", 200),
    ] {
        assert_eq!(get(&app, "/refunds", Some(&token(scope).sign())).await.status, status, "{scope}");
    }
    let answer = get(&app, "/refunds", Some(&token("records:read").sign())).await;
    assert_eq!(answer.json()["missing"], json!(["orders:read", "refunds:create"]));
    assert_eq!(answer.json()["documentation"], "https://auth.example.com/scopes#orders:read");
}

#[tokio::test]
async fn r_5_2_a_scope_that_only_looks_alike_does_not_open_a_route() {
    let app = guard(routes());
    for scope in ["order:read", "orders:reads", "orders:rea", "orders:read-all", "orders2:read"] {
        assert_eq!(get(&app, "/orders", Some(&token(scope).sign())).await.status, 403, "{scope}");
    }
    for scope in ["orders:*", "*:*", "ORDERS:READ", "orders:read ", ""] {
        let answer = get(&app, "/orders", Some(&token(scope).sign())).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["claim"].as_str()),
            (401, Some("scope")),
            "{scope:?}"
        );
    }
}

#[tokio::test]
async fn the_documentation_link_follows_the_scope_reference() {
    let app = app_with(|verifier| verifier.scope_reference("https://docs.example.com/api/scopes"));
    let answer = get(&app, "/orders", Some(&token("records:read").sign())).await;
    assert_eq!(answer.json()["documentation"], "https://docs.example.com/api/scopes#orders:read");
}

#[tokio::test]
async fn r_5_1_scopes_can_be_hidden() {
    let app = app_with(|verifier| verifier.scope_disclosure(ScopeDisclosure::Hide));
    let forbidden = get(&app, "/orders", Some(&token("records:read").sign())).await;
    let missing = get(&app, "/orders", None).await;
    let metadata = get(&app, super::METADATA_PATH, None).await;
    assert_eq!((forbidden.status.as_u16(), forbidden.reason().as_str()), (403, "insufficient_scope"));
    assert!(forbidden.challenge().contains("error=\"insufficient_scope\""), "{}", forbidden.challenge());
    for answer in [forbidden, missing, metadata] {
        for part in ["orders", "scope=", "required", "documentation\"", "scopes_supported"] {
            let told =
                format!("{} {}", answer.challenge(), answer.body.replace("resource_documentation", ""));
            assert!(!told.contains(part), "{part}: {told}");
        }
    }
}

#[tokio::test]
async fn a_verifier_serves_several_guards() {
    let verifier = verifier_of(&issuer());
    let (orders, refunds) = (routes().guard(verifier.clone()).unwrap(), routes().guard(verifier).unwrap());
    let token = token("orders:read").sign();
    assert_eq!(get(&orders, "/orders", Some(&token)).await.status, 200);
    assert_eq!(get(&refunds, "/refunds", Some(&token)).await.status, 403);
}
